//! Cases as data: the files of `cases/`, parsed.
//!
//! A file is a list of blocks, each of lines; `#` begins a comment line.
//!
//! ```text
//! case rooms/join-4/rejects-third-word      its clause and a name that never changes
//!   says: what is wrong if it fails          one line each
//!   hint: what to look at first
//!   a joins ann                               the dialect's join, sent and seen
//!   b > JOIN {room} bob blah\n                sent, see the templates
//!   b < ERROR\n                               exactly this, next
//!   b closed                                  the end of the stream, or a reset
//!   a fence ann                               a line of its own is the next it sees: nothing else came
//! ```
//!
//! Other steps: `ends` (the end, no reset), `silent` (nothing arrives for a while), `connects`,
//! `half-closes`, `closes`, `resets`, and `a ? drops-it: bytes` (one of several allowed readings; `?!`
//! ends the case there). Instead of steps a case may have `runs: name`, a function of `special`.
//! `whole` exempts it from segmentation, `alone` from company, `slow` from `--quick`,
//! `started` is for servers that the suite has started.
//! `needs: common/eos-2=departs` presupposes a reading of a PROFILE clause.
//! `unjudged ID: reason` says why a clause has no case, `control` is the proof that a server works.

use super::ConformError;
use super::dialect::Dialect;

/// One case: what is done, and what must come of it.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) clause: String,
    pub(super) says: String,
    pub(super) hint: String,
    pub(super) steps: Vec<Step>,
    /// The function that plays it, if steps cannot say it.
    pub(super) runs: Option<String>,
    pub(super) whole: bool,
    pub(super) alone: bool,
    pub(super) slow: bool,
    /// Whether it is about the process, and so only for a server that the suite has started.
    pub(super) started: bool,
    /// The reading of a PROFILE clause that it presupposes.
    pub(super) needs: Option<(String, String)>,
}

/// One line of a script.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) who: String,
    pub(super) action: Action,
}

/// What a client does or must see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Connect,
    Send(String),
    Expect { bytes: String, proves: bool },
    OneOf(Vec<Reading>),
    Ends,
    Closed,
    Silent,
    HalfClose,
    Close,
    Reset,
}

/// One of several allowed things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) name: String,
    pub(super) bytes: String,
    /// Whether what follows does not apply to it.
    pub(super) last: bool,
}

/// All that the files of a dialect hold.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// The name of the dialect.
    pub(super) dialect: &'static str,
    pub(super) cases: Vec<Case>,
    /// Clauses without a case, each with the reason.
    pub(super) unjudged: Vec<(String, String)>,
    pub(super) control: Vec<Step>,
}

/// Reads all files of a dialect.
pub(super) fn book(dialect: &Dialect) -> Result<Book, ConformError> {
    let mut book = Book { dialect: dialect.name, ..Book::default() };
    for (file, text) in dialect.files {
        let mut reader = Reader { dialect, book: &mut book, in_control: false, fences: 0 };
        for (index, line) in text.lines().enumerate() {
            reader.line(line).ok_or_else(|| {
                ConformError::Data(format!("{file}:{}: not understood: {line}", index + 1))
            })?;
        }
    }
    Ok(book)
}

