//! What a server says that nobody asked for, and what it leaves out: found out at the gate, told
//! once, by the case that is about it, and looked past by every other case.

use super::stage::Stage;
use std::collections::BTreeSet;

/// A way in which a server differs in every conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Habit {
    /// It sends something before a client's first line.
    Greeting,
    /// The first bytes on a connection are a byte order mark.
    Mark,
    /// Its lines end in CR LF where the document has LF, or the other way round.
    LineEnds,
    /// It tells of arrivals in lines that the dialect does not have.
    Arrivals,
    /// It tells of departures in lines that the dialect does not have.
    Departures,
    /// It answers a text with a line that the dialect does not have.
    Answers,
    /// The lines of this stage never come.
    Without(Stage),
}

impl Habit {
    /// The word for it in the case files, if it is no stage.
    pub(super) fn parsed(word: &str) -> Option<Habit> {
        Some(match word {
            "greeting" => Habit::Greeting,
            "mark" => Habit::Mark,
            "line-ends" => Habit::LineEnds,
            "arrivals" => Habit::Arrivals,
            "departures" => Habit::Departures,
            "answers" => Habit::Answers,
            _ => return None,
        })
    }
}

/// How the lines of a server end, where that is not as the document says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    Lf,
    CrLf,
}

/// The habits of the server under test; the default has none.
#[derive(Clone, Debug, Default)]
pub(super) struct Habits {
    pub(super) greeting: Option<Greeting>,
    pub(super) mark: bool,
    pub(super) ends: Option<LineEnd>,
    pub(super) notices: Vec<(Habit, Notice)>,
    pub(super) without: BTreeSet<Stage>,
    /// The fences of the dialect, by their index, that the server does not answer as it must.
    pub(super) dead_fences: BTreeSet<usize>,
}

/// What a client is sent before its first line: as many whole lines, and then these bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Greeting {
    pub(super) lines: usize,
    pub(super) tail: Vec<u8>,
    /// All of it, as it was the first time.
    pub(super) sample: Vec<u8>,
}

impl Greeting {
    /// The greeting of which these bytes are a sample, if there are any.
    pub(super) fn of(sample: Vec<u8>) -> Option<Greeting> {
        let end = sample.iter().rposition(|&byte| byte == b'\n').map_or(0, |lf| lf + 1);
        let lines = memchr::memchr_iter(b'\n', &sample).count();
        let tail = sample[end..].to_vec();
        (!sample.is_empty()).then_some(Greeting { lines, tail, sample })
    }
}

/// A line with free places where a name or a number stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Notice {
    /// The bytes between the free places, of which there is one between each two of them.
    parts: Vec<Vec<u8>>,
    /// The line as it was the first time.
    pub(super) sample: Vec<u8>,
}

/// Minimum number of fixed bytes of a notice: with fewer, it could be any line.
const FIXED_MIN: usize = 4;

impl Notice {
    /// The notice of which `line` is a sample, with `names` and numbers free; `None` if too little
    /// is fixed then.
    pub(super) fn of(line: &[u8], names: &[Vec<u8>]) -> Option<Notice> {
        let mut parts = vec![Vec::new()];
        let mut at = 0;
        while at < line.len() {
            let rest = &line[at..];
            let name = names.iter().find(|name| rest.starts_with(name)).map(Vec::len);
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            match name.unwrap_or(digits) {
                0 => {
                    parts.last_mut()?.push(rest[0]);
                    at += 1;
                }
                free => {
                    parts.push(Vec::new());
                    at += free;
                }
            }
        }
        let fixed = parts.iter().flatten().filter(|byte| !byte.is_ascii_whitespace()).count();
        (fixed >= FIXED_MIN).then(|| Notice { parts, sample: line.to_vec() })
    }

    /// Whether a whole line is this notice, about whomever.
    pub(super) fn is(&self, line: &[u8]) -> bool {
        let Some((first, rest)) = self.parts.split_first() else { return false };
        let Some(mut line) = line.strip_prefix(&first[..]) else { return false };
        let Some((last, middle)) = rest.split_last() else { return line.is_empty() };
        for part in middle {
            let from = 1.min(line.len());
            let found = line[from..].windows(part.len().max(1)).position(|w| w == &part[..]);
            let Some(found) = found else { return false };
            line = &line[from + found + part.len()..];
        }
        line.len() > last.len() && line.ends_with(last)
    }

