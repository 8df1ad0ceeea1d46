//! Which of several allowed readings a server shows.

use super::attempt::{ANSWER, Attempt, Played};
use super::failure::{Outcome, Trouble};
use super::script::Reading;
use super::wire::Heard;
use std::time::{Duration, Instant};

/// The text of a reading in which the server ends the connection.
pub(super) const END: &str = "{end}";

impl Attempt<'_> {
    /// The next bytes must match one of the readings; returns it.
    pub(super) fn choose<'r>(&mut self, who: &str, readings: &'r [Reading]) -> Played<&'r Reading> {
        let (refusals, lines): (Vec<&Reading>, Vec<&Reading>) =
            readings.iter().partition(|one| one.bytes == END);
        let patterns: Played<Vec<_>> = lines.iter().map(|one| self.pattern(&one.bytes)).collect();
        let chosen = match (self.matches(who, &patterns?), refusals.first()) {
            (Ok(index), _) => lines[index],
            (Err(Trouble::Failure(failure)), Some(refusal))
                if self.hangs_up(who, &failure.outcome)? =>
            {
                refusal
            }
            (Err(Trouble::Failure(mut failure)), Some(_)) => {
                failure.allowed.push("the end of the stream".to_owned());
                return Err(Trouble::Failure(failure));
            }
            (Err(trouble), _) => return Err(trouble),
        };
        self.findings.reading = Some(chosen.name.clone());
        Ok(chosen)
    }

    /// Whether the server ends the connection; lines before the end do not matter.
    fn hangs_up(&mut self, who: &str, before: &Outcome) -> Played<bool> {
        // A server that has said nothing has had its time.
        let more = if matches!(before, Outcome::Timeout { .. }) { Duration::ZERO } else { ANSWER };
        let until = self.bounds.until(more);
        let wire = self.wire(who)?;
        loop {
            wire.ahead.clear();
            match wire.hear(until) {
                Heard::Bytes if Instant::now() < until => {}
                Heard::End | Heard::Reset => break,
                Heard::Bytes | Heard::Timeout | Heard::Broken | Heard::Flood => return Ok(false),
            }
        }
        self.transcript.note(who, "the connection is over");
        Ok(true)
    }
}
