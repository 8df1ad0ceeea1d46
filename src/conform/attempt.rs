//! One attempt at one case: its clients, its clock, its transcript.

use super::attempts::Attempts;
use super::failure::{Outcome, Trouble};
use super::lines::LINE_MAX;
use super::pattern::{Agreement, Pattern};
use super::readings::Readings;
use super::script::Book;
use super::segments::Segmentation;
use super::template::{Names, expand, pattern};
use super::transcript::Transcript;
use super::wire::{Heard, Wire};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long a server may take for anything, at `--patience 1`.
pub(super) const ANSWER: Duration = Duration::from_secs(2);
/// How long nothing must arrive where no later line can prove it, at `--patience 1`.
const SILENCE: Duration = Duration::from_millis(120);
/// How much is read to show the rest of a wrong line.
const CONTEXT: Duration = Duration::from_millis(30);

/// The bounds of all waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) patience: f64,
    /// When the whole run has to be over.
    pub(super) end: Instant,
}

impl Bounds {
    pub(super) fn scaled(&self, time: Duration) -> Duration {
        time.mul_f64(self.patience)
    }

    /// The end of a wait of `time` that begins now.
    pub(super) fn until(&self, time: Duration) -> Instant {
        (Instant::now() + self.scaled(time)).min(self.end)
    }

    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }
}

/// What an attempt found out beside its verdict.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    pub(super) reading: Option<String>,
    pub(super) proofs: Vec<String>,
    /// Facts that a judge of histories could decide.
    pub(super) facts: usize,
}

/// What is the same for all attempts, or changes only between them.
#[derive(Clone, Debug)]
pub(super) struct Setting<'a> {
    pub(super) address: SocketAddr,
    pub(super) bounds: Bounds,
    pub(super) book: &'a Book,
    pub(super) readings: Readings,
    /// Whether what only we decided must not be relied on.
    pub(super) document_only: bool,
    /// The nonces of all attempts of the run.
    pub(super) attempts: &'a Attempts,
}

/// One attempt.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    pub(super) bounds: Bounds,
    pub(super) setting: Setting<'a>,
    pub(super) names: Names,
    pub(super) segmentation: Segmentation,
    pub(super) transcript: Transcript,
    pub(super) findings: Findings,
    wires: BTreeMap<String, Wire>,
}

pub(super) type Played<T = ()> = Result<T, Trouble>;

