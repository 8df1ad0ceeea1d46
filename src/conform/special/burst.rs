//! Bursts of many bytes, for members that read.

use super::cast::{Cast, ours};
use crate::attempt::{ANSWER, Attempt, Played};
use crate::failure::Trouble;
use crate::wire::{Heard, Wire};
use std::time::{Duration, Instant};

/// Four megabytes as fast as possible: a member that reads loses nothing.
pub(super) fn burst(attempt: &mut Attempt<'_>) -> Played {
    const LINES: usize = 4096;
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "ann joins ann\nbob joins bob\nann sees bob join")?;
    let (mut bytes, mut wanted) = (Vec::new(), Vec::new());
    for number in 0..LINES {
        let text = Cast::text(attempt, number, 1000);
        bytes.extend(cast.sent(attempt, &text)?);
        wanted.extend(cast.heard(attempt, "ann", &text)?);
    }
    let [mut ann, mut bob] = [attempt.take("ann")?, attempt.take("bob")?];
    let until = attempt.bounds.until(Duration::from_secs(10));
    let sent = poured(&mut ann, &mut [&mut bob], &bytes, until);
    attempt.transcript.note("ann", format!("sends {sent} bytes as fast as the server takes them"));
    // Both stay until both are judged: the departure of one would be announced to the other.
    if cast.echoes {
        arrived(attempt, "ann", &mut ann, &wanted, until)?;
    }
    arrived(attempt, "bob", &mut bob, &wanted, until)
}

/// Sends `bytes` while the others read; returns how many bytes the server took.
pub(super) fn poured(
    sender: &mut Wire,
    others: &mut [&mut Wire],
    bytes: &[u8],
    until: Instant,
) -> usize {
    let mut sent = 0;
    while sent < bytes.len() && Instant::now() < until {
        let soon = Instant::now() + Duration::from_millis(5);
        let end = (sent + 256 * 1024).min(bytes.len());
        let (more, open) = sender.flood(&bytes[sent..end], soon);
        sent += more;
        if !open {
            break;
        }
        // The sender receives its own lines, so it must read while it sends.
        while sender.hear(Instant::now()) == Heard::Bytes {}
        for wire in &mut *others {
            while wire.hear(Instant::now()) == Heard::Bytes {}
        }
    }
    sent
}

/// All of `wanted`, in order, and nothing else; stops at the first line that is not the next one.
fn arrived(
    attempt: &Attempt<'_>,
    who: &str,
    wire: &mut Wire,
    wanted: &[u8],
    until: Instant,
) -> Played {
    let mut right = 0;
    loop {
        ours(attempt, &mut wire.ahead);
        let lines = wire.ahead.iter().rposition(|&byte| byte == b'\n').map_or(0, |lf| lf + 1);
        let next = &wanted[right..];
        let same = wire.ahead[..lines].iter().zip(next).take_while(|(a, b)| a == b).count();
        right += same;
        wire.ahead.drain(..same);
        if same < lines || right == wanted.len() {
            break;
        }
        if wire.hear(soon(attempt, until)) != Heard::Bytes {
            break;
        }
    }
    if right == wanted.len() && !wire.ahead.contains(&b'\n') {
        return Ok(());
    }
    let what = format!("{who} reads all the time and got {right} of {} bytes right", wanted.len());
    Err(Trouble::rule(what, "every line, whole and in order, and no other"))
}

/// The deadline for an event that follows from another event.
fn soon(attempt: &Attempt<'_>, until: Instant) -> Instant {
    attempt.bounds.until(ANSWER).min(until)
}

/// A question that the server answers to the asking client alone, with its answer.
fn question(attempt: &Attempt<'_>, cast: &Cast<'_>, number: usize) -> Played<(Vec<u8>, usize)> {
    let (book, readings) = (attempt.setting.book, &attempt.setting.readings);
    let fits = |when: &Option<_>| when.as_ref().is_none_or(|when| readings.holds(when, book));
    let fence = cast.voice.fences.iter().find(|fence| fits(&fence.when));
    let unknown = || Trouble::Unknown("there is no question in this dialect".to_owned());
    let fence = fence.ok_or_else(unknown)?;
    let sent = fence.sent.replace("{text}", &format!("q{number}"));
    Ok((attempt.bytes(&sent)?, fence.seen.matches(r"\n").count()))
}

/// A client that asks many questions before it reads gets every answer when it reads.
pub(super) fn answers_when_read(attempt: &mut Attempt<'_>) -> Played {
    const QUESTIONS: usize = 4000;
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "ann joins ann")?;
    let (mut bytes, mut lines) = (Vec::new(), 0);
    for number in 0..QUESTIONS {
        let (sent, answers) = question(attempt, &cast, number)?;
        bytes.extend(sent);
        lines += answers;
    }
    let mut ann = attempt.take("ann")?;
    let until = attempt.bounds.until(Duration::from_secs(10));
    // Ann begins to read only when the server takes no more, or has taken everything.
    let full = attempt.bounds.until(Duration::from_millis(300));
    let (mut sent, _) = ann.flood(&bytes, full);
    attempt.transcript.note("ann", format!("asks {QUESTIONS} questions and then reads"));
    sent += poured(&mut ann, &mut [], &bytes[sent..], until);
    let mut got = 0;
    loop {
        ours(attempt, &mut ann.ahead);
        got += memchr::memchr_iter(b'\n', &ann.ahead).count();
        let tail = ann.ahead.iter().rposition(|&byte| byte == b'\n').map_or(0, |lf| lf + 1);
        ann.ahead.drain(..tail);
        if got >= lines || ann.hear(soon(attempt, until)) != Heard::Bytes {
            break;
        }
    }
    if sent == bytes.len() && got == lines {
        return Ok(());
    }
    let what =
        format!("{sent} of {} bytes were taken and {got} of {lines} lines came", bytes.len());
    Err(Trouble::rule(what, "an answer to every line, once they are read"))
}

/// A client that asks without end and never reads does not fill the server's memory, and does not
/// affect other clients.
pub(super) fn answers_not_read(attempt: &mut Attempt<'_>) -> Played {
    const MEGABYTES: usize = 32;
    const MOST_KIB: u64 = 16 * 1024;
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "bob joins bob in room2")?;
    attempt.connect_as("ann", true)?;
    cast.play(attempt, "ann joins ann")?;
    if cast.voice.one_world {
        cast.play(attempt, "bob sees ann join")?;
    }
    let unknown = || Trouble::Unknown("this system does not tell what a process uses".to_owned());
    let before = attempt.setting.server.usage().ok_or_else(unknown)?.1;
    let (one, _) = question(attempt, &cast, 0)?;
    let chunk = one.repeat(1024 * 1024 / one.len());
    let until = attempt.bounds.until(Duration::from_secs(2));
    let mut total = 0;
    for _ in 0..MEGABYTES {
        let (sent, open) = attempt.wire("ann")?.flood(&chunk, until);
        total += sent;
        if !open || sent < chunk.len() {
            break;
        }
    }
    attempt.transcript.note("ann", format!("asks {total} bytes of questions and reads no answer"));
    let after = attempt.setting.server.usage().ok_or_else(unknown)?.1;
    if after > before + MOST_KIB {
        let what = format!("{before} KB resident before the questions, {after} KB after them");
        return Err(Trouble::rule(what, "a client that does not read is not answered any more"));
    }
    Ok(())
}
