//! One attempt at one case: its clients, its clock and its transcript.

use super::bounds::Bounds;
use super::declarations::Condition;
use super::failure::{Outcome, Trouble};
use super::habits::Habits;
use super::nonces::Nonces;
use super::pattern::{Agreement, Pattern};
use super::readings::Readings;
use super::script::Book;
use super::segments::Segmentation;
use super::server::Server;
use super::template::{Names, expand, pattern};
use super::transcript::Transcript;
use super::wire::{Heard, Wire};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Maximum time for any answer of the server, at `--patience 1`.
pub(super) const ANSWER: Duration = Duration::from_secs(2);
/// How long a connection must stay silent where no later line can prove the silence, at `--patience
/// 1`.
const SILENCE: Duration = Duration::from_millis(120);
/// How long the rest of a wrong line is read, to show it.
const CONTEXT: Duration = Duration::from_millis(30);

/// Maximum length in bytes of a line that may be skipped or is a list.
pub(super) const LINE_MAX: usize = 64 * 1024;

/// What an attempt found out besides its verdict.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    pub(super) reading: Option<String>,
    pub(super) proofs: Vec<String>,
    /// Number of facts that the judge of histories could decide.
    pub(super) facts: usize,
}

/// The values that all attempts share, or that change only between attempts.
#[derive(Clone, Debug)]
pub(super) struct Setting<'a> {
    pub(super) server: &'a Server,
    /// The address that clients connect to.
    pub(super) address: SocketAddr,
    /// The seed of all random choices.
    pub(super) seed: u64,
    pub(super) bounds: Bounds,
    pub(super) book: &'a Book,
    pub(super) readings: Readings,
    /// What this attempt looks past.
    pub(super) habits: Habits,
    /// Whether the judgement must rest on the documents alone, without our own decisions.
    pub(super) document_only: bool,
    /// The nonces of all attempts of the run.
    pub(super) nonces: &'a Nonces,
}

/// One attempt at one case.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    pub(super) bounds: Bounds,
    pub(super) setting: Setting<'a>,
    pub(super) names: Names,
    pub(super) segmentation: Segmentation,
    pub(super) transcript: Transcript,
    pub(super) findings: Findings,
    /// Whether no step yet was more than a way to what the case is about.
    pub(super) preparing: bool,
    /// Whether lines without the nonce of any attempt are looked past, too, where all clients hear
    /// each other: this one has sent bytes that may be names.
    pub(super) after_garbage: bool,
    wires: BTreeMap<String, Wire>,
}

/// Whether a connection failed for lack of the suite's own descriptors, memory or ports.
fn is_own(error: &io::Error) -> bool {
    let code = error.raw_os_error().map(Errno::from_raw_os_error);
    matches!(
        code,
        Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM | Errno::ADDRNOTAVAIL)
    )
}

pub(super) type Played<T = ()> = Result<T, Trouble>;

