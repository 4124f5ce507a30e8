//! The disk that PostgreSQL and the objects share: a small file system of its own, which can be full.

use std::ffi::CString;
use std::fs;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::process::Command;

const SIZE_BYTES: u64 = 4 << 30;
/// What may still be written to a full disk: tmpfs counts in pages, and others write while it is measured.
const SPARE_BYTES: u64 = 64 << 10;
const FILL_TRIES: u32 = 20;

pub struct Disk {
    at: PathBuf,
    mounted: bool,
}

impl Disk {
    /// A tmpfs where this account may mount one, else a plain folder.
    pub fn at(at: PathBuf) -> Disk {
        fs::create_dir(&at).unwrap();
        let size = format!("size={SIZE_BYTES},mode=0755");
        let mounted = run("mount", &["-t", "tmpfs", "-o", &size, "drill"], &at);
        Disk { at, mounted }
    }

    pub fn path(&self) -> &Path {
        &self.at
    }

    pub fn is_of_our_own(&self) -> bool {
        self.mounted
    }

    /// Makes the disk as small as what is on it.
    pub fn fill(&self) {
        let filled = (0..FILL_TRIES).any(|_| self.resize(self.used_bytes() + SPARE_BYTES));
        assert!(filled, "the disk cannot be made small");
    }

    pub fn make_room(&self) {
        assert!(self.resize(SIZE_BYTES), "the disk cannot be made large again");
    }

    fn resize(&self, bytes: u64) -> bool {
        run("mount", &["-o", &format!("remount,size={bytes}")], &self.at)
    }

    fn used_bytes(&self) -> u64 {
        let path = CString::new(self.at.as_os_str().as_encoded_bytes()).unwrap();
        let mut found = MaybeUninit::<libc::statvfs>::uninit();
        // SAFETY: the path ends with a zero and statvfs fills the whole struct when it answers 0.
        let found = unsafe {
            assert_eq!(libc::statvfs(path.as_ptr(), found.as_mut_ptr()), 0, "the disk does not answer");
            found.assume_init()
        };
        (found.f_blocks - found.f_bfree) * found.f_frsize
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            // What still holds it open lets go when its process ends.
            run("umount", &["--lazy"], &self.at);
        }
    }
}

fn run(program: &str, arguments: &[&str], at: &Path) -> bool {
    let said = Command::new(program).args(arguments).arg(at).output();
    said.is_ok_and(|output| output.status.success())
}
