//! Limits: of a line, and of time.

use super::burst::poured;
use super::cast::{Cast, ours};
use crate::attempt::{Attempt, Played};
use crate::escapes::shown;
use crate::failure::Trouble;
use crate::pattern::{Agreement, Pattern};
use crate::wire::{Heard, Wire};
use std::time::{Duration, Instant};

/// Finds out the server's limit: what happens to a line of 20,000 bytes, and then to one with one
/// more byte.
pub(super) fn line_limit(attempt: &mut Attempt<'_>) -> Played {
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "ann joins ann\nbob joins bob\nann sees bob join")?;
    let accepts = |attempt: &mut Attempt<'_>, cast: &mut Cast<'_>, text: &str| -> Played<bool> {
        cast.play(attempt, &format!("ann says {text}"))?;
        match fate(attempt)? {
            Fate::Delivered => {}
            Fate::Refused => return Ok(false),
            Fate::Ignored => {
                let what = "a long line is neither delivered nor refused within 2 s";
                let allowed = "all of it is delivered, or the dialect's refusal and the end";
                return Err(Trouble::overdue(what, allowed));
            }
        }
        cast.play(attempt, &format!("bob hears ann: {text}\nann echoes {text}"))?;
        Ok(true)
    };
    let reading = if !accepts(attempt, &mut cast, "{x+20000}")? {
        "smaller"
    } else if accepts(attempt, &mut cast, "{y+20001}")? {
        "larger"
    } else {
        "20000"
    };
    if reading == "smaller" && attempt.setting.book.dialect == "rooms" {
        let what = "a line of 20,000 bytes is refused";
        return Err(Trouble::rule(what, "lines of up to 20,000 bytes, LF included, are delivered"));
    }
    attempt.findings.reading = Some(reading.to_owned());
    if reading != "larger" {
        cast.play(attempt, "ann sees too-long\nann closed\nbob sees ann leave")?;
    }
    cast.play(attempt, "bob fence")
}

/// What becomes of a long line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Delivered,
    /// The connection of its author has ended.
    Refused,
    /// Nothing happens.
    Ignored,
}

/// What becomes of ann's line: whether bob hears it before ann's connection ends.
fn fate(attempt: &mut Attempt<'_>) -> Played<Fate> {
    let until = attempt.bounds.until(Duration::from_secs(2));
    let step = Duration::from_millis(5);
    let own = attempt.names.nonce.clone().into_bytes();
    // Other clients may send lines of this length, too.
    let long = |line: &[u8]| {
        line.len() > 10_000 && line.ends_with(b"\n") && line.windows(own.len()).any(|w| w == own)
    };
    let anonymous = !attempt.setting.book.voice.one_world;
    while Instant::now() < until {
        attempt.wire("bob")?.hear(Instant::now() + step);
        let bob = &attempt.wire("bob")?.ahead;
        let mut lines = bob.split_inclusive(|&byte| byte == b'\n');
        if (anonymous && bob.len() > 10_000) || lines.any(long) {
            return Ok(Fate::Delivered);
        }
        let over = attempt.wire("ann")?.hear(Instant::now() + step);
        if matches!(over, Heard::End | Heard::Reset) {
            return Ok(Fate::Refused);
        }
    }
    // Some of it, or an error without an end: the next expectation shows what came.
    let mut something = false;
    for who in ["ann", "bob"] {
        let mut ahead = std::mem::take(&mut attempt.wire(who)?.ahead);
        ours(attempt, &mut ahead);
        something |= !ahead.is_empty();
        attempt.wire(who)?.ahead = ahead;
    }
    Ok(if something { Fate::Delivered } else { Fate::Ignored })
}

/// The lengths at which a limit is looked for that is larger than 20,000 bytes.
const LONGER: [usize; 3] = [64 << 10, 1 << 20, 16 << 20];
/// How long a line of such a length may take.
const TAKES: Duration = Duration::from_secs(4);

