//! What a decoder that was taken over would try, from inside the child: tests run it against the sandbox. Debug builds only.

use super::protocol::{self, Order};
use super::{Inspection, sandbox};
use std::ffi::CString;
use std::io::{self, Write};
use std::process::ExitCode;

/// Larger than any limit on the address space.
const BOMB_BYTES: usize = 64 << 30;
const PIECE_BYTES: usize = 1 << 20;
/// Where nothing has to listen: the refusal comes before the connection.
const ADDRESS: (&str, u16) = ("127.0.0.1", 9);

/// The body of the subcommand `attack WHAT photo|video`: enters the sandbox like an inspection, attacks, and reports what
/// the system answered. With the prefix `landlock-` the second wall is left out, so that the first one is seen alone.
#[must_use]
pub fn attacker_main(what: &str) -> ExitCode {
    match serve(what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(3),
    }
}

fn serve(what: &str) -> io::Result<()> {
    let order = Order::read(&mut io::stdin().lock())?;
    sandbox::renounce()?;
    let answer = match what.strip_prefix("landlock-") {
        Some(what) => attack(what),
        None => {
            sandbox::seal(order)?;
            attack(what)
        }
    };
    let said = match answer {
        Ok(()) => "succeeded".to_owned(),
        Err(error) => format!("refused: {error}"),
    };
    protocol::write(&mut io::stdout().lock(), &Inspection::not_assessed(said))
}

fn attack(what: &str) -> io::Result<()> {
    match what {
        "open" => std::fs::File::open("/etc/passwd").map(|_| ()),
        "list" => std::fs::read_dir("/").map(|_| ()),
        "look" => std::fs::metadata("/etc/shadow").map(|_| ()),
        "create" => std::fs::write(std::env::temp_dir().join("proofdesk-attack"), b"x"),
        "connect" => std::net::TcpStream::connect(ADDRESS).map(|_| ()),
        "fork" => process(),
        "exec" => exec(),
        "thread" => std::thread::Builder::new().spawn(|| ()).map(|_| ()),
        "signal" => signal(),
        "code" => code(),
        "memory" => memory(),
        "loop" => spin(),
        "flood" => flood(),
        _ => Err(io::Error::other("no such attack")),
    }
}

fn answered(result: libc::c_long) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn process() -> io::Result<()> {
    // SAFETY: where the call is let through, the child ends at once and touches nothing.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::_exit(0);
        }
        answered(libc::c_long::from(child))
    }
}

fn exec() -> io::Result<()> {
    let program = CString::new("/bin/true").map_err(io::Error::other)?;
    let arguments = [program.as_ptr(), std::ptr::null()];
    // SAFETY: both lists are alive and end with a null pointer; the call does not return when it succeeds.
    answered(libc::c_long::from(unsafe { libc::execv(program.as_ptr(), arguments.as_ptr()) }))
}

fn signal() -> io::Result<()> {
    // SAFETY: signal 0 only asks whether one could be sent.
    answered(libc::c_long::from(unsafe { libc::kill(libc::getppid(), 0) }))
}

fn code() -> io::Result<()> {
    let (rights, kind) = (libc::PROT_READ | libc::PROT_EXEC, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a fresh mapping that nothing uses.
    let page = unsafe { libc::mmap(std::ptr::null_mut(), 4096, rights, kind, -1, 0) };
    if page == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn memory() -> io::Result<()> {
    let mut bomb: Vec<Vec<u8>> = Vec::new();
    for _ in 0..BOMB_BYTES / PIECE_BYTES {
        let mut piece = Vec::new();
        piece.try_reserve_exact(PIECE_BYTES).map_err(io::Error::other)?;
        piece.resize(PIECE_BYTES, 1);
        bomb.push(piece);
    }
    Ok(())
}

fn spin() -> io::Result<()> {
    let mut turns: u64 = 0;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}

/// An artefact without end.
fn flood() -> io::Result<()> {
    let mut to = io::stdout().lock();
    loop {
        to.write_all(&[b'H'; PIECE_BYTES])?;
    }
}
