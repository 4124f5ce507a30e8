//! What the child gives up before it reads media: privileges first, then resources. The only place that knows about either.

use super::protocol::Order;
use std::io;

/// Files that may be open at once; the pipes are three of them.
const OPEN_FILES_MAX: u64 = 16;

/// Gives up what no later thread may have: new privileges, dumps of memory that holds media, and life after the parent.
pub(super) fn renounce() -> io::Result<()> {
    control(libc::PR_SET_NO_NEW_PRIVS, 1)?;
    control(libc::PR_SET_DUMPABLE, 0)?;
    control(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong)
}

/// Puts the limits on the process. Threads must exist already, as no process or thread can be made afterwards.
pub(super) fn limit(order: Order) -> io::Result<()> {
    resource(libc::RLIMIT_CORE, 0, 0)?;
    resource(libc::RLIMIT_FSIZE, 0, 0)?;
    resource(libc::RLIMIT_NOFILE, OPEN_FILES_MAX, OPEN_FILES_MAX)?;
    resource(libc::RLIMIT_NPROC, 0, 0)?;
    // The soft limit sends SIGXCPU, which ends the child; the hard one is for a child that ignores it.
    resource(libc::RLIMIT_CPU, order.cpu_seconds, order.cpu_seconds.saturating_add(1))?;
    resource(libc::RLIMIT_AS, order.address_space_bytes, order.address_space_bytes)
}

fn control(option: libc::c_int, value: libc::c_ulong) -> io::Result<()> {
    let zero: libc::c_ulong = 0;
    // SAFETY: these options of prctl take plain numbers and touch no memory of ours.
    let result = unsafe { libc::prctl(option, value, zero, zero, zero) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn resource(which: libc::__rlimit_resource_t, soft: u64, hard: u64) -> io::Result<()> {
    let wanted = libc::rlimit { rlim_cur: soft, rlim_max: hard };
    // SAFETY: the pointer is to a live, initialised struct of the type the call reads.
    let result = unsafe { libc::setrlimit(which, &raw const wanted) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