/// Looks for a limit above 20,000 bytes: a line beyond it is refused with the error and the end of
/// the connection, and there is one.
pub(super) fn beyond_a_larger_limit(attempt: &mut Attempt<'_>) -> Played {
    for (number, length) in LONGER.into_iter().enumerate() {
        let mut cast = Cast::of(attempt);
        let (ann, bob) = (format!("ann{number}"), format!("bob{number}"));
        let room = format!("in room{number}");
        let joins =
            format!("{ann} joins {ann} {room}\n{bob} joins {bob} {room}\n{ann} sees {bob} join");
        cast.play(attempt, &joins)?;
        let bytes = cast.sent(attempt, &format!("{{x*{length}}}"))?;
        let (mut author, mut reader) = (attempt.take(&ann)?, attempt.take(&bob)?);
        let until = attempt.bounds.until(TAKES);
        let sent = poured(&mut author, &mut [&mut reader], &bytes, until);
        attempt.transcript.note(&ann, format!("sends a line of {} bytes", bytes.len()));
        let open = awaited(&mut author, &mut reader, length, until);
        if reader.ahead.len() >= length {
            attempt.transcript.note(&bob, "is sent it");
            continue;
        }
        if open && sent < bytes.len() {
            let proof = format!("in {} s no line of {length} bytes was taken", TAKES.as_secs());
            attempt.findings.proofs.push(proof);
            return Ok(());
        }
        if open {
            let what = format!(
                "a line of {length} bytes is neither delivered nor refused within {} s",
                TAKES.as_secs()
            );
            return Err(Trouble::overdue(what, "the error, and the end of the connection"));
        }
        attempt.transcript.note(&ann, "its connection is over");
        ours(attempt, &mut author.ahead);
        let error = cast.voice.too_long.as_ref().map(|error| attempt.pattern(error)).transpose()?;
        let whole = |error: &Pattern| matches!(error.agreement(&author.ahead), Agreement::Whole(_));
        if error.as_ref().is_some_and(|error| !whole(error)) {
            let got: String = shown(&author.ahead).chars().take(60).collect();
            let got = if got.is_empty() { "nothing".to_owned() } else { got };
            let what =
                format!("a line of {length} bytes ends its connection, and it is sent {got}");
            return Err(Trouble::rule(what, "the error, and the end of the connection"));
        }
        return Ok(());
    }
    Err(Trouble::rule("a line of 16 MiB is delivered", "a line of some length is refused"))
}

/// Reads until the line has come, or its author's connection is over; whether that is open.
fn awaited(author: &mut Wire, reader: &mut Wire, length: usize, until: Instant) -> bool {
    let step = Duration::from_millis(5);
    while reader.ahead.len() < length && Instant::now() < until {
        reader.hear(Instant::now() + step);
        if matches!(author.hear(Instant::now() + step), Heard::End | Heard::Reset) {
            return false;
        }
    }
    true
}

/// Maximum time until a client must give its name, and the tolerance for a slow machine.
const FIRST_LINE: Duration = Duration::from_secs(30);
const LATE: Duration = Duration::from_secs(15);
/// Maximum time by which a deadline may come early.
const EARLY: Duration = Duration::from_secs(5);

/// A client that does not give its name in time is closed without a line; half a line does not
/// help.
pub(super) fn first_line(attempt: &mut Attempt<'_>) -> Played {
    let begun = Instant::now();
    attempt.connect("quiet")?;
    attempt.connect("half")?;
    attempt.send("half", b"x")?;
    for who in ["quiet", "half"] {
        closed_in_time(attempt, who, begun, FIRST_LINE)?;
    }
    Ok(())
}

/// The connection ends in time, without a line before.
fn closed_in_time(attempt: &mut Attempt<'_>, who: &str, begun: Instant, time: Duration) -> Played {
    let latest = begun + time + attempt.bounds.scaled(LATE);
    let heard = attempt.wire(who)?.hear(latest);
    let waited = begun.elapsed().as_secs();
    let limit = time.as_secs();
    if heard == Heard::Timeout {
        let what = format!("{who} is still connected after {waited} s");
        return Err(Trouble::rule(what, &format!("it is closed after {limit} s")));
    }
    if begun.elapsed() + EARLY < time {
        let what = format!("{who} is not waited for: something came after {waited} s");
        return Err(Trouble::rule(what, &format!("nothing before {limit} s are over")));
    }
    attempt.ends(who, true)
}

/// Maximum idle time of a client.
const IDLE: Duration = Duration::from_secs(60);

/// A silent client is closed after a minute; half a line does not prevent that, and a refused line
/// does.
pub(super) fn idle(attempt: &mut Attempt<'_>) -> Played {
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "bob joins bob\nann joins ann")?;
    let begun = Instant::now();
    let half = begun + IDLE / 2;
    // Nothing arrives meanwhile, so that this is the wait.
    while Instant::now() < half && attempt.wire("bob")?.hear(half) == Heard::Bytes {}
    attempt.say("bob", "x")?;
    attempt.say("ann", r"nonsense\n")?;
    attempt.expect_pattern("ann", r"ERR{..}\n")?;
    let latest = begun + IDLE + attempt.bounds.scaled(LATE);
    let mut heard = Heard::Bytes;
    while heard == Heard::Bytes && Instant::now() < latest {
        heard = attempt.wire("bob")?.hear(latest);
    }
    let waited = begun.elapsed();
    if heard == Heard::Timeout {
        // The rule is optional, and a server without it breaks nothing.
        let idle = waited.as_secs();
        attempt.findings.proofs.push(format!("no idle rule within {idle} s, so nothing to judge"));
        return Ok(());
    }
    if waited + EARLY < IDLE {
        let what = format!("bob is thrown out after {} s", waited.as_secs());
        return Err(Trouble::rule(what, "a client may be idle for 60 s"));
    }
    cast.play(attempt, "ann sees bob leave\nann fence")
}