    /// Whether a line that begins so may become this notice.
    fn may_be(&self, beginning: &[u8]) -> bool {
        let first = self.parts.first().map_or(&[][..], Vec::as_slice);
        let both = first.len().min(beginning.len());
        first[..both] == beginning[..both]
    }
}

impl Habits {
    /// All habits that were found.
    pub(super) fn all(&self) -> BTreeSet<Habit> {
        let mut all: BTreeSet<Habit> = self.notices.iter().map(|(habit, _)| *habit).collect();
        all.extend(self.greeting.as_ref().map(|_| Habit::Greeting));
        all.extend(self.mark.then_some(Habit::Mark));
        all.extend(self.ends.map(|_| Habit::LineEnds));
        all.extend(self.without.iter().map(|stage| Habit::Without(*stage)));
        all
    }

    /// The same habits except for some: for a case that is about those.
    pub(super) fn except(&self, habits: &[Habit]) -> Habits {
        let mut rest = self.clone();
        for habit in habits {
            match habit {
                Habit::Greeting => rest.greeting = None,
                Habit::Mark => rest.mark = false,
                Habit::LineEnds => rest.ends = None,
                Habit::Arrivals | Habit::Departures | Habit::Answers => {
                    rest.notices.retain(|(of, _)| of != habit);
                }
                Habit::Without(stage) => {
                    rest.without.remove(stage);
                }
            }
        }
        rest
    }

    /// Whether the lines of a stage never come.
    pub(super) fn lacks(&self, stage: Stage) -> bool {
        self.without.contains(&stage)
    }

    /// What a page says is not shown in its transcript.
    pub(super) fn told(&self) -> Vec<String> {
        let shown = super::escapes::shown;
        let mut told = Vec::new();
        if let Some(greeting) = &self.greeting {
            let said = shown(&greeting.sample);
            told.push(format!("greets each client with {said}, which is left out below"));
        }
        if self.mark {
            told.push("begins with a byte order mark, which is left out below".to_owned());
        }
        match self.ends {
            Some(LineEnd::CrLf) => {
                told.push(r"ends its lines in \r\n, shown as \n below".to_owned());
            }
            Some(LineEnd::Lf) => told.push(r"ends its lines in \n, shown as \r\n below".to_owned()),
            None => {}
        }
        for (_, notice) in &self.notices {
            let said = shown(&notice.sample);
            told.push(format!("says lines like {said}, which are left out below"));
        }
        for stage in &self.without {
            told.push(format!("never sends {}, so that is not waited for below", stage.told()));
        }
        told
    }

    /// A filter for a new connection, if one is needed.
    pub(super) fn filter(&self) -> Option<Filter> {
        let notices: Vec<Notice> = self.notices.iter().map(|(_, notice)| notice.clone()).collect();
        let needed =
            self.greeting.is_some() || self.mark || self.ends.is_some() || !notices.is_empty();
        needed.then(|| Filter {
            greeting: self.greeting.clone(),
            mark: self.mark,
            ends: self.ends,
            notices,
            held: Vec::new(),
        })
    }
}

/// Takes the habits of a server out of what it sends on one connection.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    greeting: Option<Greeting>,
    mark: bool,
    ends: Option<LineEnd>,
    notices: Vec<Notice>,
    /// Bytes of which it is not known yet whether they are to be taken out.
    held: Vec<u8>,
}

