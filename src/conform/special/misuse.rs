//! Input that no client should send, and that must not harm a server.

use super::cast::Cast;
use crate::attempt::{Attempt, Played};
use crate::random::Random;
use std::time::{Duration, Instant};

/// Checks that the server still serves. Where all clients hear each other, lines caused by earlier
/// input may still arrive: the clients here have another nonce, so that they ignore these.
fn still_here(attempt: &mut Attempt<'_>, mark: &str) -> Played {
    attempt.after_garbage = true;
    as_another(attempt, mark, |attempt| {
        Cast::of(attempt).play(
            attempt,
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
    attempt: &mut Attempt<'_>,
    mark: &str,
    play: impl FnOnce(&mut Attempt<'_>) -> Played,
) -> Played {
    let nonce = attempt.names.nonce.clone();
    attempt.names.nonce += mark;
    let played = play(attempt);
    attempt.names.nonce = nonce;
    played
}

/// Arbitrary bytes, before and after joining.
pub(super) fn garbage(attempt: &mut Attempt<'_>) -> Played {
    let mut random = Random::new(attempt.setting.seed);
    let mut cast = Cast::of(attempt);
    for number in 0..40 {
        let who = format!("g{number}");
        let length = 1 + random.below(3000);
        let mut bytes: Vec<u8> = (0..length).map(|_| random.below(256).to_le_bytes()[0]).collect();
        if number % 2 == 0 {
            // In a room, and not too long for one line.
            cast.play(attempt, &format!("{who} tries {who} in room2"))?;
        }
        bytes.push(b'\n');
        attempt.send(&who, &bytes)?;
        if number % 3 == 0 { attempt.reset(&who) } else { attempt.close(&who) }
    }
    still_here(attempt, "x")
}

pub(super) fn rapid_connections(attempt: &mut Attempt<'_>) -> Played {
    let mut cast = Cast::of(attempt);
    let (way_in, _) = &cast.voice.enter;
    let half = attempt.bytes(way_in.split(['{', ' ']).next().unwrap_or_default())?;
    // A server whose backlog is full costs a second for each connection.
    let until = attempt.bounds.until(Duration::from_secs(4));
    for number in (0..200).take_while(|_| Instant::now() < until) {
        attempt.connect("x")?;
        match number % 4 {
            0 => attempt.reset("x"),
            1 => attempt.close("x"),
            2 => {
                attempt.send("x", &half)?;
                attempt.reset("x");
            }
            _ => {
                cast.play(attempt, &format!("x tries x{number} in room2"))?;
                attempt.reset("x");
            }
        }
    }
    still_here(attempt, "y")
}

pub(super) fn endless_line(attempt: &mut Attempt<'_>) -> Played {
    const MEGABYTES: usize = 16;
    attempt.connect("flood")?;
    let until = attempt.bounds.until(Duration::from_secs(3));
    let chunk = vec![b'x'; 1024 * 1024];
    let mut total = 0;
    for _ in 0..MEGABYTES {
        let (sent, open) = attempt.wire("flood")?.flood(&chunk, until);
        total += sent;
        if !open || sent < chunk.len() {
            break;
        }
    }
    attempt.transcript.note("flood", format!("sends {total} bytes without LF"));
    still_here(attempt, "z")
}
