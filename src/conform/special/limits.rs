//! Limits: of a line, and of time.

use super::cast::Cast;
use crate::breach::Trouble;
use crate::runner::Runner;
use crate::stage::{Played, Stage};
use crate::wire::Heard;
use std::time::{Duration, Instant};

/// Which limit a server has: what becomes of a line of 20,000 bytes, and then of one more byte.
pub(super) fn line_limit(run: &Runner<'_>, stage: &mut Stage<'_>) -> Played {
    let mut cast = Cast::of(stage);
    cast.play(stage, "ann joins ann\nbob joins bob\nann sees bob join")?;
    let accepts = |stage: &mut Stage<'_>, cast: &mut Cast<'_>, text: &str| -> Played<bool> {
        cast.play(stage, &format!("ann says {text}"))?;
        if !taken(stage)? {
            return Ok(false);
        }
        cast.play(stage, &format!("bob hears ann: {text}\nann echoes {text}"))?;
        Ok(true)
    };
    let reading = if !accepts(stage, &mut cast, "{x+20000}")? {
        "smaller"
    } else if accepts(stage, &mut cast, "{y+20001}")? {
        "larger"
    } else {
        "20000"
    };
    if reading == "smaller" && run.book.dialect == "rooms" {
        let what = "a line of 20,000 bytes is refused";
        return Err(Trouble::rule(what, "lines of up to 20,000 bytes, LF included, are delivered"));
    }
    stage.findings.reading = Some(reading.to_owned());
    if reading != "larger" {
        cast.play(stage, "ann sees too-long\nann closed\nbob sees ann leave")?;
    }
    cast.play(stage, "bob fence")
}

/// Whether bob hears what ann has said before ann's connection ends.
fn taken(stage: &mut Stage<'_>) -> Played<bool> {
    let until = stage.bounds.until(Duration::from_secs(2));
    let step = Duration::from_millis(5);
    let own = stage.names.nonce.clone().into_bytes();
    // Others may send lines of this length, too.
    let long = |line: &[u8]| {
        line.len() > 10_000 && line.ends_with(b"\n") && line.windows(own.len()).any(|w| w == own)
    };
    let anonymous = !stage.setting.book.voice.one_world;
    while Instant::now() < until {
        stage.wire("bob")?.hear(Instant::now() + step);
        let bob = &stage.wire("bob")?.ahead;
        let mut lines = bob.split_inclusive(|&byte| byte == b'\n');
        if (anonymous && bob.len() > 10_000) || lines.any(long) {
            return Ok(true);
        }
        let over = stage.wire("ann")?.hear(Instant::now() + step);
        if matches!(over, Heard::End | Heard::Reset) {
            return Ok(false);
        }
    }
    // What is missing is told by what is expected next.
    Ok(true)
}

/// How long a client may take to say who it is, and what a slow machine may add.
const FIRST_LINE: Duration = Duration::from_secs(30);
const LATE: Duration = Duration::from_secs(15);
/// A deadline may not come earlier than this before its time.
const EARLY: Duration = Duration::from_secs(5);

/// Who does not say who it is in time is closed without a line; half a line does not help.
pub(super) fn first_line(stage: &mut Stage<'_>) -> Played {
    let begun = Instant::now();
    stage.connect("quiet")?;
    stage.connect("half")?;
    stage.send("half", b"x")?;
    for who in ["quiet", "half"] {
        closed_in_time(stage, who, begun, FIRST_LINE)?;
    }
    Ok(())
}

/// The connection ends, and nothing comes before.
fn closed_in_time(stage: &mut Stage<'_>, who: &str, begun: Instant, time: Duration) -> Played {
    let latest = begun + time + stage.bounds.scaled(LATE);
    let heard = stage.wire(who)?.hear(latest);
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
    stage.ends(who, true)
}

/// How long a client may be idle.
const IDLE: Duration = Duration::from_secs(60);

/// Who says nothing is thrown out after a minute, half a line does not help, and a refused line does.
pub(super) fn idle(stage: &mut Stage<'_>) -> Played {
    let mut cast = Cast::of(stage);
    cast.play(stage, "bob joins bob\nann joins ann")?;
    let begun = Instant::now();
    let half = begun + IDLE / 2;
    // Nothing comes meanwhile, so that this is the wait.
    while Instant::now() < half && stage.wire("bob")?.hear(half) == Heard::Bytes {}
    stage.say("bob", "x")?;
    stage.say("ann", r"nonsense\n")?;
    stage.expect_pattern("ann", r"ERR{..}\n")?;
    let latest = begun + IDLE + stage.bounds.scaled(LATE);
    let mut heard = Heard::Bytes;
    while heard == Heard::Bytes && Instant::now() < latest {
        heard = stage.wire("bob")?.hear(latest);
    }
    let waited = begun.elapsed();
    if heard == Heard::Timeout {
        // The rule is optional, and a server without it breaks nothing.
        let idle = waited.as_secs();
        stage.findings.proofs.push(format!("no idle rule within {idle} s, so nothing to judge"));
        return Ok(());
    }
    if waited + EARLY < IDLE {
        let what = format!("bob is thrown out after {} s", waited.as_secs());
        return Err(Trouble::rule(what, "a client may be idle for 60 s"));
    }
    cast.play(stage, "ann sees bob leave\nann fence")
}
