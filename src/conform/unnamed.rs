//! Clients of the lobby that have no name yet: whether they hear, and that they stop nobody.

use super::stage::{Played, Stage};
use std::time::{Duration, Instant};

/// How long somebody talks to a client that may not hear yet, at `--patience 1`.
const TALK: Duration = Duration::from_millis(1500);
const BETWEEN_LINES: Duration = Duration::from_millis(40);
/// So many lines at most.
const LINES_MAX: usize = 200;

/// More than the buffers of the system take for a client that does not read.
const KILOBYTES: usize = 6000;

/// `who` takes the name `user` and is heard; so the server knows it.
fn enters(stage: &mut Stage<'_>, who: &str, user: &str) -> Played {
    stage.say(who, &format!(r"{{{user}}}\nin\n"))?;
    stage.sees(who, &format!(r"{{{user}}}{{=colon}}in\n"))
}

/// Whether a client hears from its connection on, or from its name on.
///
/// When a server begins to tell a new connection what is said cannot be seen: somebody talks until the
/// unnamed client hears, and from then on it must hear every line. One that was told nothing by the time
/// it has a name was not to hear before.
pub(super) fn hears(stage: &mut Stage<'_>) -> Played {
    enters(stage, "a", "ann")?;
    stage.connect("b")?;
    // Connections are accepted in order: when the later one is served the earlier one is known, or soon.
    enters(stage, "c", "cat")?;
    stage.sees("a", r"{cat}{=colon}in\n")?;
    let until = stage.bounds.until(TALK);
    let own = stage.names.nonce.clone().into_bytes();
    let mut said = 0;
    while said < LINES_MAX && Instant::now() < until {
        said += 1;
        stage.say("a", &format!(r"{said}\n"))?;
        stage.sees("a", &format!(r"{{ann}}{{=colon}}{said}\n"))?;
        // What is said in other cases is heard too, and is no sign.
        let wire = stage.wire("b")?;
        wire.hear(Instant::now() + BETWEEN_LINES);
        if said > 3 && wire.ahead.windows(own.len()).any(|part| part == own) {
            break;
        }
    }
    stage.say("b", r"{bob}\nin\n")?;
    let own_line = stage.bytes(r"{bob}{=colon}in\n")?;
    let lines = (1..=said).map(|line| format!(r"{{ann}}{{=colon}}{line}\n"));
    let lines = [r"{cat}{=colon}in\n".to_owned()].into_iter().chain(lines);
    let heard: Played<Vec<_>> = lines.map(|line| stage.bytes(&line)).collect();
    let heard = heard?;
    let allowed: Vec<&[u8]> = [&own_line].into_iter().chain(&heard).map(Vec::as_slice).collect();
    let first = stage.one_of("b", &allowed)?;
    if first > 0 {
        for line in &heard[first..] {
            stage.expect("b", line)?;
        }
        stage.expect("b", &own_line)?;
    }
    stage.expect("a", &own_line)?;
    stage.say("a", r"last\n")?;
    stage.sees("a", r"{ann}{=colon}last\n")?;
    stage.proves("b", r"{ann}{=colon}last\n")?;
    stage.findings.reading = Some(if first > 0 { "connected" } else { "named" }.to_owned());
    Ok(())
}

/// A client without a name that does not read, while others talk.
pub(super) fn stalls(stage: &mut Stage<'_>) -> Played {
    stage.connect_as("mute", true)?;
    enters(stage, "a", "ann")?;
    enters(stage, "b", "bob")?;
    stage.sees("a", r"{bob}{=colon}in\n")?;
    for number in 0..KILOBYTES {
        let line = format!(r"{number}{{x*1000}}\n");
        let events = stage.transcript.events.len();
        stage.say("a", &line)?;
        for who in ["a", "b"] {
            stage.sees(who, &format!(r"{{ann}}{{=colon}}{line}"))?;
        }
        // A page full of kilobytes helps nobody.
        stage.transcript.events.truncate(events);
    }
    let talk = format!("says {KILOBYTES} kilobytes, line by line, which a and b see");
    stage.transcript.note("a", talk);
    stage.say("b", r"last\n")?;
    stage.proves("b", r"{bob}{=colon}last\n")
}
