//! The gate: what a run finds out about a server before any case, and without which no case says
//! anything. One client goes the way in, another one too, one says a line, and one goes.
//!
//! Lines that nobody asked for, and lines that never come, become [`Habits`]: the case that is
//! about one tells it, and all others look past it. What cannot be looked past is an [`Obstacle`].

use super::attempt::{ANSWER, Attempt, LINE_MAX, Played};
use super::failure::{Failure, Outcome, Trouble};
use super::habits::{BYTE_ORDER_MARK, Greeting, Habit, Habits, LineEnd, Notice};
use super::pattern::{Agreement, Pattern};
use super::runner::Runner;
use super::stage::Stage;
use super::transcript::Transcript;
use super::voice::{Echo, Voice, fill};
use super::wire::Heard;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a connection is listened to before its first line, at `--patience 1`.
const BEFORE: Duration = Duration::from_millis(150);
/// How long more lines are waited for after those that have to come.
const MORE: Duration = Duration::from_millis(40);
/// Maximum number of different lines that are taken for notices.
const NOTICES_MAX: usize = 12;
/// How often the gate is tried, each time with twice the patience.
const TRIES: u32 = 2;

/// Why no case can be judged.
#[derive(Debug)]
pub(super) struct Obstacle {
    pub(super) what: Hindrance,
    pub(super) failure: Box<Failure>,
    pub(super) transcript: Transcript,
    /// Whether anything that the server said is of the dialect.
    pub(super) speaks: bool,
}

/// What did not work at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hindrance {
    /// A client alone is not let in.
    WayIn,
    /// A client alone is let in only if its lines end in CR LF.
    BareLineFeed,
    /// One client is let in, and another one beside it is not.
    SecondWayIn,
    /// A text does not reach another member.
    Text,
    /// When a member has gone, the server answers nobody any more.
    WayOut,
}

/// A visit to the gate.
struct Visit<'a> {
    attempt: Attempt<'a>,
    found: Habits,
    /// Whether a line of the dialect has come.
    speaks: bool,
    names: Vec<Vec<u8>>,
}

/// The lines that came where some were wanted.
struct Came {
    /// The number of wanted lines that came, in their order.
    right: usize,
    others: Vec<Vec<u8>>,
}

