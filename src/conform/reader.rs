//! Reads case files; `script` describes their format.

use super::ConformError;
use super::choice::END;
use super::declarations::{Condition, Declared, Word};
use super::dialect::{COMMON_FILES, Dialect};
use super::habits::Habit;
use super::scene::Scene;
use super::script::{Action, Book, Case, Presumed, Reading, Step};
use super::stage::Stage;
use super::voice::guarded;

/// Reads all files of a dialect: its words, the files of all dialects, and the rest of its own.
pub(super) fn book(dialect: &Dialect) -> Result<Book, ConformError> {
    let mut book = Book { dialect: dialect.name, ..Book::default() };
    let (words, own) = dialect.files.split_at(1);
    for (file, text) in words.iter().chain(COMMON_FILES).chain(own) {
        let mut reader = Reader {
            dialect,
            book: &mut book,
            place: Place::Nowhere,
            scene: Scene::default(),
            left_out: None,
        };
        for (index, line) in text.lines().enumerate() {
            reader.line(line).ok_or_else(|| {
                ConformError::Data(format!("{file}:{}: not understood: {line}", index + 1))
            })?;
        }
    }
    let left_out =
        |name: &String| name == dialect.name || dialect.is_extended && name == "extended";
    let here = |case: &Case| !case.not.iter().any(left_out);
    book.cases.retain(here);
    Ok(book)
}

/// Which block the lines belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Nowhere,
    Control,
    Case,
}

