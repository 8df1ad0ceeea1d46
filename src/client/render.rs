//! The display of events: one plain format for all dialects.

use super::sanitize::{sanitize, sanitize_name};

/// A line for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// An event of the chat; standard output.
    Chat(String),
    /// News of the connection; standard error.
    Notice(String),
    /// An error; standard error.
    Error(String),
}

impl Shown {
    /// The line as it is printed, without its end.
    ///
    /// ```
    /// use parlance_client::Shown;
    ///
    /// assert_eq!(Shown::Chat("<bob> hi".into()).text(), "<bob> hi");
    /// assert_eq!(Shown::Error("the server is full".into()).text(), "error: the server is full");
    /// ```
    pub fn text(&self) -> String {
        match self {
            Shown::Chat(text) => text.clone(),
            Shown::Notice(text) => format!("-- {text}"),
            Shown::Error(text) => format!("error: {text}"),
        }
    }
}

pub(super) fn said(from: &[u8], text: &[u8]) -> Shown {
    Shown::Chat(format!("<{}> {}", sanitize_name(from), sanitize(text)))
}

pub(super) fn told(from: &[u8], text: &[u8]) -> Shown {
    Shown::Chat(format!("[private from {}] {}", sanitize_name(from), sanitize(text)))
}

pub(super) fn told_by_you(to: &[u8], text: &[u8]) -> Shown {
    Shown::Chat(format!("[private to {}] {}", sanitize_name(to), sanitize(text)))
}

/// `* bob joined`, or another action of a user.
pub(super) fn did(user: &[u8], what: &str) -> Shown {
    Shown::Chat(format!("* {} {what}", sanitize_name(user)))
}

/// The user's own action on a room.
pub(super) fn you(did: &str, room: &[u8]) -> Shown {
    Shown::Chat(format!("* you {did} {}", sanitize_name(room)))
}

/// A list, its items separated by spaces.
pub(super) fn list(of: &str, items: &[u8]) -> Shown {
    let items = if items.is_empty() { "none".to_owned() } else { sanitize_name(items) };
    Shown::Chat(format!("* {of}: {items}"))
}

/// A line that the dialect does not have.
pub(super) fn strange(line: &[u8]) -> Shown {
    Shown::Chat(format!("? {}", sanitize(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_line_has_one_form() {
        let shown = [
            (said(b"bob", b"hi <you>"), "<bob> hi <you>"),
            (told(b"bob", b""), "[private from bob] "),
            (told_by_you(b"bob", b"hi"), "[private to bob] hi"),
            (did(b"bob", "left"), "* bob left"),
            (you("joined", b"#r"), "* you joined #r"),
            (list("rooms", b""), "* rooms: none"),
            (list("users", b"a b"), "* users: a b"),
            (strange(b"HELLO"), "? HELLO"),
        ];
        for (shown, text) in shown {
            assert_eq!(shown, Shown::Chat(text.to_owned()));
        }
    }

    #[test]
    fn no_received_byte_is_shown_raw() {
        for shown in [
            said(b"\x1b", b"\x1b"),
            told(b"\x1b", b"\x1b"),
            told_by_you(b"\x1b", b"\x1b"),
            did(b"\x1b", "joined"),
            you("joined", b"\x1b"),
            list("users", b"\x1b"),
            strange(b"\x1b"),
        ] {
            assert!(!shown.text().contains('\x1b') && shown.text().contains(r"\x1b"), "{shown:?}");
        }
    }
}
