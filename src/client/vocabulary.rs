//! The words that can be completed.

use std::collections::VecDeque;

/// Maximum number of users or rooms that are remembered; the oldest is forgotten first.
const NAMES_MAX: usize = 1000;

/// What a user may want to type.
#[derive(Clone, Debug, Default)]
pub(super) struct Vocabulary {
    /// The commands, each with its `/`.
    pub(super) commands: Vec<&'static str>,
    users: VecDeque<String>,
    rooms: VecDeque<String>,
}

impl Vocabulary {
    pub(super) fn new(commands: Vec<&'static str>) -> Vocabulary {
        Vocabulary { commands, ..Vocabulary::default() }
    }

    pub(super) fn meet(&mut self, user: &[u8]) {
        learn(&mut self.users, user);
    }

    pub(super) fn forget(&mut self, user: &[u8]) {
        self.users.retain(|known| known.as_bytes() != user);
    }

    pub(super) fn see(&mut self, room: &[u8]) {
        learn(&mut self.rooms, room);
    }

    /// The words that complete `text`, of which `word` is the last word. A user at the begin of a
    /// line is addressed with a colon.
    pub(super) fn completions(&self, text: &str) -> Vec<String> {
        let start = text.rfind(' ').map_or(0, |at| at + 1);
        let (before, word) = text.split_at(start);
        let fits = |candidate: &&String| candidate.starts_with(word);
        let mut found: Vec<String> = match before {
            "" if word.starts_with('/') => {
                let fits = self.commands.iter().filter(|command| command.starts_with(word));
                fits.map(|command| format!("{command} ")).collect()
            }
            "/join " => self.rooms.iter().filter(fits).map(|room| format!("{room} ")).collect(),
            _ if word.is_empty() => Vec::new(),
            "" => self.users.iter().filter(fits).map(|user| format!("{user}: ")).collect(),
            _ => self.users.iter().filter(fits).map(|user| format!("{user} ")).collect(),
        };
        found.sort_unstable();
        found
    }
}

/// Adds a name that can be typed.
fn learn(names: &mut VecDeque<String>, name: &[u8]) {
    let Ok(name) = std::str::from_utf8(name) else { return };
    let typable = !name.contains(|c: char| c.is_whitespace() || parlance_printable::is_hidden(c));
    if name.is_empty() || !typable || names.iter().any(|known| known == name) {
        return;
    }
    names.push_back(name.to_owned());
    if names.len() > NAMES_MAX {
        names.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::{NAMES_MAX, Vocabulary};

    fn vocabulary() -> Vocabulary {
        let mut vocabulary = Vocabulary::new(vec!["/join", "/msg", "/me"]);
        for user in ["ann", "anton", "bob", "a\u{1b}b", "a b"] {
            vocabulary.meet(user.as_bytes());
        }
        vocabulary.see(b"#tea");
        vocabulary
    }

    #[test]
    fn each_place_has_its_words() {
        let vocabulary = vocabulary();
        for (text, words) in [
            ("/j", &["/join "][..]),
            ("/m", &["/me ", "/msg "]),
            ("/join ", &["#tea "]),
            ("/join #t", &["#tea "]),
            ("b", &["bob: "]),
            ("hi an", &["ann ", "anton "]),
            ("/msg b", &["bob "]),
            ("", &[]),
            ("hi ", &[]),
            ("x", &[]),
        ] {
            assert_eq!(vocabulary.completions(text), words, "{text}");
        }
    }

    #[test]
    fn a_departed_user_is_not_completed() {
        let mut vocabulary = vocabulary();
        vocabulary.forget(b"bob");
        assert_eq!(vocabulary.completions("b"), [""; 0]);
    }

    #[test]
    fn the_number_of_names_is_bounded() {
        let mut vocabulary = Vocabulary::default();
        for number in 0..=NAMES_MAX {
            vocabulary.meet(format!("u{number}").as_bytes());
        }
        assert_eq!(vocabulary.completions("u").len(), NAMES_MAX);
        assert_eq!(vocabulary.completions("u0"), [""; 0]);
    }
}
