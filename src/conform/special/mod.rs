//! Cases that steps cannot express: crowds, floods, and the process itself. Each is bounded in time
//! and count, and plays in every dialect, since it speaks through a `Cast`.

mod burst;
mod cast;
mod crowd;
mod endings;
mod limits;
mod misuse;
mod process;
mod prompt;
mod readers;
mod usage;

use super::attempt::{Attempt, Played};
use super::failure::Trouble;
use super::history::{self, Size};
use super::login;
use super::members;
use super::runner::Runner;
use super::unnamed;

type Function = fn(&Runner<'_>, &mut Attempt<'_>) -> Played;

/// The functions that case files may name in `runs: name`.
const FUNCTIONS: &[(&str, Function)] = &[
    ("hundred-clients", |_, attempt| crowd::crowd(attempt, 100)),
    ("ten-clients", |_, attempt| crowd::crowd(attempt, 10)),
    ("half-close", |_, attempt| endings::half_close(attempt)),
    ("flushed-at-the-end", |_, attempt| endings::flushed(attempt)),
    ("room-again", |_, attempt| endings::room_again(attempt)),
    ("line-limit", |run, attempt| limits::line_limit(run, attempt)),
    ("first-line-in-time", |_, attempt| limits::first_line(attempt)),
    ("idle-clients", |_, attempt| limits::idle(attempt)),
    ("garbage", misuse::garbage),
    ("rapid-connections", |_, attempt| misuse::rapid_connections(attempt)),
    ("endless-line", |_, attempt| misuse::endless_line(attempt)),
    ("ghost", |_, attempt| readers::ghost(attempt)),
    ("stalled-room", |_, attempt| readers::stalled_room(attempt)),
    ("stopped-reader", |_, attempt| readers::stopped_reader(attempt)),
    ("no-silent-loss", |_, attempt| readers::no_silent_loss(attempt)),
    ("burst", |_, attempt| burst::burst(attempt)),
    ("answers-when-read", |_, attempt| burst::answers_when_read(attempt)),
    ("answers-not-read", burst::answers_not_read),
    ("prompt", |_, attempt| prompt::prompt(attempt)),
    ("prompt-in-a-crowd", |_, attempt| prompt::prompt_in_a_crowd(attempt)),
    ("history", |run, attempt| {
        histories(run, attempt, 1, Size { rooms: 2, participants: 8, lines: 12 })
    }),
    ("large-histories", |run, attempt| {
        histories(run, attempt, 4, Size { rooms: 3, participants: 32, lines: 30 })
    }),
    ("user-list", |_, attempt| login::user_list(attempt)),
    ("idle", login::idle),
    ("unnamed-hears", |_, attempt| unnamed::hears(attempt)),
    ("unnamed-stalls", |_, attempt| unnamed::stalls(attempt)),
    ("everybody-hears", |_, attempt| members::everybody_hears(attempt)),
    ("name-comes-free", |_, attempt| members::name_comes_free(attempt)),
    ("descriptors", usage::descriptors),
    ("memory", usage::memory),
    ("memory-of-misuse", usage::misuse),
    ("bad-argument", |run, _| process::bad_arguments(run, &["nonsense", "99999"], false)),
    ("almost-ports", |run, _| {
        process::bad_arguments(run, &["0", "65536", "+8080", "0x50", " 80", ""], false)
    }),
    ("bad-value-named", |run, _| process::bad_arguments(run, &["nonsense", "65536"], true)),
    ("shutdown-silent", |run, attempt| process::shutdown(run, attempt)?.1),
    ("shutdown-status", process::shutdown_status),
];

/// Plays the function that a case file names in `runs: name`.
pub(super) fn run(name: &str, run: &Runner<'_>, attempt: &mut Attempt<'_>) -> Played {
    match FUNCTIONS.iter().find(|(known, _)| *known == name) {
        Some((_, function)) => function(run, attempt),
        None => Err(Trouble::Unknown(format!("the suite has no function {name}"))),
    }
}

/// Whether case files may use this name.
#[cfg(test)]
pub(super) fn is_known(name: &str) -> bool {
    FUNCTIONS.iter().any(|(known, _)| *known == name)
}

fn histories(run: &Runner<'_>, attempt: &mut Attempt<'_>, count: u64, size: Size) -> Played {
    history::histories(run.book.dialect, attempt, (run.manner.seed, count), size)
}