struct Reader<'a> {
    dialect: &'a Dialect,
    book: &'a mut Book,
    in_control: bool,
    fences: usize,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) -> Option<()> {
        if line.trim().is_empty() || line.starts_with('#') {
            return Some(());
        }
        if let Some(id) = line.strip_prefix("case ") {
            self.in_control = false;
            self.fences = 0;
            let (clause, _) = id.rsplit_once('/')?;
            let (id, clause) = (id.to_owned(), clause.to_owned());
            self.book.cases.push(Case { id, clause, ..Case::default() });
        } else if let Some(rest) = line.strip_prefix("unjudged ") {
            let (id, reason) = rest.split_once(": ")?;
            self.book.unjudged.push((id.to_owned(), reason.to_owned()));
        } else if line == "control" {
            self.in_control = true;
        } else {
            self.inner(line.strip_prefix("  ")?)?;
        }
        Some(())
    }

    fn inner(&mut self, line: &str) -> Option<()> {
        if !self.in_control {
            let case = self.book.cases.last_mut()?;
            if let Some((field, value)) = line.split_once(": ") {
                match field {
                    "says" => {
                        value.clone_into(&mut case.says);
                        return Some(());
                    }
                    "hint" => {
                        value.clone_into(&mut case.hint);
                        return Some(());
                    }
                    "needs" => {
                        let (clause, reading) = value.split_once('=')?;
                        case.needs = Some((clause.to_owned(), reading.to_owned()));
                        return Some(());
                    }
                    "runs" => {
                        case.runs = Some(value.to_owned());
                        return Some(());
                    }
                    _ => {}
                }
            }
            let flag = match line {
                "whole" => Some(&mut case.whole),
                "alone" => Some(&mut case.alone),
                "slow" => Some(&mut case.slow),
                "started" => Some(&mut case.started),
                _ => None,
            };
            if let Some(flag) = flag {
                *flag = true;
                return Some(());
            }
        }
        let (who, what) = line.split_once(' ')?;
        self.step(who, what)
    }

    fn step(&mut self, who: &str, what: &str) -> Option<()> {
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        let action = match verb {
            ">" => Action::Send(rest.to_owned()),
            "<" => Action::Expect { bytes: rest.to_owned(), proves: false },
            "?" | "?!" => return self.reading(who, rest, verb == "?!"),
            "joins" => return self.joins(who, rest),
            "fence" => return self.fence(who, rest),
            "connects" => Action::Connect,
            "ends" => Action::Ends,
            "closed" => Action::Closed,
            "silent" => Action::Silent,
            "half-closes" => Action::HalfClose,
            "closes" => Action::Close,
            "resets" => Action::Reset,
            _ => return None,
        };
        self.push(who, action)
    }

    fn push(&mut self, who: &str, action: Action) -> Option<()> {
        let steps = self.steps()?;
        steps.push(Step { who: who.to_owned(), action });
        Some(())
    }

    fn steps(&mut self) -> Option<&mut Vec<Step>> {
        if self.in_control {
            return Some(&mut self.book.control);
        }
        self.book.cases.last_mut().map(|case| &mut case.steps)
    }

    /// Neighbouring readings of one client are the alternatives of one step.
    fn reading(&mut self, who: &str, rest: &str, last: bool) -> Option<()> {
        let (name, bytes) = rest.split_once(": ")?;
        let reading = Reading { name: name.to_owned(), bytes: bytes.to_owned(), last };
        if let Some(Step { who: before, action: Action::OneOf(readings) }) =
            self.steps()?.last_mut()
            && before == who
        {
            readings.push(reading);
            return Some(());
        }
        self.push(who, Action::OneOf(vec![reading]))
    }

    /// `a joins ann` or `a joins ann in room2`.
    fn joins(&mut self, who: &str, rest: &str) -> Option<()> {
        let (user, room) = rest.split_once(" in ").unwrap_or((rest, "room"));
        let fill =
            |text: &str| text.replace("{user}", user).replace("{room}", &format!("{{{room}}}"));
        let (sent, seen) = self.dialect.join;
        self.push(who, Action::Send(fill(sent)))?;
        self.push(who, Action::Expect { bytes: fill(seen), proves: false })
    }

    fn fence(&mut self, who: &str, user: &str) -> Option<()> {
        self.fences += 1;
        let text = format!("fence-{}", self.fences);
        let fill = |template: &str| template.replace("{user}", user).replace("{text}", &text);
        let (sent, seen) = self.dialect.say;
        self.push(who, Action::Send(fill(sent)))?;
        self.push(who, Action::Expect { bytes: fill(seen), proves: true })
    }
}
