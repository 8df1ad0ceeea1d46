//! What no client should do, and no server should mind.

use super::cast::Cast;
use crate::history::Random;
use crate::runner::Runner;
use crate::stage::{Played, Stage};
use std::time::Duration;

/// That the server still serves. Where everybody hears everybody there may be more to come of what was done
/// before: who comes now has another nonce, and need not mind.
fn still_here(stage: &mut Stage<'_>, mark: &str) -> Played {
    as_another(stage, mark, |stage| {
        Cast::of(stage).play(
            stage,
            "zoe joins zoe in room3
             zed joins zed in room3
             zoe sees zed join
             zoe says still here
             zed hears zoe: still here
             zoe echoes still here
             zed fence
             zoe resets
             zed resets",
        )
    })
}

/// Plays something as if it were another attempt.
pub(super) fn as_another(
    stage: &mut Stage<'_>,
    mark: &str,
    play: impl FnOnce(&mut Stage<'_>) -> Played,
) -> Played {
    let nonce = stage.names.nonce.clone();
    stage.names.nonce += mark;
    let played = play(stage);
    stage.names.nonce = nonce;
    played
}

/// Arbitrary bytes, before and after joining.
pub(super) fn garbage(run: &Runner<'_>, stage: &mut Stage<'_>) -> Played {
    let mut random = Random::new(run.manner.seed);
    let mut cast = Cast::of(stage);
    for number in 0..40 {
        let who = format!("g{number}");
        let length = 1 + random.below(3000);
        let mut bytes: Vec<u8> = (0..length).map(|_| random.below(256).to_le_bytes()[0]).collect();
        if number % 2 == 0 {
            // Inside a room, and not too long for one line.
            cast.play(stage, &format!("{who} tries {who} in room2"))?;
        }
        bytes.push(b'\n');
        stage.send(&who, &bytes)?;
        if number % 3 == 0 { stage.reset(&who) } else { stage.close(&who) }
    }
    still_here(stage, "x")
}

pub(super) fn rapid_connections(stage: &mut Stage<'_>) -> Played {
    let mut cast = Cast::of(stage);
    let (way_in, _) = &cast.voice.enter;
    let half = stage.bytes(way_in.split(['{', ' ']).next().unwrap_or_default())?;
    for number in 0..200 {
        stage.connect("x")?;
        match number % 4 {
            0 => stage.reset("x"),
            1 => stage.close("x"),
            2 => {
                stage.send("x", &half)?;
                stage.reset("x");
            }
            _ => {
                cast.play(stage, &format!("x tries x{number} in room2"))?;
                stage.reset("x");
            }
        }
    }
    still_here(stage, "y")
}

pub(super) fn endless_line(stage: &mut Stage<'_>) -> Played {
    const MEGABYTES: usize = 16;
    stage.connect("flood")?;
    let until = stage.bounds.until(Duration::from_secs(3));
    let chunk = vec![b'x'; 1024 * 1024];
    let mut total = 0;
    for _ in 0..MEGABYTES {
        let (sent, open) = stage.wire("flood")?.flood(&chunk, until);
        total += sent;
        if !open || sent < chunk.len() {
            break;
        }
    }
    stage.transcript.note("flood", format!("sends {total} bytes without LF"));
    still_here(stage, "z")
}
