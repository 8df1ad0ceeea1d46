//! Members that do not read, and the members beside them.

use super::cast::{Cast, ours};
use crate::attempt::{Attempt, Played};
use crate::escapes::shown;
use crate::failure::Trouble;
use crate::wire::Heard;
use std::time::{Duration, Instant};

/// Long, since few long lines are served sooner than many short ones; still far below every limit.
const LINE: usize = 10_000;
/// This many lines are 6 MB, twice as much as Linux buffers by itself for a connection whose peer
/// does not read (3 MB, with its usual limits). Where long lines are refused they are shorter, and
/// the sum is less than that.
const MORE_THAN_THE_SYSTEM_KEEPS: usize = 600;

/// How long nothing arrives before nothing more is expected.
const PAUSE: Duration = Duration::from_secs(2);

/// A room with a member that has a small receive buffer and never reads, and readers beside it.
struct Talk<'a> {
    cast: Cast<'a>,
    /// The clients that receive ann's lines.
    readers: Vec<&'static str>,
    /// Which of them have seen that the slow one has left.
    left: Vec<bool>,
    notice: Option<Vec<u8>>,
    said: usize,
}

impl<'a> Talk<'a> {
    fn begin(attempt: &mut Attempt<'a>) -> Played<Talk<'a>> {
        let mut cast = Cast::of(attempt);
        attempt.connect_as("slow", true)?;
        cast.play(
            attempt,
            "slow joins slow
             ann joins ann
             bob joins bob
             ann sees bob join",
        )?;
        let readers = if cast.echoes { vec!["ann", "bob"] } else { vec!["bob"] };
        let notice = cast.left(attempt, "slow")?;
        Ok(Talk { cast, left: vec![false; readers.len()], readers, notice, said: 0 })
    }

    /// Lets ann say long lines until `enough`; each reader sees each line, and may see once that
    /// the slow one has left.
    fn on(
        &mut self,
        attempt: &mut Attempt<'_>,
        lines: usize,
        enough: fn(&[bool]) -> bool,
    ) -> Played {
        for _ in 0..lines {
            let text = Cast::text(attempt, self.said, LINE);
            self.said += 1;
            let sent = self.cast.sent(attempt, &text)?;
            let seen = self.cast.heard(attempt, "ann", &text)?;
            // Whether the server takes it shows in its output.
            attempt.wire("ann")?.send(&sent, Duration::from_secs(1)).ok();
            for (who, left) in self.readers.iter().zip(&mut self.left) {
                let events = attempt.transcript.events.len();
                match self.notice.as_ref().filter(|_| !*left) {
                    Some(notice) if attempt.one_of(who, &[&seen, notice])? == 1 => {
                        *left = true;
                        attempt.expect(who, &seen)?;
                    }
                    Some(_) => {}
                    None => attempt.expect(who, &seen)?,
                }
                // A page full of them does not help the reader.
                attempt.transcript.events.truncate(events);
            }
            if enough(&self.left) {
                break;
            }
        }
        for (who, left) in self.readers.iter().zip(&self.left) {
            let notice = if *left { ", and sees that slow has left" } else { "" };
            attempt.transcript.note(who, format!("sees {} lines of ann{notice}", self.said));
        }
        Ok(())
    }

    /// All remaining members are told that the slow one has left, if they have not been yet.
    fn departure(&mut self, attempt: &mut Attempt<'_>) -> Played {
        for who in ["ann", "bob"] {
            let place = self.readers.iter().position(|reader| *reader == who);
            if !place.is_some_and(|place| self.left[place]) {
                self.cast.play(attempt, &format!("{who} sees slow leave"))?;
            }
        }
        Ok(())
    }
}

pub(super) fn ghost(attempt: &mut Attempt<'_>) -> Played {
    let mut talk = Talk::begin(attempt)?;
    talk.on(attempt, MORE_THAN_THE_SYSTEM_KEEPS, |_| false)?;
    attempt.reset("slow");
    talk.departure(attempt)?;
    talk.cast.play(
        attempt,
        "ann says gone
         bob hears ann: gone
         ann echoes gone
         ann fence",
    )
}

pub(super) fn stalled_room(attempt: &mut Attempt<'_>) -> Played {
    let mut talk = Talk::begin(attempt)?;
    talk.on(attempt, MORE_THAN_THE_SYSTEM_KEEPS, |_| false)?;
    // Members of other rooms, where there are any, are served too.
    if !talk.cast.voice.one_world {
        talk.cast.play(
            attempt,
            "cat joins cat in room2
             cat says another room
             cat echoes another room
             cat fence",
        )?;
    }
    Ok(())
}

/// The unsent bytes of a member that never reads are bounded: it must be closed before 24 MB are
/// pending for it.
pub(super) fn stopped_reader(attempt: &mut Attempt<'_>) -> Played {
    const MEGABYTES: usize = 24;
    let mut talk = Talk::begin(attempt)?;
    let lines = MEGABYTES * 1_000_000 / LINE;
    if talk.notice.is_some() {
        talk.on(attempt, lines, |left| left.iter().all(|left| *left))?;
        if talk.left.iter().all(|left| *left) {
            return Ok(());
        }
    } else {
        talk.on(attempt, lines, |_| false)?;
        if backlog(&talk, attempt)?.1 {
            return Ok(());
        }
    }
    let what = format!("slow has read nothing of {MEGABYTES} MB, and is still a member");
    Err(Trouble::rule(what, "slow is gone, at the latest when it is owed 1 MiB"))
}

/// A member that did not read for a while, and reads again, has all lines, or its connection is
/// over: it does not go on with a gap.
pub(super) fn no_silent_loss(attempt: &mut Attempt<'_>) -> Played {
    let mut talk = Talk::begin(attempt)?;
    talk.on(attempt, 8_000_000 / LINE, |_| false)?;
    let (lines, over) = backlog(&talk, attempt)?;
    if over || lines == talk.said {
        return Ok(());
    }
    let what = format!(
        "slow was sent the first {lines} of {} lines, then nothing for {} s, and it is still \
         connected",
        talk.said,
        attempt.bounds.scaled(PAUSE).as_secs()
    );
    Err(Trouble::rule(what, "all of them, or the end of its connection"))
}

/// Lets the slow one read; returns how many lines it gets, one after the other, and whether its
/// connection is over then.
fn backlog(talk: &Talk<'_>, attempt: &mut Attempt<'_>) -> Played<(usize, bool)> {
    let skipped = [talk.heard_joins(attempt, "ann")?, talk.heard_joins(attempt, "bob")?].concat();
    let mut wire = attempt.take("slow")?;
    let mut lines = 0;
    let mut skip = skipped;
    loop {
        // A new deadline each time: it only matters that something arrives at all.
        let until = attempt.bounds.until(PAUSE);
        let heard = wire.hear(until);
        ours(attempt, &mut wire.ahead);
        if wire.ahead.starts_with(&skip) {
            wire.ahead.drain(..skip.len());
            skip.clear();
        }
        while skip.is_empty() && lines < talk.said {
            let wanted = talk.cast.heard(attempt, "ann", &Cast::text(attempt, lines, LINE))?;
            let known = wire.ahead.len().min(wanted.len());
            if wire.ahead[..known] != wanted[..known] {
                let got = wire.ahead.split(|&byte| byte == b'\n').next().unwrap_or_default();
                let got: String = shown(got).chars().take(60).collect();
                let what = format!("slow is sent {got} in the place of line {lines}");
                return Err(Trouble::rule(what, "each line, or the end of its connection"));
            }
            if known < wanted.len() {
                break;
            }
            wire.ahead.drain(..known);
            lines += 1;
        }
        let over = matches!(heard, Heard::End | Heard::Reset);
        let time = Instant::now() > attempt.bounds.end;
        if heard != Heard::Bytes || lines == talk.said || time {
            attempt.transcript.note("slow", format!("reads, and gets {lines} lines of ann"));
            return Ok((lines, over));
        }
    }
}

impl Talk<'_> {
    /// The lines that the slow one receives because another client joins.
    fn heard_joins(&self, attempt: &Attempt<'_>, who: &str) -> Played<Vec<u8>> {
        self.cast.joined(attempt, who).map(Option::unwrap_or_default)
    }
}
