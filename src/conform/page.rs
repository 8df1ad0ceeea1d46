//! The failure page: what is wrong, which clause says so, and how to see it by hand.

use super::breach::{Breach, Outcome};
use super::script::Case;
use super::spec::{Clause, Kind};
use super::template::{printed, width_of};
use super::text::wrapped;
use super::transcript::{Transcript, margin};
use std::fmt::Write as _;
use std::net::SocketAddr;

/// All that a page is about.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) case: &'a Case,
    pub(super) clause: &'a Clause,
    pub(super) transcript: &'a Transcript,
    pub(super) breach: &'a Breach,
    pub(super) address: SocketAddr,
    /// How the bytes were cut, if that matters.
    pub(super) cut: Option<String>,
}

const WIDTH: usize = 96;

impl Page<'_> {
    pub(super) fn render(&self) -> String {
        let mut text = format!("{}\n  {}\n", self.case.id, self.case.says);
        if let Some(cut) = &self.cut {
            let _ = writeln!(
                text,
                "  It passes with each line in one segment, and fails {cut}: the server takes one\n  \
                 read for one line, or loses what it has read too much. [common/framing-6]"
            );
        }
        self.clause_part(&mut text);
        self.transcript_part(&mut text);
        if !self.case.hint.is_empty() {
            let _ = write!(text, "\n  Hint: {}", wrapped(&self.case.hint, "        ", WIDTH));
        }
        self.by_hand(&mut text);
        text
    }

    fn clause_part(&self, text: &mut String) {
        let clause = self.clause;
        let label = if clause.kind == Kind::Ours { " (our decision)" } else { "" };
        let (level, kind) = (clause.level.name(), clause.kind.name());
        let _ = writeln!(text, "\n  {} · {level} · {kind}{label}", clause.id);
        let _ = write!(text, "    {}", wrapped(&clause.sentence, "    ", WIDTH));
        if let Some(quotation) = &clause.quotation {
            let _ = write!(text, "    > {}", wrapped(quotation, "    > ", WIDTH));
        }
    }

    fn transcript_part(&self, text: &mut String) {
        text.push('\n');
        for line in self.transcript.lines() {
            let _ = writeln!(text, "{line}");
        }
        let who = &self.breach.who;
        if let Outcome::Mismatch { at, got } = &self.breach.outcome {
            let column = margin(who) + width_of(got, *at);
            let _ = writeln!(text, "{:column$}^ byte {}, the first wrong one", "", at + 1);
        }
        let _ = writeln!(text, "\n  Wrong:   {}", self.breach.outcome.told(who));
        for (index, allowed) in self.breach.allowed.iter().enumerate() {
            let label = if index == 0 { "Allowed:" } else { "     or:" };
            let _ = writeln!(text, "  {label} {allowed}");
        }
    }

    /// The commands that show the same with nothing but a shell.
    fn by_hand(&self, text: &mut String) {
        let scripts = self.transcript.scripts();
        if scripts.is_empty() || scripts.len() > 4 {
            return;
        }
        let place = format!("{} {}", self.address.ip(), self.address.port());
        let several = scripts.len() > 1;
        let how = if several { ", each line in a terminal of its own, in this order" } else { "" };
        let _ = writeln!(text, "\n  By hand{how}:");
        for (who, parts) in &scripts {
            // Pauses keep the cuts of a cut case, and keep a client there while others come.
            let all = parts.concat();
            let pieces: Vec<String> = match (&self.cut, parts.len()) {
                (Some(_), 2..=12) => parts.iter().map(|part| printed(part)).collect(),
                // A pause between all bytes would be a long command; one cut usually shows the same.
                (Some(_), 13..) => vec![printed(&all[..1]), printed(&all[1..])],
                _ => vec![printed(&all)],
            };
            let pieces = pieces.join("; sleep 0.1; ");
            let stay = if several { "; sleep 30" } else { "; sleep 1" };
            let _ = writeln!(text, "    ({pieces}{stay}) | nc {place}    # {who}");
        }
    }
}
