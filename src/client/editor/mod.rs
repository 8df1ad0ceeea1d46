//! The editor of the line that is being typed, without its I/O: keys in, decisions and rows out.

mod drawing;
mod history;
mod keys;
mod line;
mod question;
mod search;

use self::drawing::{Content, Drawn, draw};
use self::history::History;
use self::keys::{Key, Keys};
use self::line::Line;
use self::question::Question;
use self::search::Search;
use super::charset::Charset;
use super::input::{Typed, secret_from};
use super::vocabulary::Vocabulary;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

pub(super) use self::drawing::Size;
pub(super) use self::history::LINES_MAX;

/// Maximum number of killed texts that can be put back.
const KILLS_MAX: usize = 16;

/// What the keys decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Input for the conversation; a line that is new to the history is marked.
    Typed(Typed, bool),
    /// Lines of a paste, to be said as they are.
    Texts(Vec<String>),
    /// Stop the program, until it is continued.
    Suspend,
    /// Clear the screen.
    Clear,
    /// Lines to show above the prompt.
    Show(Vec<String>),
}

/// What the last key did, where the next one depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Other,
    /// It killed: the next kill is added to the same text.
    Kill,
    /// It put back this range: `Alt-y` replaces it.
    Yank(Range<usize>),
}

/// The line that is being typed, and everything that keys can do to it.
#[derive(Debug)]
pub(super) struct Editor {
    keys: Keys,
    line: Line,
    history: History,
    kills: VecDeque<String>,
    last: Last,
    search: Option<Search>,
    question: Option<Question>,
    prompt: String,
    charset: Charset,
    drawn: Drawn,
}

impl Editor {
    pub(super) fn new(charset: Charset, earlier: &[String]) -> Editor {
        let mut history = History::default();
        for line in earlier {
            history.add(line);
        }
        Editor {
            keys: Keys::default(),
            line: Line::default(),
            history,
            kills: VecDeque::new(),
            last: Last::Other,
            search: None,
            question: None,
            prompt: "> ".to_owned(),
            charset,
            drawn: Drawn::default(),
        }
    }

    /// Changes the prompt; returns whether it is another one.
    pub(super) fn set_prompt(&mut self, prompt: &str) -> bool {
        let other = self.prompt != prompt;
        if other {
            prompt.clone_into(&mut self.prompt);
        }
        other
    }

    /// The line as it is.
    pub(super) fn draft(&self) -> &str {
        self.line.text()
    }

    /// The bytes that remove prompt and line from the screen.
    pub(super) fn erase(&mut self, size: Size) -> String {
        std::mem::take(&mut self.drawn).erase(size)
    }

    /// The bytes that draw prompt and line.
    pub(super) fn draw(&mut self, size: Size) -> String {
        let searching = self.search.as_ref().map(Search::prompt);
        let asking = self.question.as_ref().map(Question::prompt);
        let found = self.search.as_ref().map(|search| search.line(&self.history));
        let (text, cursor) = match (&self.question, found) {
            (Some(_), _) => ("", 0),
            (None, Some((text, place))) => (text, place),
            (None, None) => (self.line.text(), self.line.cursor()),
        };
        let (text, cursor) = masked(text, cursor);
        let prompt = asking.or(searching);
        let prompt = prompt.as_deref().unwrap_or(&self.prompt);
        let content = Content { prompt, text: &text, cursor };
        let (bytes, drawn) = draw(&content, size, self.charset);
        self.drawn = drawn;
        bytes
    }

    /// Takes bytes of the terminal; returns what they decide.
    pub(super) fn feed(&mut self, bytes: &[u8], words: &Vocabulary) -> Vec<Decision> {
        let keys = self.keys.feed(bytes);
        keys.into_iter().flat_map(|key| self.press(key, words)).collect()
    }

    fn press(&mut self, key: Key, words: &Vocabulary) -> Vec<Decision> {
        if let Some(question) = self.question.take() {
            return match Question::answer(&key) {
                None => {
                    self.question = Some(question);
                    Vec::new()
                }
                Some(true) => vec![Decision::Texts(question.into_lines())],
                Some(false) => {
                    self.kill(question.into_lines().join("\n"));
                    Vec::new()
                }
            };
        }
        let last = std::mem::take(&mut self.last);
        match self.search.take() {
            None => self.edit(key, last, words),
            Some(mut search) => match search.press(&key, &self.history) {
                search::Step::Stay => {
                    self.search = Some(search);
                    Vec::new()
                }
                search::Step::Cancel => Vec::new(),
                search::Step::Take => {
                    let (text, place) = search.line(&self.history);
                    let mut line = Line::new(text);
                    line.move_to(place);
                    self.line = line;
                    self.edit(key, last, words)
                }
            },
        }
    }