impl Runner<'_> {
    /// Goes through the gate, more than once if something is missing, and keeps the habits that it
    /// finds.
    pub(super) fn gate(&mut self) -> Result<(), Box<Obstacle>> {
        let patience = self.bounds.patience;
        let mut obstacle: Option<Box<Obstacle>> = None;
        for number in 0..TRIES {
            self.bounds.patience = patience * f64::from(1 << number);
            let visited = self.visited(number, number + 1 == TRIES);
            self.bounds.patience = patience;
            match visited {
                Ok(habits) => {
                    self.habits = habits;
                    if let Some(obstacle) = obstacle {
                        self.note_slow(&obstacle);
                    }
                    return Ok(());
                }
                Err(failed) => {
                    let hopeless = self.bounds.is_over()
                        || self.server.is_gone()
                        || matches!(failed.failure.outcome, Outcome::Crash(_))
                        || failed.what == Hindrance::WayOut && !self.started_anew();
                    obstacle = Some(failed);
                    if hopeless {
                        break;
                    }
                }
            }
        }
        obstacle.map_or(Ok(()), Err)
    }

    fn note_slow(&mut self, obstacle: &Obstacle) {
        let told = obstacle.failure.outcome.told(&obstacle.failure.who);
        self.notes.push(format!("the first control failed ({told}), a later one did not"));
    }

    /// A server that answers nobody is started anew, if that is possible.
    fn started_anew(&self) -> bool {
        self.server.command().is_some() && self.server.restart(self.server.generation())
    }

    /// Whether two new clients can talk, whatever else they are sent that the gate has seen.
    pub(super) fn serves(&self, number: &str, patience: f64) -> Played {
        let mut attempt = self.attempt(self.nonce("serves", number));
        attempt.bounds.patience *= patience;
        let found = self.habits.clone();
        let mut visit = Visit { attempt, found, speaks: false, names: Vec::new() };
        let voice = &self.book.voice;
        visit.enters(voice, "a", "ann")?;
        visit.enters(voice, "b", "bob")?;
        visit.text(voice)
    }

    /// One visit for each way to write the words that depend on a reading; and a second one if a
    /// line was missing, because a slow server may only have been late.
    /// After the last failure it is found out what the server speaks at all.
    fn visited(&self, number: u32, last: bool) -> Result<Habits, Box<Obstacle>> {
        let ways = self.book.words.iter().map(|word| word.texts.len()).max().unwrap_or(1);
        let mut failed = None;
        for way in 0..ways {
            let visit = |again: &str| {
                let words = self.book.words.iter().filter_map(|word| {
                    let (_, text) = word.texts.get(way).or(word.texts.first())?;
                    Some((word.name.clone(), text.clone()))
                });
                self.visit(&format!("{number} {way} {again}"), words.collect(), last)
            };
            match visit("first") {
                Ok(habits) if habits.without.is_empty() && habits.dead_fences.is_empty() => {
                    return Ok(habits);
                }
                Ok(mut habits) => {
                    let again = visit("again")?;
                    habits.without.retain(|stage| again.without.contains(stage));
                    habits.dead_fences.retain(|fence| again.dead_fences.contains(fence));
                    return Ok(habits);
                }
                Err(obstacle) if obstacle.what == Hindrance::WayIn => {
                    let better = |before: &Obstacle| before.speaks || !obstacle.speaks;
                    if !failed.as_deref().is_some_and(better) {
                        failed = Some(obstacle);
                    }
                }
                Err(obstacle) => return Err(obstacle),
            }
        }
        failed.map_or_else(|| Ok(Habits::default()), Err)
    }

    fn visit(
        &self,
        number: &str,
        words: BTreeMap<String, String>,
        last: bool,
    ) -> Result<Habits, Box<Obstacle>> {
        let found = Habits::default();
        let mut attempt = self.attempt_past(self.nonce("gate", number), found.clone());
        attempt.names.words = words;
        let mut visit = Visit { attempt, found, speaks: false, names: Vec::new() };
        let voice = &self.book.voice;
        match visit.conversation(voice) {
            Ok(()) => Ok(visit.found),
            Err((what, trouble)) => {
                let crs = last && visit.wants_cr(voice);
                let what = if crs { Hindrance::BareLineFeed } else { what };
                let mut failure = match trouble {
                    Trouble::Failure(failure) => failure,
                    Trouble::Unknown(why) => match Trouble::rule(why, "an answer") {
                        Trouble::Failure(failure) => failure,
                        Trouble::Unknown(_) => unreachable!("a rule is a failure"),
                    },
                };
                if let Some(how) = self.server.crashed(super::runner::DYING) {
                    visit.attempt.transcript.note("server", how.clone());
                    failure.outcome = Outcome::Crash(how);
                    failure.allowed = vec!["no input ends the server".to_owned()];
                }
                let (speaks, transcript) = (visit.speaks, visit.attempt.transcript);
                Err(Box::new(Obstacle { what, failure, transcript, speaks }))
            }
        }
    }
}