struct Reader<'a> {
    dialect: &'a Dialect,
    book: &'a mut Book,
    place: Place,
    scene: Scene,
    /// Set in a case that this dialect leaves out, whose steps are not read.
    left_out: Option<()>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) -> Option<()> {
        if line.trim().is_empty() || line.starts_with('#') {
            return Some(());
        }
        if let Some(inner) = line.strip_prefix("  ") {
            return self.inner(inner);
        }
        self.place = Place::Nowhere;
        self.scene = Scene::default();
        self.left_out = None;
        if let Some(id) = line.strip_prefix("case ") {
            self.place = Place::Case;
            let (clause, _) = id.rsplit_once('/')?;
            let (id, clause) = (id.to_owned(), clause.to_owned());
            self.book.cases.push(Case { id, clause, ..Case::default() });
        } else if let Some(rest) = line.strip_prefix("unjudged ") {
            self.unjudged(rest)?;
        } else if line == "control" {
            // A dialect's own control replaces the common one.
            self.book.control.clear();
            self.place = Place::Control;
        } else if let Some(rest) = line.strip_prefix("reading ") {
            let (clause, names) = rest.split_once(": ")?;
            let names = words(names);
            self.book.readings.push(Declared { clause: clause.to_owned(), names });
        } else if let Some(rest) = line.strip_prefix("word ") {
            self.word(rest)?;
        } else if let Some(rest) = line.strip_prefix("stage ") {
            let (stage, id) = rest.split_once(": ")?;
            self.book.stages.push((Stage::parsed(stage)?, id.to_owned()));
        } else if let Some(id) = line.strip_prefix("alive ") {
            id.clone_into(&mut self.book.alive);
        } else if let Some(rest) = line.strip_prefix("habit ") {
            let (habit, id) = rest.split_once(": ")?;
            self.book.habits.push((Habit::parsed(habit)?, id.to_owned()));
        } else {
            let (field, value) = line.split_once(": ")?;
            self.book.voice.line(field, value)?;
        }
        Some(())
    }

    /// `ID: reason`, or `ID (lobby simple): reason` in these dialects only.
    fn unjudged(&mut self, rest: &str) -> Option<()> {
        let (id, reason) = rest.split_once(": ")?;
        let (id, only) = id.split_once(" (").unwrap_or((id, ""));
        let only = words(only.trim_end_matches(')'));
        if only.is_empty() || only.iter().any(|name| name == self.dialect.name) {
            self.book.unjudged.push((id.to_owned(), reason.to_owned()));
        }
        Some(())
    }

    /// `colon lobby/text-3: bare=: space=:\x20`.
    fn word(&mut self, rest: &str) -> Option<()> {
        let (of, texts) = rest.split_once(": ")?;
        let (name, clause) = of.split_once(' ')?;
        let text = |text: &str| text.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned()));
        let texts: Option<Vec<_>> = texts.split(' ').map(text).collect();
        let (name, clause) = (name.to_owned(), clause.to_owned());
        self.book.words.push(Word { name, clause, texts: texts? });
        Some(())
    }

    fn inner(&mut self, line: &str) -> Option<()> {
        if self.left_out.is_some() {
            return Some(());
        }
        if self.place == Place::Case && (self.field(line) || self.flag(line)) {
            if self.book.cases.last()?.not.iter().any(|name| name == self.dialect.name) {
                self.left_out = Some(());
            }
            return Some(());
        }
        let (when, line) = guarded(line)?;
        let (who, what) = line.split_once(' ')?;
        let count = self.steps()?.len();
        self.step(who, what)?;
        if when.is_some() {
            // Another condition inside, of an echo, would be lost.
            let new = &mut self.steps()?[count..];
            if new.iter().any(|step| step.when.is_some()) {
                return None;
            }
            for step in new {
                step.when.clone_from(&when);
            }
        }
        Some(())
    }

    /// Whether `line` is a field of a case.
    fn field(&mut self, line: &str) -> bool {
        let Some(case) = self.book.cases.last_mut() else { return false };
        let Some((field, value)) = line.split_once(": ") else { return false };
        match field {
            "says" => value.clone_into(&mut case.says),
            "hint" => value.clone_into(&mut case.hint),
            "kills" => case.kills.extend(words(value)),
            "not" => case.not = words(value),
            "runs" => case.runs = Some(value.to_owned()),
            "needs" => return value.split(' ').all(|word| case.needs(word).is_some()),
            _ => return false,
        }
        true
    }

    fn flag(&mut self, line: &str) -> bool {
        let Some(case) = self.book.cases.last_mut() else { return false };
        let flag = match line {
            "whole" => &mut case.whole,
            "alone" => &mut case.alone,
            "slow" => &mut case.slow,
            "minutes" => &mut case.minutes,
            "started" => &mut case.started,
            "argument" => &mut case.argument,
            "probe" => &mut case.probe,
            "measured" => &mut case.measured,
            _ => return false,
        };
        *flag = true;
        true
    }

    fn step(&mut self, who: &str, what: &str) -> Option<()> {
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        match verb {
            "?" | "?!" => self.reading(who, rest, verb == "?!"),
            "may" | "may!" => {
                let (name, phrase) = rest.split_once(": ")?;
                let bytes = self.phrase(who, phrase)?;
                let bytes = if bytes.is_empty() { END.to_owned() } else { bytes };
                self.reading(who, &format!("{name}: {bytes}"), verb == "may!")
            }
            _ => {
                let steps = self.scene.line(&self.book.voice, who, what)?;
                self.steps()?.extend(steps);
                Some(())
            }
        }
    }

    /// The template that the client must see for a phrase of all dialects; `None` is the end of the
    /// stream.
    fn phrase(&mut self, who: &str, phrase: &str) -> Option<String> {
        let unseen = self.scene.unseen(who);
        self.steps()?.extend(unseen);
        let steps = self.scene.line(&self.book.voice, who, phrase)?;
        let bytes = |step: Step| match step.action {
            Action::Expect { bytes, .. } => Some(bytes),
            _ => None,
        };
        steps.into_iter().map(bytes).collect()
    }

    fn push(&mut self, who: &str, action: Action) -> Option<()> {
        self.steps()?.push(Step { who: who.to_owned(), when: None, stage: None, action });
        Some(())
    }

    fn steps(&mut self) -> Option<&mut Vec<Step>> {
        match self.place {
            Place::Nowhere => None,
            Place::Control => Some(&mut self.book.control),
            Place::Case => self.book.cases.last_mut().map(|case| &mut case.steps),
        }
    }

    /// Adjacent readings of one client are the alternatives of one step.
    fn reading(&mut self, who: &str, rest: &str, last: bool) -> Option<()> {
        let (name, bytes) = rest.split_once(": ")?;
        let reading = Reading { name: name.to_owned(), bytes: bytes.to_owned(), last };
        if let Some(Step { who: before, action: Action::OneOf(readings), .. }) =
            self.steps()?.last_mut()
            && before == who
        {
            readings.push(reading);
            return Some(());
        }
        let unseen = self.scene.unseen(who);
        self.steps()?.extend(unseen);
        self.push(who, Action::OneOf(vec![reading]))
    }
}

impl Case {
    /// Takes one word of `needs`.
    fn needs(&mut self, word: &str) -> Option<()> {
        if word.contains('=') {
            self.needs.push(Condition::parsed(word)?);
        } else if word.contains('/') {
            self.presumes.push(Presumed::Case(word.to_owned()));
        } else {
            self.presumes.push(Presumed::Stage(Stage::parsed(word)?));
        }
        Some(())
    }
}

fn words(list: &str) -> Vec<String> {
    list.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
