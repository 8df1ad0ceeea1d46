//! Cases that steps cannot say: crowds, floods, and the process itself. Each is bounded in time and count, and
//! plays in every dialect, since it speaks through a `Cast`.

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

use super::breach::Trouble;
use super::history::{self, Size};
use super::login;
use super::members;
use super::runner::Runner;
use super::stage::{Played, Stage};
use super::unnamed;

type Function = fn(&Runner<'_>, &mut Stage<'_>) -> Played;

/// What case files may call by `runs: name`.
const FUNCTIONS: &[(&str, Function)] = &[
    ("hundred-clients", |_, stage| crowd::crowd(stage, 100)),
    ("ten-clients", |_, stage| crowd::crowd(stage, 10)),
    ("half-close", |_, stage| endings::half_close(stage)),
    ("flushed-at-the-end", |_, stage| endings::flushed(stage)),
    ("room-again", |_, stage| endings::room_again(stage)),
    ("line-limit", |run, stage| limits::line_limit(run, stage)),
    ("first-line-in-time", |_, stage| limits::first_line(stage)),
    ("idle-clients", |_, stage| limits::idle(stage)),
    ("garbage", misuse::garbage),
    ("rapid-connections", |_, stage| misuse::rapid_connections(stage)),
    ("endless-line", |_, stage| misuse::endless_line(stage)),
    ("ghost", |_, stage| readers::ghost(stage)),
    ("stalled-room", |_, stage| readers::stalled_room(stage)),
    ("stopped-reader", |_, stage| readers::stopped_reader(stage)),
    ("no-silent-loss", |_, stage| readers::no_silent_loss(stage)),
    ("burst", |_, stage| burst::burst(stage)),
    ("answers-when-read", |_, stage| burst::answers_when_read(stage)),
    ("answers-not-read", burst::answers_not_read),
    ("prompt", |_, stage| prompt::prompt(stage)),
    ("prompt-in-a-crowd", |_, stage| prompt::prompt_in_a_crowd(stage)),
    ("history", |run, stage| {
        histories(run, stage, 1, Size { rooms: 2, participants: 8, lines: 12 })
    }),
    ("large-histories", |run, stage| {
        histories(run, stage, 4, Size { rooms: 3, participants: 32, lines: 30 })
    }),
    ("user-list", |_, stage| login::user_list(stage)),
    ("idle", login::idle),
    ("unnamed-hears", |_, stage| unnamed::hears(stage)),
    ("unnamed-stalls", |_, stage| unnamed::stalls(stage)),
    ("everybody-hears", |_, stage| members::everybody_hears(stage)),
    ("name-comes-free", |_, stage| members::name_comes_free(stage)),
    ("descriptors", usage::descriptors),
    ("memory", usage::memory),
    ("memory-of-misuse", usage::misuse),
    ("bad-argument", |run, _| process::bad_arguments(run, &["nonsense", "99999"], false)),
    ("almost-ports", |run, _| {
        process::bad_arguments(run, &["0", "65536", "+8080", "0x50", " 80", ""], false)
    }),
    ("bad-value-named", |run, _| process::bad_arguments(run, &["nonsense", "65536"], true)),
    ("shutdown-silent", |run, stage| process::shutdown(run, stage)?.1),
    ("shutdown-status", process::shutdown_status),
];

/// Plays the case that a file calls `runs: name`.
pub(super) fn run(name: &str, run: &Runner<'_>, stage: &mut Stage<'_>) -> Played {
    match FUNCTIONS.iter().find(|(known, _)| *known == name) {
        Some((_, function)) => function(run, stage),
        None => Err(Trouble::Unknown(format!("the suite has no function {name}"))),
    }
}

/// Whether case files may use this name.
#[cfg(test)]
pub(super) fn is_known(name: &str) -> bool {
    FUNCTIONS.iter().any(|(known, _)| *known == name)
}

fn histories(run: &Runner<'_>, stage: &mut Stage<'_>, count: u64, size: Size) -> Played {
    history::histories(run.book.dialect, stage, (run.manner.seed, count), size)
}
