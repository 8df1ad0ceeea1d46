//! Which of several allowed readings a server shows.

use super::breach::Trouble;
use super::pattern::Pattern;
use super::script::Reading;
use super::stage::{ANSWER, Played, Stage};
use super::wire::Heard;
use std::time::Instant;

impl Stage<'_> {
    /// What comes must be as one of the readings says; which one? Where one is the end of the stream a server
    /// may say before it whatever it likes.
    pub(super) fn choose<'r>(&mut self, who: &str, readings: &'r [Reading]) -> Played<&'r Reading> {
        let patterns: Played<Vec<_>> =
            readings.iter().map(|one| self.pattern(&one.bytes)).collect();
        let patterns = patterns?;
        let index = match (self.matches(who, &patterns), patterns.iter().position(Pattern::is_end))
        {
            (Err(Trouble::Breach(_)), Some(end)) if self.hangs_up(who)? => end,
            (matching, _) => matching?,
        };
        let chosen = &readings[index];
        self.findings.reading = Some(chosen.name.clone());
        Ok(chosen)
    }

    /// Whether the server ends the connection, whatever it says before.
    fn hangs_up(&mut self, who: &str) -> Played<bool> {
        let until = self.bounds.until(ANSWER);
        let wire = self.wire(who)?;
        loop {
            wire.ahead.clear();
            match wire.hear(until) {
                Heard::Bytes if Instant::now() < until => {}
                Heard::End | Heard::Reset => break,
                Heard::Bytes | Heard::Timeout => return Ok(false),
            }
        }
        self.transcript.note(who, "the connection is over");
        Ok(true)
    }
}