impl<'a> Attempt<'a> {
    pub(super) fn new(setting: Setting<'a>, nonce: String) -> Attempt<'a> {
        setting.attempts.begin(&nonce);
        let words = setting.readings.words(setting.book);
        Attempt {
            bounds: setting.bounds,
            setting,
            names: Names { nonce, words },
            segmentation: Segmentation::Whole,
            transcript: Transcript::new(),
            findings: Findings::default(),
            wires: BTreeMap::new(),
        }
    }

    pub(super) fn bytes(&self, template: &str) -> Played<Vec<u8>> {
        expand(template, &self.names).map_err(|error| Trouble::Unknown(error.to_string()))
    }

    pub(super) fn connect(&mut self, who: &str) -> Played {
        self.connect_as(who, false)
    }

    /// Connects with a receive buffer that is soon full, if `narrow`.
    pub(super) fn connect_as(&mut self, who: &str, narrow: bool) -> Played {
        if self.bounds.is_over() {
            return Err(Trouble::Unknown("the time of the whole run is over".to_owned()));
        }
        match Wire::connect(self.setting.address, self.bounds.scaled(ANSWER), narrow) {
            Ok(wire) => {
                self.transcript.note(who, "connects");
                self.wires.insert(who.to_owned(), wire);
                Ok(())
            }
            Err(error) => {
                self.transcript.note(who, format!("cannot connect: {error}"));
                let allowed = vec!["the server accepts connections".to_owned()];
                Err(Trouble::failure(who, Outcome::NotConnected(error.to_string()), allowed))
            }
        }
    }

    /// The connection of `who`, made now if there is none yet.
    pub(super) fn wire(&mut self, who: &str) -> Played<&mut Wire> {
        if !self.wires.contains_key(who) {
            self.connect(who)?;
        }
        let gone = || Trouble::Unknown(format!("{who} is not connected"));
        self.wires.get_mut(who).ok_or_else(gone)
    }

    /// Sends bytes, cut as this attempt cuts. That the server no longer listens is told, not judged:
    /// what it must do is in what it sends.
    pub(super) fn send(&mut self, who: &str, bytes: &[u8]) -> Played {
        self.wire(who)?;
        let within = self.bounds.scaled(ANSWER);
        let mut outcome = Ok(());
        for (part, pause) in self.segmentation.parts(bytes) {
            self.transcript.sent(who, part);
            outcome = self.wire(who)?.send(part, within);
            if outcome.is_err() {
                break;
            }
            // The pause lets the server see this segment by itself; nothing is concluded from it.
            std::thread::sleep(pause);
        }
        if let Err(error) = outcome {
            self.transcript.note(who, format!("could not send all of it: {error}"));
        }
        Ok(())
    }

    pub(super) fn say(&mut self, who: &str, template: &str) -> Played {
        let bytes = self.bytes(template)?;
        self.send(who, &bytes)
    }

    pub(super) fn sees(&mut self, who: &str, template: &str) -> Played {
        let bytes = self.bytes(template)?;
        self.expect(who, &bytes)
    }

    /// The next bytes must be exactly `wanted`.
    pub(super) fn expect(&mut self, who: &str, wanted: &[u8]) -> Played {
        self.matches(who, &[Pattern::of(wanted)]).map(|_| ())
    }

    /// The next bytes must be as the template says.
    pub(super) fn expect_pattern(&mut self, who: &str, template: &str) -> Played {
        let wanted = self.pattern(template)?;
        self.matches(who, &[wanted]).map(|_| ())
    }

    pub(super) fn pattern(&self, template: &str) -> Played<Pattern> {
        pattern(template, &self.names).map_err(|error| Trouble::Unknown(error.to_string()))
    }

    /// As a fence: what came before it is proved to be all that came.
    pub(super) fn proves(&mut self, who: &str, template: &str) -> Played {
        self.expect_pattern(who, template).map_err(|trouble| match trouble {
            Trouble::Failure(mut failure)
                if matches!(failure.outcome, Outcome::Mismatch { .. }) =>
            {
                // What is wrong may be right as such, and only too early.
                failure.allowed.iter_mut().for_each(|one| *one += ", and nothing before it");
                Trouble::Failure(failure)
            }
            other => other,
        })?;
        let proof = format!("{who}: proved by a later line that nothing else came");
        self.findings.proofs.push(proof);
        Ok(())
    }

    /// Asks what the server answers to `who` alone; where it has no such answer, waits.
    pub(super) fn fence(&mut self, who: &str, user: &str, text: &str) -> Played {
        let (book, readings) = (self.setting.book, &self.setting.readings);
        let fits = |when: &Option<_>| when.as_ref().is_none_or(|when| readings.holds(when, book));
        let may = |ours: bool| !(ours && self.setting.document_only);
        let fence = book.voice.fences.iter().find(|one| may(one.ours) && fits(&one.when));
        let Some(fence) = fence else { return self.silent(who) };
        let fill = |template: &str| template.replace("{user}", user).replace("{text}", text);
        self.say(who, &fill(&fence.sent))?;
        self.proves(who, &fill(&fence.seen))
    }

    /// The next bytes must be one of `wanted`; which one?
    pub(super) fn one_of(&mut self, who: &str, wanted: &[&[u8]]) -> Played<usize> {
        let wanted: Vec<Pattern> = wanted.iter().map(|bytes| Pattern::of(bytes)).collect();
        self.matches(who, &wanted)
    }

    /// The next bytes must be as one of `wanted` says; which one?
    pub(super) fn matches(&mut self, who: &str, wanted: &[Pattern]) -> Played<usize> {
        let allowed = || wanted.iter().map(Pattern::shown).collect::<Vec<_>>();
        let begun = Instant::now();
        let until = self.bounds.until(ANSWER);
        let mut skipped = None;
        loop {
            let ahead = &self.wire(who)?.ahead;
            let mut right = 0;
            let mut whole = None;
            for (index, pattern) in wanted.iter().enumerate() {
                match pattern.agreement(ahead) {
                    Agreement::Whole(length) if whole.is_none() => whole = Some((index, length)),
                    Agreement::Part(length) => right = right.max(length),
                    Agreement::Whole(_) => {}
                }
            }
            if let Some((index, length)) = whole {
                let got: Vec<u8> = self.wire(who)?.ahead.drain(..length).collect();
                // What takes any line must not take one that is about another attempt.
                if wanted[index].is_open() && self.is_about_others(&got) {
                    continue;
                }
                self.transcript.got(who, &got);
                return Ok(index);
            }
            if right < ahead.len() {
                if let Some(line) = self.skipped(who, right)? {
                    skipped = line.or(skipped);
                    continue;
                }
                let got = self.rest_of_line(who, right)?;
                self.transcript.got(who, &got);
                return Err(Trouble::failure(who, Outcome::Mismatch { at: right, got }, allowed()));
            }
            let heard = self.wire(who)?.hear(until);
            if heard == Heard::Bytes {
                continue;
            }
            if let (Heard::Timeout, Some((at, got))) = (&heard, skipped) {
                // It was meant as the answer after all.
                return Err(Trouble::failure(who, Outcome::Mismatch { at, got }, allowed()));
            }
            let partial = std::mem::take(&mut self.wire(who)?.ahead);
            if !partial.is_empty() {
                self.transcript.got(who, &partial);
            }
            return Err(self.ended(who, heard, right, begun, allowed()));
        }
    }

    pub(super) fn ended(
        &mut self,
        who: &str,
        heard: Heard,
        after: usize,
        begun: Instant,
        allowed: Vec<String>,
    ) -> Trouble {
        let millis = begun.elapsed().as_millis();
        let (note, outcome) = match heard {
            Heard::End => ("the server ends the stream".to_owned(), Outcome::End { after }),
            Heard::Reset => ("reset".to_owned(), Outcome::Reset { after }),
            Heard::Flood => {
                let what = format!("{who}: the server sends and sends");
                (what.clone(), Outcome::Rule(what))
            }
            _ if self.bounds.is_over() => {
                return Trouble::Unknown("the time of the whole run is over".to_owned());
            }
            _ => (format!("nothing for {millis} ms"), Outcome::Timeout { after, millis }),
        };
        self.transcript.note(who, note);
        Trouble::failure(who, outcome, allowed)
    }

    /// The line that is wrong from byte `at` on, as far as it comes at once.
    fn rest_of_line(&mut self, who: &str, at: usize) -> Played<Vec<u8>> {
        let until = self.bounds.until(CONTEXT);
        let wire = self.wire(who)?;
        while !wire.ahead[at..].contains(&b'\n') && wire.ahead.len() < at + 200 {
            if wire.hear(until) != Heard::Bytes {
                break;
            }
        }
        let end = wire.ahead[at..].iter().position(|&byte| byte == b'\n');
        let end = end.map_or(wire.ahead.len(), |lf| at + lf + 1).min(at + 200);
        Ok(wire.ahead.drain(..end).collect())
    }

    /// The server must end the connection now, and say nothing before; a reset counts if `harsh`.
    pub(super) fn ends(&mut self, who: &str, harsh: bool) -> Played {
        let allowed = || vec!["the end of the stream".to_owned()];
        let begun = Instant::now();
        let until = self.bounds.until(ANSWER);
        loop {
            let wire = self.wire(who)?;
            let heard = if wire.ahead.is_empty() { wire.hear(until) } else { Heard::Bytes };
            match heard {
                Heard::Bytes if self.skipped(who, 0)?.is_some() => {}
                Heard::Bytes => return self.surplus(who, allowed()),
                Heard::End => {
                    self.transcript.note(who, "the server ends the stream");
                    return Ok(());
                }
                Heard::Reset if harsh => {
                    self.transcript.note(who, "reset");
                    return Ok(());
                }
                _ => return Err(self.ended(who, heard, 0, begun, allowed())),
            }
        }
    }

    /// Nothing may arrive for a while. Only for connections on which nothing can be provoked.
    pub(super) fn silent(&mut self, who: &str) -> Played {
        let begun = Instant::now();
        let until = self.bounds.until(SILENCE);
        let allowed = || vec!["nothing".to_owned()];
        loop {
            let wire = self.wire(who)?;
            let heard = if wire.ahead.is_empty() { wire.hear(until) } else { Heard::Bytes };
            match heard {
                Heard::Timeout => {
                    let waited = begun.elapsed().as_millis();
                    self.transcript.note(who, format!("nothing for {waited} ms"));
                    self.findings.proofs.push(format!("{who}: waited {waited} ms, nothing came"));
                    return Ok(());
                }
                Heard::Bytes if self.skipped(who, 0)?.is_some() => {}
                Heard::Bytes => return self.surplus(who, allowed()),
                _ => return Err(self.ended(who, heard, 0, begun, allowed())),
            }
        }
    }

    /// Takes the lines that come within a while, or before the end of the stream, whatever they are.
    pub(super) fn drain(&mut self, who: &str) -> Played {
        let until = self.bounds.until(SILENCE);
        let wire = self.wire(who)?;
        while wire.ahead.len() < LINE_MAX && wire.hear(until) == Heard::Bytes {}
        let lines = wire.ahead.iter().rposition(|&byte| byte == b'\n').map_or(0, |lf| lf + 1);
        let got: Vec<u8> = wire.ahead.drain(..lines).collect();
        if !got.is_empty() {
            self.transcript.got(who, &got);
        }
        self.transcript.note(who, "whatever it is told here, or nothing");
        Ok(())
    }

    fn surplus(&mut self, who: &str, allowed: Vec<String>) -> Played {
        let got = self.rest_of_line(who, 0)?;
        self.transcript.got(who, &got);
        Err(Trouble::failure(who, Outcome::Surplus { got }, allowed))
    }

    pub(super) fn half_close(&mut self, who: &str) -> Played {
        self.transcript.note(who, "closes its sending half");
        // If the server has closed already there is nothing left to close.
        let _ = self.wire(who)?.half_close();
        Ok(())
    }

    /// Whether only a reset is a departure: where the end of a stream is none, a close cannot be told from the end
    /// of one direction. [common/eos-2]
    pub(super) fn only_resets_depart(&self) -> bool {
        self.setting.readings.found("common/eos-2") == Some("stays")
    }

    pub(super) fn close(&mut self, who: &str) {
        if self.only_resets_depart() {
            return self.reset(who);
        }
        self.transcript.note(who, "closes");
        self.wires.remove(who);
    }

    pub(super) fn reset(&mut self, who: &str) {
        self.transcript.note(who, "resets");
        if let Some(wire) = self.wires.remove(who) {
            // Dropping it is a reset then; without the option it is a plain close.
            let _ = wire.reset();
        }
    }

    /// All the connections, for what needs to drive them by itself.
    pub(super) fn take(&mut self, who: &str) -> Played<Wire> {
        self.wire(who)?;
        let gone = || Trouble::Unknown(format!("{who} is not connected"));
        self.wires.remove(who).ok_or_else(gone)
    }
}