impl Visit<'_> {
    fn conversation(&mut self, voice: &Voice) -> Result<(), (Hindrance, Trouble)> {
        let failed = |what| move |trouble| (what, trouble);
        self.greeting().map_err(failed(Hindrance::WayIn))?;
        self.enters(voice, "a", "ann").map_err(failed(Hindrance::WayIn))?;
        self.enters(voice, "b", "bob").map_err(failed(Hindrance::SecondWayIn))?;
        self.arrival(voice).map_err(failed(Hindrance::SecondWayIn))?;
        self.text(voice).map_err(failed(Hindrance::Text))?;
        self.fences(voice).map_err(failed(Hindrance::Text))?;
        self.departure(voice).map_err(failed(Hindrance::WayOut))
    }

    /// What two clients are sent that say nothing. They stay, and say something later.
    fn greeting(&mut self) -> Played {
        let mut samples = Vec::new();
        for who in ["a", "b"] {
            self.attempt.connect(who)?;
            let until = self.attempt.bounds.until(BEFORE);
            let wire = self.attempt.wire(who)?;
            while wire.ahead.len() < LINE_MAX
                && Instant::now() < until
                && wire.hear(until) == Heard::Bytes
            {}
            let sample = std::mem::take(&mut wire.ahead);
            if !sample.is_empty() {
                self.attempt.transcript.got(who, &sample);
            }
            samples.extend(Greeting::of(sample));
            if samples.is_empty() {
                return Ok(());
            }
        }
        // What only one of them is sent is no greeting.
        if let [first, second] = &samples[..]
            && first.lines == second.lines
            && first.tail == second.tail
        {
            self.found.greeting = Some(first.clone());
            self.attempt.setting.habits.greeting = Some(first.clone());
        }
        Ok(())
    }

    /// The patterns of the lines of a template.
    fn lines(&self, template: &str, user: &str, text: &str, voice: &Voice) -> Played<Vec<Pattern>> {
        let filled = fill(template, &voice.name(user), "{room}", text);
        filled.split_inclusive(r"\n").map(|line| self.attempt.pattern(line)).collect()
    }

    /// Lets a client in.
    fn enters(&mut self, voice: &Voice, who: &str, user: &str) -> Played {
        for name in [voice.name(user), "{room}".to_owned()] {
            let name = self.attempt.bytes(&name)?;
            self.names.push(name);
        }
        let sent = fill(&voice.enter.0, &voice.name(user), "{room}", "");
        self.attempt.say(who, &sent)?;
        let wanted = self.lines(&voice.enter.1, user, "", voice)?;
        let came = self.answer(who, &wanted)?;
        self.notices(Habit::Arrivals, came.others, voice)
    }

    /// What a is told of the arrival of b.
    fn arrival(&mut self, voice: &Voice) -> Played {
        let wanted = match &voice.joined {
            Some(joined) => self.lines(joined, "bob", "", voice)?,
            None => Vec::new(),
        };
        let came = self.perhaps("a", &wanted)?;
        if came.right < wanted.len() {
            self.found.without.insert(Stage::Joined);
        }
        self.notices(Habit::Arrivals, came.others, voice)
    }

    fn text(&mut self, voice: &Voice) -> Played {
        let sent = voice.say.replace("{text}", "hello");
        self.attempt.say("b", &sent)?;
        let heard = self.lines(&voice.heard, "bob", "hello", voice)?;
        self.answer("a", &heard)?;
        let wanted = if voice.echo == Echo::Always { heard.clone() } else { Vec::new() };
        let came = self.perhaps("b", &wanted)?;
        if came.right < wanted.len() {
            self.found.without.insert(Stage::Echo);
        }
        self.notices(Habit::Answers, came.others, voice)
    }

    /// Which of the questions that prove a silence work. One that depends on a reading is for the
    /// case about that reading.
    fn fences(&mut self, voice: &Voice) -> Played {
        for (index, fence) in voice.fences.iter().enumerate() {
            let left_out = fence.ours && self.attempt.setting.document_only;
            if fence.when.is_some() || left_out {
                continue;
            }
            if voice.fence_is_heard && self.found.lacks(Stage::Echo) {
                self.found.dead_fences.insert(index);
                continue;
            }
            let fill = |template: &str| {
                template.replace("{user}", &voice.name("ann")).replace("{text}", "fence")
            };
            self.attempt.say("a", &fill(&fence.sent))?;
            let seen = fill(&fence.seen);
            let wanted = seen.split_inclusive(r"\n").map(|line| self.attempt.pattern(line));
            let wanted = wanted.collect::<Played<Vec<_>>>()?;
            if self.perhaps("a", &wanted)?.right < wanted.len() {
                self.found.dead_fences.insert(index);
            }
        }
        Ok(())
    }

    /// b goes; a is told, where the dialect tells it; and the next client is let in.
    fn departure(&mut self, voice: &Voice) -> Played {
        self.attempt.close("b");
        // Soon, if at all: a server that never tells is not waited for before the next client.
        let patience = self.attempt.bounds.patience;
        self.attempt.bounds.patience = patience / 4.0;
        let soon = self.is_told(voice, "bob")?;
        self.attempt.bounds.patience = patience;
        self.enters(voice, "c", "cat")?;
        if !soon && !self.is_told(voice, "bob")? {
            // A server may take only a reset for a departure. [common/eos-2]
            self.attempt.reset("c");
            if !self.is_told(voice, "cat")? {
                self.found.without.insert(Stage::Left);
            }
        }
        Ok(())
    }

    fn is_told(&mut self, voice: &Voice, user: &str) -> Played<bool> {
        let wanted = match &voice.left {
            Some(left) => self.lines(left, user, "", voice)?,
            None => Vec::new(),
        };
        let came = self.perhaps("a", &wanted)?;
        self.notices(Habit::Departures, came.others, voice)?;
        Ok(came.right == wanted.len())
    }

    /// Keeps lines that nobody asked for, except for those that the dialect has.
    fn notices(&mut self, habit: Habit, lines: Vec<Vec<u8>>, voice: &Voice) -> Played {
        let replayed = voice.replayed.iter().map(|(_, line)| line);
        let notices = [&voice.present, &voice.joined, &voice.left].into_iter().flatten();
        let mut known = Vec::new();
        for template in notices.chain(replayed).chain([&voice.heard]) {
            for user in ["ann", "bob", "cat"] {
                for text in ["hello", "in", "fence"] {
                    known.extend(self.lines(template, user, text, voice)?);
                }
            }
        }
        let is = |line: &[u8], pattern: &Pattern| match pattern.agreement(line) {
            Agreement::Whole(length) => length == line.len(),
            Agreement::Part(_) => false,
        };
        for line in lines {
            if known.iter().any(|pattern| is(&line, pattern)) {
                continue;
            }
            let Some(notice) = Notice::of(&line, &self.names) else { continue };
            let known = self.found.notices.iter().any(|(_, one)| one.is(&line));
            if !known && self.found.notices.len() < NOTICES_MAX {
                self.found.notices.push((habit, notice));
            }
        }
        Ok(())
    }

    /// All of `wanted` must come, in this order, whatever comes in between.
    fn answer(&mut self, who: &str, wanted: &[Pattern]) -> Played<Came> {
        let begun = Instant::now();
        let (came, heard) = self.came(who, wanted)?;
        if came.right == wanted.len() {
            return Ok(came);
        }
        let allowed = vec![wanted[came.right].shown()];
        match came.others.into_iter().next() {
            Some(got) => {
                let at = match wanted[came.right].agreement(&got) {
                    Agreement::Part(at) => at,
                    Agreement::Whole(_) => 0,
                };
                Err(Trouble::failure(who, Outcome::Mismatch { at, got }, allowed))
            }
            None => Err(self.attempt.ended(who, heard, 0, begun, allowed)),
        }
    }

    /// As `answer`, but nothing must come.
    fn perhaps(&mut self, who: &str, wanted: &[Pattern]) -> Played<Came> {
        Ok(self.came(who, wanted)?.0)
    }

    /// The lines that come until all of `wanted` have come, and a moment longer.
    fn came(&mut self, who: &str, wanted: &[Pattern]) -> Played<(Came, Heard)> {
        let mut came = Came { right: 0, others: Vec::new() };
        let mut until = self.attempt.bounds.until(ANSWER);
        let mut waits = true;
        loop {
            if waits && came.right == wanted.len() {
                waits = false;
                until = self.attempt.bounds.until(MORE);
            }
            let wire = self.attempt.wire(who)?;
            if let Some(lf) = memchr::memchr(b'\n', &wire.ahead) {
                let line: Vec<u8> = wire.ahead.drain(..=lf).collect();
                self.attempt.transcript.got(who, &line);
                if came.right < wanted.len() && self.agrees(&line, &wanted[came.right]) {
                    came.right += 1;
                } else {
                    came.others.push(line);
                }
                continue;
            }
            let heard = wire.hear(until);
            let endless = came.others.len() > 100 || wire.ahead.len() > LINE_MAX;
            if heard != Heard::Bytes || endless || Instant::now() > until {
                let rest = std::mem::take(&mut wire.ahead);
                if !rest.is_empty() {
                    self.attempt.transcript.got(who, &rest);
                    came.others.push(rest);
                }
                return Ok((came, heard));
            }
        }
    }

    /// Whether a line is the wanted one, perhaps with a byte order mark or another line end, which
    /// is a habit then.
    fn agrees(&mut self, line: &[u8], wanted: &Pattern) -> bool {
        let is = |line: &[u8]| matches!(wanted.agreement(line), Agreement::Whole(_));
        let bare = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        let mark = bare.len() < line.len() && !is(line);
        let text = bare.strip_suffix(b"\n").unwrap_or(bare);
        let other = match text.strip_suffix(b"\r") {
            Some(text) => ([text, b"\n"].concat(), LineEnd::CrLf),
            None => ([text, b"\r\n"].concat(), LineEnd::Lf),
        };
        let as_it_is = is(line) || is(bare);
        if !as_it_is && !is(&other.0) {
            return false;
        }
        self.speaks = true;
        self.found.mark |= mark;
        if !as_it_is {
            self.found.ends = Some(other.1);
        }
        true
    }

    /// After a failure: whether nothing that the server says is of the dialect, and the way in
    /// works in lines that end in CR LF.
    fn wants_cr(&mut self, voice: &Voice) -> bool {
        if self.speaks {
            return false;
        }
        let patience = self.attempt.bounds.patience;
        // It has had its time; these are other chances to say a word, no waits for an answer.
        self.attempt.bounds.patience = patience / 4.0;
        // The answer to this comes while another word is looked for.
        let sent = fill(&voice.enter.0, &voice.name("yul"), "{room}", "").replace(r"\n", r"\r\n");
        let asked = self.attempt.say("y", &sent);
        self.look_for_a_word(voice);
        let wanted = self.lines(&voice.enter.1, "yul", "", voice);
        let came = match (self.speaks, asked, wanted) {
            (false, Ok(()), Ok(wanted)) => {
                self.perhaps("y", &wanted).is_ok_and(|came| came.right == wanted.len())
            }
            _ => false,
        };
        self.attempt.bounds.patience = patience;
        came
    }

    /// After a failure: whether anything at all that the server says is of the dialect.
    fn look_for_a_word(&mut self, voice: &Voice) {
        let refused = voice.refused.iter().map(|line| self.attempt.pattern(line));
        let mut words: Vec<Pattern> = refused.filter_map(Result::ok).collect();
        for template in voice.joined.iter().chain([&voice.heard]).chain(&voice.left) {
            words.extend(self.lines(template, "zoe", "hello", voice).unwrap_or_default());
        }
        let sent = fill(&voice.enter.0, &voice.name("zoe"), "{room}", "");
        let said = voice.say.replace("{text}", "hello");
        let _ = self.attempt.say("a", &sent); // whatever comes of it
        let _ = self.attempt.say("z", &(sent + &said)); // whatever comes of it
        for who in ["z", "a"] {
            let Ok((came, _)) = self.came(who, &[Pattern::of(b"\n")]) else { continue };
            let got = self.attempt.transcript.events.iter().filter_map(|event| match &event.what {
                super::transcript::What::Got(bytes) => Some(bytes.clone()),
                _ => None,
            });
            let lines: Vec<Vec<u8>> = got.chain(came.others).collect();
            for word in &words {
                let _ = lines.iter().any(|line| self.agrees(line, word));
            }
            // A text of one client in what another one is sent: it is a chat of some kind.
            let text = |line: &Vec<u8>| line.windows(5).any(|part| part == b"hello");
            self.speaks |= who == "a" && lines.iter().any(text);
        }
    }
}
