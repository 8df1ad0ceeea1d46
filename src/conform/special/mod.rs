//! Cases that steps cannot express: crowds, floods, and the process itself. Each is bounded in time
//! and count, and plays in every dialect, since it speaks through a `Cast`.

mod burst;
mod cast;
mod crowd;
mod endings;
mod extensions;
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
use super::unnamed;

type Function = fn(&mut Attempt<'_>) -> Played;

/// The functions that case files may name in `runs: name`.
const FUNCTIONS: &[(&str, Function)] = &[
    ("hundred-clients", |attempt| crowd::crowd(attempt, 100)),
    ("hundred-departures", |attempt| crowd::departures(attempt, 100)),
    ("half-close", endings::half_close),
    ("flushed-at-the-end", endings::flushed),
    ("room-again", endings::room_again),
    ("line-limit", limits::line_limit),
    ("beyond-a-larger-limit", limits::beyond_a_larger_limit),
    ("first-line-in-time", limits::first_line),
    ("idle-clients", limits::idle),
    ("garbage", misuse::garbage),
    ("rapid-connections", misuse::rapid_connections),
    ("endless-line", misuse::endless_line),
    ("ghost", readers::ghost),
    ("stalled-room", readers::stalled_room),
    ("stopped-reader", readers::stopped_reader),
    ("no-silent-loss", readers::no_silent_loss),
    ("burst", burst::burst),
    ("answers-when-read", burst::answers_when_read),
    ("answers-not-read", burst::answers_not_read),
    ("prompt", prompt::prompt),
    ("prompt-in-a-crowd", prompt::prompt_in_a_crowd),
    ("history", |attempt| histories(attempt, 1, Size { rooms: 2, participants: 8, lines: 12 })),
    ("large-histories", |attempt| {
        histories(attempt, 4, Size { rooms: 3, participants: 32, lines: 30 })
    }),
    ("user-list", login::user_list),
    ("idle", login::idle),
    ("unnamed-hears", unnamed::hears),
    ("unnamed-stalls", unnamed::stalls),
    ("everybody-hears", members::everybody_hears),
    ("name-comes-free", members::name_comes_free),
    ("help", extensions::help),
    ("history-pages", extensions::pages),
    ("history-lines", extensions::lines),
    ("history-undisturbed", extensions::undisturbed),
    ("history-bound", extensions::bound),
    ("outlives-the-server", extensions::outlives_the_server),
    ("descriptors", usage::descriptors),
    ("memory", usage::memory),
    ("memory-of-misuse", usage::misuse),
    ("bad-argument", |attempt| process::bad_arguments(attempt, &["nonsense", "99999"], false)),
    ("almost-ports", |attempt| {
        process::bad_arguments(attempt, &["0", "65536", "+8080", "0x50", " 80", ""], false)
    }),
    ("bad-value-named", |attempt| process::bad_arguments(attempt, &["nonsense", "65536"], true)),
    ("shutdown-silent", |attempt| process::shutdown(attempt)?.1),
    ("shutdown-status", process::shutdown_status),
];

/// Plays the function that a case file names in `runs: name`.
pub(super) fn run(name: &str, attempt: &mut Attempt<'_>) -> Played {
    match FUNCTIONS.iter().find(|(known, _)| *known == name) {
        Some((_, function)) => function(attempt),
        None => Err(Trouble::Unknown(format!("the suite has no function {name}"))),
    }
}

/// Whether case files may use this name.
#[cfg(test)]
pub(super) fn is_known(name: &str) -> bool {
    FUNCTIONS.iter().any(|(known, _)| *known == name)
}

fn histories(attempt: &mut Attempt<'_>, count: u64, size: Size) -> Played {
    let (dialect, seed) = (attempt.setting.book.dialect, attempt.setting.seed);
    history::histories(dialect, attempt, (seed, count), size)
}
