//! The resources of a process, as `/proc` reports them.

use std::fs;
use std::time::Duration;

use super::error::LoadError;

/// Linux counts the times in `/proc` in units of `USER_HZ`, which is 100 per second on every
/// architecture that Rust supports (it is part of the ABI, not the kernel's own tick).
const TICK: Duration = Duration::from_millis(10);

/// The process to look at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Process {
    /// This process.
    Own,
    /// The process with this number.
    Number(u32),
}

impl Process {
    /// User and system time so far, of all threads.
    pub(super) fn cpu_time(self) -> Result<Duration, LoadError> {
        let stat = self.read("stat")?;
        parse_cpu_time(&stat).ok_or_else(|| self.unreadable("stat"))
    }

    /// Resident memory, in bytes.
    pub(super) fn resident(self) -> Result<u64, LoadError> {
        let status = self.read("status")?;
        parse_resident(&status).ok_or_else(|| self.unreadable("status"))
    }

    /// The number of open descriptors.
    pub(super) fn descriptors(self) -> Result<u64, LoadError> {
        let path = self.path("fd");
        let entries = fs::read_dir(&path);
        let entries = entries.map_err(|error| LoadError::Request(format!("{path}: {error}")))?;
        Ok(entries.count() as u64)
    }

    fn path(self, file: &str) -> String {
        match self {
            Process::Own => format!("/proc/self/{file}"),
            Process::Number(pid) => format!("/proc/{pid}/{file}"),
        }
    }

    fn read(self, file: &str) -> Result<String, LoadError> {
        let path = self.path(file);
        fs::read_to_string(&path).map_err(|error| LoadError::Request(format!("{path}: {error}")))
    }

    fn unreadable(self, file: &str) -> LoadError {
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

    #[test]
    fn this_process_can_be_read() {
        assert!(Process::Own.cpu_time().is_ok());
        assert!(Process::Own.descriptors().expect("/proc/self/fd") > 2);
        assert!(Process::Own.resident().expect("/proc/self/status") > 0);
    }
}