    fn edit(&mut self, key: Key, last: Last, words: &Vocabulary) -> Vec<Decision> {
        match key {
            Key::Char(character) => self.line.insert(character.encode_utf8(&mut [0; 4])),
            Key::Left | Key::Ctrl('b') => self.line.move_to(self.line.left()),
            Key::Right | Key::Ctrl('f') => self.line.move_to(self.line.right()),
            Key::WordLeft | Key::Alt('b' | 'B') => self.line.move_to(self.line.word_left()),
            Key::WordRight | Key::Alt('f' | 'F') => self.line.move_to(self.line.word_right()),
            Key::Home | Key::Ctrl('a') => self.line.move_to(0),
            Key::End | Key::Ctrl('e') => self.line.move_to(self.line.text().len()),
            Key::Backspace => drop(self.line.cut(self.line.left()..self.line.cursor())),
            Key::Ctrl('d') if self.line.is_empty() => {
                return vec![Decision::Typed(Typed::End, false)];
            }
            Key::Delete | Key::Ctrl('d') => {
                drop(self.line.cut(self.line.cursor()..self.line.right()));
            }
            Key::Ctrl('t') => self.line.transpose(),
            Key::Up | Key::Ctrl('p') => self.replace(History::earlier),
            Key::Down | Key::Ctrl('n') => self.replace(|history, _| history.later()),
            Key::Ctrl('r') => self.search = Some(Search::default()),
            Key::Paste(text, cut) => return self.paste(&text, cut),
            Key::Tab => return self.complete(words),
            Key::Enter => return self.enter(),
            // A draft is set aside first; Ctrl-Y brings it back.
            Key::Ctrl('c') if !self.line.is_empty() => self.kill_range(0..usize::MAX, false, false),
            Key::Ctrl('c') => return vec![Decision::Typed(Typed::End, false)],
            Key::Ctrl('z') => return vec![Decision::Suspend],
            Key::Ctrl('l') => return vec![Decision::Clear],
            Key::Ctrl(_) | Key::Alt(_) => self.kill_or_yank(&key, last),
        }
        Vec::new()
    }

    fn kill_or_yank(&mut self, key: &Key, last: Last) {
        let again = last == Last::Kill;
        let (cursor, line) = (self.line.cursor(), &self.line);
        match (key, last) {
            (Key::Ctrl('k'), _) => self.kill_range(cursor..usize::MAX, again, true),
            (Key::Ctrl('u'), _) => self.kill_range(0..cursor, again, false),
            (Key::Ctrl('w'), _) => self.kill_range(line.blank_left()..cursor, again, false),
            (Key::Alt('\x7f'), _) => self.kill_range(line.word_left()..cursor, again, false),
            (Key::Alt('d' | 'D'), _) => self.kill_range(cursor..line.word_right(), again, true),
            (Key::Ctrl('y'), _) => self.yank(),
            (Key::Alt('y' | 'Y'), Last::Yank(range)) => {
                self.line.cut(range);
                self.kills.rotate_right(1);
                self.yank();
            }
            _ => {}
        }
    }

    fn kill_range(&mut self, range: Range<usize>, again: bool, forward: bool) {
        let text = self.line.cut(range.start..range.end.min(self.line.text().len()));
        match self.kills.back_mut().filter(|_| again) {
            Some(killed) if forward => killed.push_str(&text),
            Some(killed) => killed.insert_str(0, &text),
            None => self.kill(text),
        }
        self.last = Last::Kill;
    }

    fn kill(&mut self, text: String) {
        if text.is_empty() {
            return;
        }
        self.kills.push_back(text);
        if self.kills.len() > KILLS_MAX {
            self.kills.pop_front();
        }
    }

    fn yank(&mut self) {
        let Some(text) = self.kills.back() else { return };
        let start = self.line.cursor();
        self.line.insert(&text.clone());
        self.last = Last::Yank(start..self.line.cursor());
    }

    fn replace(&mut self, other: impl Fn(&mut History, &Line) -> Option<Line>) {
        if let Some(line) = other(&mut self.history, &self.line) {
            self.line = line;
        }
    }

    fn enter(&mut self) -> Vec<Decision> {
        let line = std::mem::take(&mut self.line).text().to_owned();
        // A line feed that was put back by Ctrl-Y would be several lines for the server.
        if line.contains('\n') {
            return self.paste(line.as_bytes(), false);
        }
        let new = self.history.add(&line);
        vec![Decision::Typed(Typed::Line(line.into_bytes()), new)]
    }

    fn paste(&mut self, bytes: &[u8], cut: bool) -> Vec<Decision> {
        let text = Charset::decode(bytes).replace("\r\n", "\n").replace('\r', "\n");
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let mut shown = Vec::new();
        if text.contains('\n') {
            let question = Question::new(text.split('\n').map(str::to_owned).collect());
            shown.extend(question.preview());
            self.question = Some(question);
        } else {
            self.line.insert(text);
        }
        if cut {
            shown.push("error: the end of what was pasted is lost: it is too much".to_owned());
        }
        if shown.is_empty() { Vec::new() } else { vec![Decision::Show(shown)] }
    }

    fn complete(&mut self, words: &Vocabulary) -> Vec<Decision> {
        let before = &self.line.text()[..self.line.cursor()];
        let word = before.rfind(' ').map_or(0, |at| at + 1)..before.len();
        let found = words.completions(before);
        let Some(first) = found.first() else { return Vec::new() };
        let common = found.iter().fold(first.as_str(), |common, one| shared(common, one));
        if common.len() > word.len() {
            let common = common.to_owned();
            self.line.cut(word);
            self.line.insert(&common);
            return Vec::new();
        }
        let names: Vec<_> = found.iter().map(|one| one.trim_end_matches([':', ' '])).collect();
        vec![Decision::Show(vec![format!("  {}", names.join("  "))])]
    }
}

/// The common beginning of two texts.
fn shared<'t>(one: &'t str, other: &str) -> &'t str {
    let same = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
    let end = same.map_or(one.len().min(other.len()), |((at, _), _)| at);
    &one[..end]
}

#[cfg(test)]
mod tests;

/// A line as it is shown: a star for each sign of a password.
fn masked(text: &str, cursor: usize) -> (Cow<'_, str>, usize) {
    let Some(from) = secret_from(text) else { return (Cow::Borrowed(text), cursor) };
    let stars = |part: &str| "*".repeat(part.graphemes(true).count());
    let cursor = if cursor <= from { cursor } else { from + stars(&text[from..cursor]).len() };
    (Cow::Owned(text[..from].to_owned() + &stars(&text[from..])), cursor)
}
