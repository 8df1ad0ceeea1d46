//! Clients of the lobby that have no name yet: whether they hear, and that they block no other
//! client.

use super::attempt::{Attempt, Played};
use std::time::{Duration, Instant};

/// How long another client sends lines to a client that may not hear yet, at `--patience 1`.
const TALK: Duration = Duration::from_millis(1500);
const BETWEEN_LINES: Duration = Duration::from_millis(40);
/// Maximum number of these lines.
const LINES_MAX: usize = 200;

/// More than the system's buffers take for a client that does not read.
const KILOBYTES: usize = 6000;

/// The client takes the name `user` and is heard, so the server knows it.
fn enters(attempt: &mut Attempt<'_>, who: &str, user: &str) -> Played {
    attempt.say(who, &format!(r"{{{user}}}\nin\n"))?;
    attempt.sees(who, &format!(r"{{{user}}}{{=colon}}in\n"))
}

/// Whether a client hears from its connection on, or from its name on.
///
/// The suite cannot observe when a server begins to send lines to a new connection. So another
/// client sends lines until the unnamed client hears one, and from then on it must hear every line.
/// If it has received nothing by the time it has a name, it does not hear before.
pub(super) fn hears(attempt: &mut Attempt<'_>) -> Played {
    enters(attempt, "a", "ann")?;
    attempt.connect("b")?;
    // Connections are accepted in order: when the later one is served, the earlier one is known, or
    // soon will be.
    enters(attempt, "c", "cat")?;
    attempt.sees("a", r"{cat}{=colon}in\n")?;
    let until = attempt.bounds.until(TALK);
    let own = attempt.names.nonce.clone().into_bytes();
    let mut said = 0;
    while said < LINES_MAX && Instant::now() < until {
        said += 1;
        attempt.say("a", &format!(r"{said}\n"))?;
        attempt.sees("a", &format!(r"{{ann}}{{=colon}}{said}\n"))?;
        // Lines of other cases arrive too, and prove nothing.
        let wire = attempt.wire("b")?;
        wire.hear(Instant::now() + BETWEEN_LINES);
        if said > 3 && wire.ahead.windows(own.len()).any(|part| part == own) {
            break;
        }
    }
    attempt.say("b", r"{bob}\nin\n")?;
    let own_line = attempt.bytes(r"{bob}{=colon}in\n")?;
    let lines = (1..=said).map(|line| format!(r"{{ann}}{{=colon}}{line}\n"));
    let lines = [r"{cat}{=colon}in\n".to_owned()].into_iter().chain(lines);
    let heard: Played<Vec<_>> = lines.map(|line| attempt.bytes(&line)).collect();
    let heard = heard?;
    let allowed: Vec<&[u8]> = [&own_line].into_iter().chain(&heard).map(Vec::as_slice).collect();
    let first = attempt.one_of("b", &allowed)?;
    if first > 0 {
        for line in &heard[first..] {
            attempt.expect("b", line)?;
        }
        attempt.expect("b", &own_line)?;
    }
    attempt.expect("a", &own_line)?;
    attempt.say("a", r"last\n")?;
    attempt.sees("a", r"{ann}{=colon}last\n")?;
    attempt.proves("b", r"{ann}{=colon}last\n")?;
    attempt.findings.reading = Some(if first > 0 { "connected" } else { "named" }.to_owned());
    Ok(())
}

/// A client without a name does not read while others talk.
pub(super) fn stalls(attempt: &mut Attempt<'_>) -> Played {
    attempt.connect_as("mute", true)?;
    enters(attempt, "a", "ann")?;
    enters(attempt, "b", "bob")?;
    attempt.sees("a", r"{bob}{=colon}in\n")?;
    for number in 0..KILOBYTES {
        let line = format!(r"{number}{{x*1000}}\n");
        let events = attempt.transcript.events.len();
        attempt.say("a", &line)?;
        for who in ["a", "b"] {
            attempt.sees(who, &format!(r"{{ann}}{{=colon}}{line}"))?;
        }
        // A page full of kilobytes does not help the reader.
        attempt.transcript.events.truncate(events);
    }
    let talk = format!("says {KILOBYTES} kilobytes, line by line, which a and b see");
    attempt.transcript.note("a", talk);
    attempt.say("b", r"last\n")?;
    attempt.proves("b", r"{bob}{=colon}last\n")
}
