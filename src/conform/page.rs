//! The failure page: what is wrong, which clause says so, and how to see it by hand.

use super::by_hand::Hands;
use super::escapes::width_of;
use super::failure::{Failure, Outcome};
use super::script::Case;
use super::spec::{Clause, Kind};
use super::text::{WIDTH, clipped, harmless, wrapped};
use super::traceback::Traceback;
use super::transcript::{Caret, Transcript};
use std::fmt::Write as _;

/// The contents of a page.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) case: &'a Case,
    /// What is wrong, if that is not what the case says.
    pub(super) says: Option<&'a str>,
    pub(super) hint: &'a str,
    pub(super) clause: &'a Clause,
    pub(super) transcript: &'a Transcript,
    pub(super) failure: &'a Failure,
    pub(super) hands: Hands<'a>,
    /// How the bytes were cut, if they were.
    pub(super) cut: Option<String>,
    /// Whether the commands by hand send the same segments.
    pub(super) in_pieces: bool,
    /// Whether it fails each time with that cut, and passes each time without one.
    pub(super) steady: bool,
    /// What the server's runtime said about a fault of its own.
    pub(super) traceback: Option<&'a Traceback>,
    /// How many lines of the server's standard error may be about other cases.
    pub(super) unclear: usize,
}

/// The hint where a cut makes the difference: the hint of the case itself is not about cuts.
const KEEP: &str = "Keep what a read brings until there is an LF in it, then take every line that \
    is whole, and keep the rest.";

/// The hint where a cut spoils a character.
const WHOLE_LINES: &str = "Keep what a read brings as bytes, and decode whole lines, if you \
    have to decode at all.";

impl Page<'_> {
    pub(super) fn render(&self) -> String {
        let mut text = format!("{}\n  {}", self.case.id, wrapped(&self.headline(), "  ", WIDTH));
        if let Some(cut) = &self.cut {
            let _ = write!(text, "  {}", wrapped(&self.blame(cut), "  ", WIDTH));
        }
        self.clause_part(&mut text);
        self.transcript_part(&mut text);
        let hint = if self.cut.is_some() && self.steady && !self.is_about_readings() {
            if self.cuts_characters() { WHOLE_LINES } else { KEEP }
        } else {
            self.hint
        };
        if !hint.is_empty() && !self.failure.place.before {
            let _ = write!(text, "\n  Hint: {}", wrapped(hint, "        ", WIDTH));
        }
        match self.hands.shown(self.transcript, self.in_pieces) {
            Ok(commands) => text += &commands,
            Err(why) => {
                let told = format!(
                    "By hand: not with nc, because {why}. The case alone: --select {}",
                    self.case.id
                );
                let _ = write!(text, "\n  {}", wrapped(&told, "    ", WIDTH));
            }
        }
        text
    }

    /// What is wrong: what the case is about, if it got that far.
    pub(super) fn headline(&self) -> String {
        match self.says {
            Some(says) => says.to_owned(),
            None if self.failure.place.before => format!(
                "Did not get as far as what this case is about ({}): a step that leads to it \
                 failed.",
                self.case.says.trim_end_matches('.')
            ),
            None => self.case.says.clone(),
        }
    }

    /// Whether the failure is that the server does not always show the same reading.
    fn is_about_readings(&self) -> bool {
        self.clause.kind == Kind::Profile && matches!(self.failure.outcome, Outcome::Rule(_))
    }

    /// Whether the first wrong character is the one that decoders put for what they cannot decode.
    fn cuts_characters(&self) -> bool {
        let Outcome::Mismatch { at, got } = &self.failure.outcome else { return false };
        // The wanted character may begin with the same byte.
        (at.saturating_sub(2)..=*at).any(|at| got[at..].starts_with("\u{fffd}".as_bytes()))
    }

    /// The conclusion from the pass of the same case without cuts.
    fn blame(&self, cut: &str) -> String {
        let with = if cut.starts_with("all ") { "with " } else { "" };
        let both = format!("It passes with each line in one segment, and fails {with}{cut}");
        if !self.steady {
            return format!("{both}; but not each time, so it may be chance and not the cut.");
        }
        if self.is_about_readings() {
            return format!(
                "{both}: which of the allowed readings the server has depends on how the bytes are \
                 cut, or on chance. [common/framing-6]"
            );
        }
        if self.cuts_characters() {
            return format!(
                "{both}: U+FFFD comes where a cut lies within a character, so the server decodes \
                 each read by itself. [common/framing-6]"
            );
        }
        format!(
            "{both}: the server takes one read for one line, or loses what it has read too much. \
             [common/framing-6]"
        )
    }

    fn clause_part(&self, text: &mut String) {
        let clause = self.clause;
        let (level, kind) = (clause.level.name(), clause.kind.name());
        let _ = writeln!(text, "\n  {} · {level} · {kind}: {}", clause.id, clause.kind.plain());
        let _ = write!(text, "    {}", wrapped(&clause.sentence, "    ", WIDTH));
        if let Some(quotation) = &clause.quotation {
            let _ = write!(text, "    > {}", wrapped(quotation, "    > ", WIDTH));
        }
    }

    fn transcript_part(&self, text: &mut String) {
        if !self.transcript.events.is_empty() {
            text.push('\n');
        }
        let who = &self.failure.who;
        let caret = match &self.failure.outcome {
            Outcome::Mismatch { at, got } => Some((*at, width_of(got, *at))),
            Outcome::Surplus { .. } => Some((0, 0)),
            _ => None,
        };
        let caret = caret.map(|(at, width)| Caret {
            who,
            width,
            note: format!("byte {}, the first wrong one", at + 1),
        });
        for line in self.transcript.lines(caret.as_ref()) {
            let _ = writeln!(text, "{line}");
        }
        let _ = writeln!(text, "\n  Wrong:   {}", self.failure.outcome.told(who));
        for (index, allowed) in self.failure.allowed.iter().enumerate() {
            let label = if index == 0 { "Allowed:" } else { "     or:" };
            let _ = writeln!(text, "  {label} {}", clipped(allowed));
        }
        if let Some(Traceback { lines, alone }) = self.traceback {
            let with = if *alone { "" } else { " and others" };
            let _ = writeln!(text, "\n  On its standard error, while this case{with} ran:");
            for line in lines {
                let _ = writeln!(text, "    | {}", clipped(&harmless(line)));
            }
        }
        if self.unclear > 0 {
            let said = format!(
                "Meanwhile the server said {} lines on its standard error, about this case or \
                 others: --select {} shows which.",
                self.unclear, self.case.id
            );
            let _ = write!(text, "\n  {}", wrapped(&said, "  ", WIDTH));
        }
    }
}
