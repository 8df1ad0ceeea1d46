//! What `/proc` says of a process.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// How many descriptors it has open.
pub fn descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).expect("the process is there").count()
}

/// How many of the numbers below `limit` are no open descriptors.
pub fn descriptors_free_below(pid: u32, limit: usize) -> usize {
    let is_open = |number: &usize| fs::symlink_metadata(format!("/proc/{pid}/fd/{number}")).is_ok();
    limit - (0..limit).filter(is_open).count()
}

/// The processor time it has used so far.
pub fn processor_time(pid: u32) -> Duration {
    let stat = read(pid, "stat");
    // The name, in parentheses, may have spaces; user and system time are the fields 14 and 15.
    let (_, fields) = stat.rsplit_once(')').expect("a name in parentheses");
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().expect("a number of ticks"))
        .sum();
    Duration::from_millis(10 * ticks)
}

/// The bytes it has in memory.
pub fn resident_bytes(pid: u32) -> usize {
    1024 * number_after(&read(pid, "status"), "VmRSS:", 0)
}

/// The bytes of addresses that it uses, in memory or not.
pub fn address_space_bytes(pid: u32) -> usize {
    1024 * number_after(&read(pid, "status"), "VmSize:", 0)
}

/// Its soft and its hard limit of open files.
pub fn descriptor_limits(pid: u32) -> (usize, usize) {
    let limits = read(pid, "limits");
    (number_after(&limits, "Max open files", 0), number_after(&limits, "Max open files", 1))
}

/// What there is to know of a thread.
pub struct Thread {
    pub name: String,
    /// `T` is stopped, `Z` ended.
    pub state: char,
    /// How often it has waited for something.
    pub waits: usize,
}

/// Its threads, by number; those that end meanwhile are none.
pub fn threads(pid: u32) -> BTreeMap<u32, Thread> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("the process is there");
    let thread = |task: fs::DirEntry| {
        let number = task.file_name().to_str()?.parse().ok()?;
        let status = fs::read_to_string(task.path().join("status")).ok()?;
        Some((number, Thread::of(&status)))
    };
    tasks.flatten().filter_map(thread).collect()
}

/// Whether the process has ended and was not waited for yet.
pub fn has_ended(pid: u32) -> bool {
    Thread::of(&read(pid, "status")).state == 'Z'
}

impl Thread {
    fn of(status: &str) -> Thread {
        let waits = number_after(status, "voluntary_ctxt_switches:", 0);
        let state = after(status, "State:").chars().next().expect("a state");
        Thread { name: after(status, "Name:").to_owned(), state, waits }
    }
}

fn read(pid: u32, file: &str) -> String {
    fs::read_to_string(format!("/proc/{pid}/{file}")).expect("the process is there")
}

fn number_after(text: &str, label: &str, index: usize) -> usize {
    let word = after(text, label).split_whitespace().nth(index);
    word.and_then(|word| word.parse().ok())
        .unwrap_or_else(|| panic!("no number after {label:?} in:\n{text}"))
}

fn after<'a>(text: &'a str, label: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(label));
    line.unwrap_or_else(|| panic!("no {label:?} in:\n{text}")).trim()
}