impl<'a> Attempt<'a> {
    pub(super) fn new(setting: Setting<'a>, nonce: String) -> Attempt<'a> {
        setting.nonces.register(&nonce);
        let words = setting.readings.words(setting.book);
        let mut transcript = Transcript::new();
        for habit in setting.habits.told() {
            transcript.note("server", habit);
        }
        Attempt {
            bounds: setting.bounds,
            setting,
            names: Names { nonce, words },
            segmentation: Segmentation::Whole,
            transcript,
            findings: Findings::default(),
            preparing: true,
            after_garbage: false,
            wires: BTreeMap::new(),
        }
    }

    pub(super) fn bytes(&self, template: &str) -> Played<Vec<u8>> {
        expand(template, &self.names).map_err(|error| Trouble::Unknown(error.to_string()))
    }

    pub(super) fn connect(&mut self, who: &str) -> Played {
        self.connect_as(who, false)
    }

    /// Connects, with a small receive buffer if `narrow`.
    pub(super) fn connect_as(&mut self, who: &str, narrow: bool) -> Played {
        if self.bounds.is_over() {
            return Err(Trouble::Unknown("the time of the whole run is over".to_owned()));
        }
        let transport = self.setting.server.transport();
        let within = self.bounds.scaled(ANSWER);
        match Wire::connect(self.setting.address, transport, within, narrow) {
            Ok(wire) => {
                self.transcript.note(who, "connects");
                let wire = wire.filtered(self.setting.habits.filter());
                self.wires.insert(who.to_owned(), wire);
                Ok(())
            }
            Err(error) if is_own(&error) => {
                Err(Trouble::Unknown(format!("the suite itself cannot connect: {error}")))
            }
            Err(error) => {
                self.transcript.note(who, format!("cannot connect: {error}"));
                let allowed = vec!["the server accepts connections".to_owned()];
                Err(Trouble::failure(who, Outcome::NotConnected(error.to_string()), allowed))
            }
        }
    }

    /// The connection of a client, opened now if there is none yet.
    pub(super) fn wire(&mut self, who: &str) -> Played<&mut Wire> {
        if !self.wires.contains_key(who) {
            self.connect(who)?;
        }
        let gone = || Trouble::Unknown(format!("{who} is not connected"));
        self.wires.get_mut(who).ok_or_else(gone)
    }

    /// Sends bytes, cut into the segments of this attempt. A server that no longer reads is noted
    /// in the transcript and not judged: the server is judged by its output.
    pub(super) fn send(&mut self, who: &str, bytes: &[u8]) -> Played {
        self.wire(who)?;
        let within = self.bounds.scaled(ANSWER);
        let mut outcome = Ok(());
        for (part, pause) in self.segmentation.parts(bytes) {
            self.transcript.sent(who, part);
            outcome = self.send_part(who, part, within);
            if outcome.is_err() {
                break;
            }
            // The pause lets the server read this segment by itself; no conclusion rests on it.
            std::thread::sleep(pause);
        }
        if let Err(error) = outcome {
            self.transcript.note(who, format!("could not send all of it: {error}"));
        }
        Ok(())
    }

    fn send_part(&mut self, who: &str, part: &[u8], within: Duration) -> io::Result<()> {
        let Some(wire) = self.wires.get_mut(who) else { return Ok(()) };
        match self.segmentation {
            Segmentation::Below => {}
            Segmentation::Fragments if part.ends_with(b"\n") => {
                let cuts = Segmentation::Cuts.parts(part);
                let parts: Vec<&[u8]> = cuts.into_iter().map(|(part, _)| part).collect();
                return wire.send_in_fragments(&parts, within);
            }
            _ => return wire.send(part, within),
        }
        let encoded = wire.encoded(part);
        for (piece, pause) in Segmentation::Bytes.parts(&encoded) {
            wire.send_encoded(piece, within)?;
            std::thread::sleep(pause);
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

    /// Expects as a fence: shows that nothing else arrived before these bytes.
    pub(super) fn proves(&mut self, who: &str, template: &str) -> Played {
        self.expect_pattern(who, template).map_err(|trouble| match trouble {
            Trouble::Failure(mut failure)
                if matches!(failure.outcome, Outcome::Mismatch { .. }) =>
            {
                // The bytes may be right as such, and only too early.
                failure.allowed.iter_mut().for_each(|one| *one += ", and nothing before it");
                Trouble::Failure(failure)
            }
            other => other,
        })?;
        let proof = format!("{who}: proved by a later line that nothing else came");
        self.findings.proofs.push(proof);
        Ok(())
    }

    /// Asks a question that the server answers to this client alone; waits where the dialect has no
    /// such question.
    pub(super) fn fence(&mut self, who: &str, user: &str, text: &str) -> Played {
        let (book, readings) = (self.setting.book, &self.setting.readings);
        // A reading that could not be found out is no ground for a question that depends on it.
        let known = |when: &Condition| !readings.probed || readings.found(&when.clause).is_some();
        let fits = |when: &Option<Condition>| {
            when.as_ref().is_none_or(|when| known(when) && readings.holds(when, book))
        };
        let may = |ours: bool| !(ours && self.setting.document_only);
        let fences = book.voice.fences.iter().enumerate();
        let dead = &self.setting.habits.dead_fences;
        let mut fences = fences.filter(|(index, _)| !dead.contains(index));
        let fence = fences.find(|(_, one)| may(one.ours) && fits(&one.when));
        let fill = |template: &str| template.replace("{user}", user).replace("{text}", text);
        let Some((_, fence)) = fence else {
            // The other members expect this line.
            if let Some(said) = book.voice.fences.first().filter(|_| book.voice.fence_is_heard) {
                self.say(who, &fill(&said.sent))?;
            }
            return self.silent(who);
        };
        self.say(who, &fill(&fence.sent))?;
        self.proves(who, &fill(&fence.seen))
    }

    /// The next bytes must be one of `wanted`; returns its index.
    pub(super) fn one_of(&mut self, who: &str, wanted: &[&[u8]]) -> Played<usize> {
        let wanted: Vec<Pattern> = wanted.iter().map(|bytes| Pattern::of(bytes)).collect();
        self.matches(who, &wanted)
    }

    /// The next bytes must match one of `wanted`; returns its index.
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
                // An open pattern takes any line, so it must not take a line about another attempt.
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
                // The line was meant as the answer after all.
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
        if let Some(complaint) = self.wires.get(who).and_then(Wire::complaint) {
            let what = format!("{who}: {complaint}");
            self.transcript.note(who, what.clone());
            return Trouble::failure(who, Outcome::Rule(what), allowed);
        }
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

    /// The line that is wrong from byte `at` on, as far as it arrives at once.
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

    /// The server must end the connection now without another line; a reset is allowed if `harsh`.
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

    /// Nothing may arrive for a while. Only for connections on which no answer can be provoked.
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

    /// Reads and ignores all lines for a while, or until the end of the stream.
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
        // The server may have closed already; then nothing is left to close.
        let _ = self.wire(who)?.half_close();
        Ok(())
    }

    /// Whether only a reset is a departure: where the end of a stream is not one, the server cannot
    /// tell a close from the end of one direction. [common/eos-2]
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
            // The drop resets the connection then; without the option it is a plain close.
            let _ = wire.reset();
        }
    }

    /// Closes all connections that are still open.
    pub(super) fn hang_up(&mut self) {
        self.wires.clear();
    }

    /// Takes the connection of a client out of the attempt, for a case that drives it directly.
    pub(super) fn take(&mut self, who: &str) -> Played<Wire> {
        self.wire(who)?;
        let gone = || Trouble::Unknown(format!("{who} is not connected"));
        self.wires.remove(who).ok_or_else(gone)
    }
}