/// In UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Filter {
    /// Adds what is left of `received` to `out`.
    pub(super) fn pass(&mut self, received: &[u8], out: &mut Vec<u8>) {
        self.held.extend_from_slice(received);
        if !self.begun() {
            return;
        }
        while let Some(lf) = memchr::memchr(b'\n', &self.held) {
            let line: Vec<u8> = self.held.drain(..=lf).collect();
            if self.notices.iter().any(|notice| notice.is(&line)) {
                continue;
            }
            out.extend(self.ended(line));
        }
        let waits = self.notices.iter().any(|notice| notice.may_be(&self.held))
            || self.ends.is_some() && self.held.ends_with(b"\r");
        if !waits {
            out.append(&mut self.held);
        }
    }

    /// Adds what was held back, at the end of the stream.
    pub(super) fn release(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.held);
    }

    /// Takes mark and greeting off the beginning; whether that is done.
    fn begun(&mut self) -> bool {
        if self.mark {
            let both = self.held.len().min(BYTE_ORDER_MARK.len());
            if self.held[..both] == BYTE_ORDER_MARK[..both] {
                if both < BYTE_ORDER_MARK.len() {
                    return false;
                }
                self.held.drain(..both);
            }
            self.mark = false;
        }
        let Some(greeting) = &mut self.greeting else { return true };
        while greeting.lines > 0 {
            let Some(lf) = memchr::memchr(b'\n', &self.held) else { return false };
            self.held.drain(..=lf);
            greeting.lines -= 1;
        }
        let both = self.held.len().min(greeting.tail.len());
        if self.held[..both] == greeting.tail[..both] {
            if both < greeting.tail.len() {
                return false;
            }
            self.held.drain(..both);
        }
        self.greeting = None;
        true
    }

    fn ended(&self, mut line: Vec<u8>) -> Vec<u8> {
        match self.ends {
            Some(LineEnd::CrLf) if line.ends_with(b"\r\n") => {
                line.truncate(line.len() - 2);
                line.push(b'\n');
            }
            Some(LineEnd::Lf) if !line.ends_with(b"\r\n") => {
                line.truncate(line.len() - 1);
                line.extend(b"\r\n");
            }
            _ => {}
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::{Greeting, Habit, Habits, LineEnd, Notice};

    fn passed(habits: &Habits, parts: &[&[u8]]) -> Vec<u8> {
        let mut filter = habits.filter().expect("there are habits");
        let mut out = Vec::new();
        for part in parts {
            filter.pass(part, &mut out);
        }
        filter.release(&mut out);
        out
    }

    fn notice(line: &[u8]) -> Notice {
        Notice::of(line, &[b"bobabc".to_vec()]).expect("enough is fixed")
    }

    #[test]
    fn a_notice_is_known_again_with_another_name_and_another_number() {
        let joined = notice(b"INFO bobabc is in (3 users)\n");
        assert!(joined.is(b"INFO annxyz is in (12 users)\n"));
        for other in [&b"INFO annxyz is out (12 users)\n"[..], b"MSG annxyz is in (1 users)\n"] {
            assert!(!joined.is(other));
        }
        assert!(!joined.is(b"INFO  is in ( users)\n"), "a free place is not empty");
        assert!(joined.may_be(b"IN") && joined.may_be(b"INFO zed i") && !joined.may_be(b"MS"));
        assert_eq!(Notice::of(b"bobabc\n", &[b"bobabc".to_vec()]), None);
    }

    #[test]
    fn notices_are_taken_out_however_they_are_cut() {
        let habits = Habits {
            notices: vec![(Habit::Arrivals, notice(b"INFO bobabc joined\n"))],
            ..Habits::default()
        };
        assert_eq!(passed(&habits, &[b"OK\nINFO an", b"n joined\nMSG x"]), b"OK\nMSG x");
        assert_eq!(passed(&habits, &[b"INFO ann left\nIN"]), b"INFO ann left\nIN");
    }

    #[test]
    fn a_greeting_is_taken_off_the_beginning_alone() {
        let greeting = Greeting::of(b"Hello, guest 7\n> ".to_vec());
        let habits = Habits { greeting, ..Habits::default() };
        assert_eq!(passed(&habits, &[b"Hello, guest 8\n", b"> OK\n> "]), b"OK\n> ");
        assert_eq!(passed(&habits, &[b"Hello, guest 8\nOK\n"]), b"OK\n");
    }

    #[test]
    fn line_ends_become_those_of_the_document() {
        let ends = |ends| Habits { ends: Some(ends), ..Habits::default() };
        assert_eq!(passed(&ends(LineEnd::CrLf), &[b"a\r", b"\nb\r\r\nc\n"]), b"a\nb\r\nc\n");
        assert_eq!(passed(&ends(LineEnd::Lf), &[b"a\nb\r\n"]), b"a\r\nb\r\n");
        let mark = Habits { mark: true, ..Habits::default() };
        assert_eq!(passed(&mark, &[b"\xef\xbb", b"\xbfOK\n\xef\xbb\xbf"]), b"OK\n\xef\xbb\xbf");
    }
}
