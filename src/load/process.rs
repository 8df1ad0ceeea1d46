//! The resources of a process, as `/proc` reports them.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::error::LoadError;

/// Linux counts the times in `/proc` in units of `USER_HZ`, which is 100 per second on every
/// architecture that Rust supports (it is part of the ABI, not the kernel's own tick).
const TICK: Duration = Duration::from_millis(10);

/// The process to look at.
#[derive(Clone, Debug)]
pub(super) struct Process {
    folder: PathBuf,
}

impl Process {
    /// The process with this number.
    pub(super) fn numbered(pid: u32) -> Process {
        Process::at(format!("/proc/{pid}"))
    }

    /// The process whose `stat`, `status` and `fd` are in this folder.
    pub(super) fn at(folder: impl Into<PathBuf>) -> Process {
        Process { folder: folder.into() }
    }

    /// User and system time so far, of all threads.
    pub(super) fn cpu_time(&self) -> Result<Duration, LoadError> {
        let stat = self.read("stat")?;
        parse_cpu_time(&stat).ok_or_else(|| self.unreadable("stat"))
    }

    /// Resident memory, in bytes.
    pub(super) fn resident(&self) -> Result<u64, LoadError> {
        let status = self.read("status")?;
        parse_resident(&status).ok_or_else(|| self.unreadable("status"))
    }

    /// The number of open descriptors.
    pub(super) fn descriptors(&self) -> Result<u64, LoadError> {
        let path = self.path("fd");
        let entries = fs::read_dir(&path);
        let entries = entries.map_err(|error| LoadError::Request(format!("{path}: {error}")))?;
        Ok(entries.count() as u64)
    }

    fn path(&self, file: &str) -> String {
        self.folder.join(file).display().to_string()
    }

    fn read(&self, file: &str) -> Result<String, LoadError> {
        let path = self.path(file);
        fs::read_to_string(&path).map_err(|error| LoadError::Request(format!("{path}: {error}")))
    }

    fn unreadable(&self, file: &str) -> LoadError {
        LoadError::Request(format!("{}: not in the expected form", self.path(file)))
    }
}

/// `utime` and `stime`, the 14th and 15th fields. The second, the name in parentheses, may itself
/// hold spaces and parentheses, so counting starts after the last one.
fn parse_cpu_time(stat: &str) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(TICK * user + TICK * system)
}

fn parse_resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::{Process, parse_cpu_time, parse_resident};
    use crate::instruments::Instruments;
    use std::time::Duration;

    #[test]
    fn cpu_time_skips_a_difficult_name() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194560 1 2 3 4 250 50 0 0 20 0 1 0 99";
        assert_eq!(parse_cpu_time(stat), Some(Duration::from_secs(3)));
        assert_eq!(parse_cpu_time("7 (short) S 1"), None);
    }

    #[test]
    fn resident_memory_is_in_bytes() {
        assert_eq!(parse_resident("Name:\tx\nVmRSS:\t    12 kB\n"), Some(12 * 1024));
        assert_eq!(parse_resident("Name:\tx\n"), None);
    }

    /// The kernel's own clock is the truth; it is read before and after, so that no pause matters.
    #[test]
    fn the_time_of_a_process_is_what_its_clock_says() {
        let (own, clock) = (Process::numbered(std::process::id()), Instruments::of_the_system());
        // Two readings of 100 per second, for user and system, each a tick short at most.
        let slack = 2 * super::TICK;
        while clock.own_cpu() < 10 * slack {
            std::hint::black_box(0);
        }
        let least = clock.own_cpu();
        let read = own.cpu_time().expect("/proc/PID/stat");
        let most = clock.own_cpu();
        assert!(read + slack >= least && read <= most + slack, "{least:?} {read:?} {most:?}");
    }

    #[test]
    fn memory_and_descriptors_of_a_process_grow_with_what_it_takes() {
        let own = Process::numbered(std::process::id());
        let files: Vec<_> =
            (0..200).map(|_| std::fs::File::open("/dev/null").expect("it is there")).collect();
        assert!(own.descriptors().expect("/proc/PID/fd") > files.len() as u64);
        let (size, taken) = (64 << 20, 64 << 20);
        let bytes = std::hint::black_box(vec![1_u8; size]);
        let resident = own.resident().expect("/proc/PID/status");
        assert!(resident > taken && bytes.len() == size, "{resident}");
    }

    #[test]
    fn a_process_that_cannot_be_read_is_named() {
        let error = Process::at("/nowhere").cpu_time().expect_err("no such folder").to_string();
        assert!(error.contains("/nowhere/stat"), "{error}");
    }
}
