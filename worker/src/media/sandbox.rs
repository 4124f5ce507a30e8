//! What the child gives up before it reads media: privileges, paths and ports first, then resources and system calls.
//! The only place that knows about any of them.
//!
//! Two walls stand behind each other. Landlock takes away every path and port, and seccomp lets through only the calls
//! that decoders were seen to need. On a kernel without Landlock the second wall still refuses every open and connect.

use super::protocol::Order;
use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Compare, SeccompCondition, SeccompFilter,
    SeccompRule,
};
use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::channel;

/// Files that may be open at once; the pipes are three of them.
const OPEN_FILES_MAX: u64 = 16;
/// The newest Landlock whose rights are asked for; an older kernel gives those it has.
const LANDLOCK: ABI = ABI::V6;

/// Calls that do no harm whatever their arguments are.
const ALLOWED: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getrusage,
    libc::SYS_getrandom,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Calls that libraries try in passing (an allocator that looks for a setting, a log that looks for a terminal) and that
/// they can do without: refused, but no reason to die.
const REFUSED: &[libc::c_long] = &[
    libc::SYS_openat,
    libc::SYS_faccessat,
    libc::SYS_readlinkat,
    libc::SYS_statx,
    libc::SYS_getcwd,
    libc::SYS_ioctl,
    libc::SYS_fcntl,
    libc::SYS_prctl,
    libc::SYS_prlimit64,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lstat,
];

/// Gives up what no later thread may have: new privileges, dumps of memory that holds media, life after the parent,
/// every path and every port. Whatever is trusted and lies in a file must have been read before.
pub(super) fn renounce() -> io::Result<()> {
    control(libc::PR_SET_NO_NEW_PRIVS, 1)?;
    control(libc::PR_SET_DUMPABLE, 0)?;
    control(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong)?;
    paths_and_ports().map(|_| ())
}

/// Puts the limits on the process and the filter on all its threads, which must exist already.
pub(super) fn seal(order: Order) -> io::Result<()> {
    resource(libc::RLIMIT_CORE, 0, 0)?;
    resource(libc::RLIMIT_FSIZE, 0, 0)?;
    resource(libc::RLIMIT_NOFILE, OPEN_FILES_MAX, OPEN_FILES_MAX)?;
    resource(libc::RLIMIT_NPROC, 0, 0)?;
    // The soft limit sends SIGXCPU, which ends the child; the hard one is for a child that ignores it.
    resource(libc::RLIMIT_CPU, order.cpu_seconds, order.cpu_seconds.saturating_add(1))?;
    resource(libc::RLIMIT_AS, order.address_space_bytes, order.address_space_bytes)?;
    for program in filters().map_err(io::Error::other)? {
        seccompiler::apply_filter_all_threads(&program).map_err(io::Error::other)?;
    }
    Ok(())
}

/// What of the sandbox holds on this kernel: each part by name, with what is missing of it.
///
/// It is tried in a thread that ends afterwards, since both walls bind a thread and cannot be taken down again.
#[must_use]
pub fn holds() -> Vec<(&'static str, Option<String>)> {
    let (tell, told) = channel();
    let tried = std::thread::Builder::new().name("sandbox-trial".to_owned()).spawn(move || {
        let landlock = match control(libc::PR_SET_NO_NEW_PRIVS, 1).and_then(|()| paths_and_ports()) {
            Ok(RulesetStatus::FullyEnforced) => std::fs::File::open("/").is_ok().then(|| "/ still opens".to_owned()),
            Ok(RulesetStatus::PartiallyEnforced) => {
                Some("this kernel has a part of it; seccomp closes the rest".into())
            }
            Ok(RulesetStatus::NotEnforced) => Some("not in this kernel; seccomp alone closes paths and ports".into()),
            Err(error) => Some(error.to_string()),
        };
        let seccomp = filters().map_err(|error| error.to_string()).and_then(|programs| {
            programs
                .iter()
                .try_for_each(|program| seccompiler::apply_filter(program).map_err(|error| error.to_string()))
        });
        // The receiver waits for exactly this.
        let _gone = tell.send(vec![("sandbox: Landlock", landlock), ("sandbox: seccomp", seccomp.err())]).is_err();
    });
    match (tried, told.recv()) {
        (Ok(_), Ok(parts)) => parts,
        _ => vec![("sandbox", Some("could not be tried".to_owned()))],
    }
}

fn paths_and_ports() -> io::Result<RulesetStatus> {
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(LANDLOCK))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(LANDLOCK)))
        .and_then(|rules| rules.scope(Scope::from_all(LANDLOCK)))
        .map_err(io::Error::other)?;
    let status = rules.create().and_then(landlock::RulesetCreated::restrict_self).map_err(io::Error::other)?;
    Ok(status.ruleset)
}

/// One filter kills on any call that is in neither list; the other refuses those of the second list. The kernel takes
/// the stricter answer of the two.
fn filters() -> Result<[BpfProgram; 2], seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    rules.extend(REFUSED.iter().map(|call| (*call, Vec::new())));
    // Never memory that runs.
    let no_code = |argument| {
        let executable = libc::PROT_EXEC as u64;
        condition(argument, Compare::MaskedEq(executable), 0)
    };
    rules.insert(libc::SYS_mmap, vec![no_code(2)?]);
    rules.insert(libc::SYS_mprotect, vec![no_code(2)?]);
    // An abort sends its signal to itself, and nobody else gets one.
    rules.insert(libc::SYS_tgkill, vec![condition(0, Compare::Eq, u64::from(std::process::id()))?]);
    rules.insert(libc::SYS_newfstatat, Vec::new());
    let killing = SeccompFilter::new(
        rules,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?;

    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    // `fstat` is a `newfstatat` without a path; with one it would tell of files.
    let own = libc::AT_EMPTY_PATH as u64;
    rules.insert(libc::SYS_newfstatat, vec![condition(3, Compare::MaskedEq(own), 0)?]);
    // Asking once more for no new privileges comes before each filter.
    rules.insert(libc::SYS_prctl, vec![condition(0, Compare::Ne, libc::PR_SET_NO_NEW_PRIVS as u64)?]);
    let refusing = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
        std::env::consts::ARCH.try_into()?,
    )?;
    // The killing one comes last, since it lets no further filter be put in.
    Ok([refusing.try_into()?, killing.try_into()?])
}

fn condition(argument: u8, compare: Compare, value: u64) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(argument, Length::Dword, compare, value)?])
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
