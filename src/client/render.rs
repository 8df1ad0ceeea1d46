//! The display of events: one plain format for all dialects.

use super::sanitize::{sanitize, sanitize_name};

/// Something for the user to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A line of the room.
    Said {
        /// Its author.
        from: Vec<u8>,
        /// The text.
        text: Vec<u8>,
        /// Its relation to the user.
        kind: Kind,
    },
    /// A private line from another user.
    Told {
        /// Its author.
        from: Vec<u8>,
        /// The text.
        text: Vec<u8>,
    },
    /// A private line of the user, which has arrived.
    ToldByYou {
        /// Its recipient.
        to: Vec<u8>,
        /// The text.
        text: Vec<u8>,
    },
    /// A user joined, left, or is there already.
    Did {
        /// The user.
        user: Vec<u8>,
        /// `joined`, `left` or `is here`.
        what: &'static str,
    },
    /// The user joined or left a room.
    You {
        /// `joined` or `left`.
        did: &'static str,
        /// The room, if the server names it.
        room: Vec<u8>,
    },
    /// A list, its items separated by spaces.
    List {
        /// `users` or `rooms`.
        of: &'static str,
        /// The items.
        items: Vec<u8>,
    },
    /// A line of the room's past that was asked for.
    Past {
        /// Its number.
        id: Vec<u8>,
        /// When it was said.
        at: Vec<u8>,
        /// Its author.
        from: Vec<u8>,
        /// The text.
        text: Vec<u8>,
    },
    /// The user that has set the topic of the room, and the topic; `None` if there is none.
    Topic(Option<(Vec<u8>, Vec<u8>)>),
    /// A line that the dialect does not have.
    Strange(Vec<u8>),
    /// A line of help.
    Help(String),
    /// News of the connection.
    Notice(String),
    /// An error.
    Error(String),
}

/// The relation of a line to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Another user's line.
    Live,
    /// Another user's line that names the user.
    Mention,
    /// The user's own.
    Own,
    /// Said before the user joined.
    Replayed,
}

impl Shown {
    /// The line as a script gets it, without its end.
    ///
    /// ```
    /// use parlance_client::{Kind, Shown};
    ///
    /// let said = Shown::Said { from: b"bob".into(), text: b"hi".into(), kind: Kind::Live };
    /// assert_eq!(said.text(), "<bob> hi");
    /// assert_eq!(Shown::Error("the server is full".into()).text(), "error: the server is full");
    /// ```
    pub fn text(&self) -> String {
        let (before, name, after) = self.parts();
        [before, &name, &after].concat()
    }

    /// The line in three parts, the second of which is a user's name.
    pub(super) fn parts(&self) -> (&'static str, String, String) {
        let alone = |text| ("", String::new(), text);
        match self {
            Shown::Said { from, text, .. } => {
                ("<", sanitize_name(from), format!("> {}", sanitize(text)))
            }
            Shown::Told { from, text } => {
                ("[private from ", sanitize_name(from), format!("] {}", sanitize(text)))
            }
            Shown::ToldByYou { to, text } => {
                ("[private to ", sanitize_name(to), format!("] {}", sanitize(text)))
            }
            Shown::Did { user, what } => ("* ", sanitize_name(user), format!(" {what}")),
            Shown::You { did, room } if room.is_empty() => alone(format!("* you {did} the room")),
            Shown::You { did, room } => alone(format!("* you {did} {}", sanitize_name(room))),
            Shown::List { of, items } if items.is_empty() => alone(format!("* {of}: none")),
            Shown::List { of, items } => alone(format!("* {of}: {}", sanitize_name(items))),
            Shown::Past { id, at, from, text } => {
                let said = (sanitize(text), sanitize_name(id), sanitize_name(at));
                ("<", sanitize_name(from), format!("> {} [{}, {}]", said.0, said.1, said.2))
            }
            Shown::Topic(Some((from, text))) => {
                ("* topic by ", sanitize_name(from), format!(": {}", sanitize(text)))
            }
            Shown::Topic(None) => alone("* no topic".to_owned()),
            Shown::Strange(line) => alone(format!("? {}", sanitize(line))),
            Shown::Help(text) => alone(text.clone()),
            Shown::Notice(text) => alone(format!("-- {text}")),
            Shown::Error(text) => alone(format!("error: {text}")),
        }
    }

    /// Whether the line belongs to the chat, and not to the connection.
    pub(super) fn is_chat(&self) -> bool {
        !matches!(self, Shown::Notice(_) | Shown::Error(_))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Shown};

    fn all(word: &[u8]) -> Vec<Shown> {
        let (from, text, kind) = (word.to_vec(), word.to_vec(), Kind::Live);
        vec![
            Shown::Said { from: from.clone(), text: text.clone(), kind },
            Shown::Told { from: from.clone(), text: text.clone() },
            Shown::ToldByYou { to: from.clone(), text: text.clone() },
            Shown::Did { user: from.clone(), what: "left" },
            Shown::You { did: "joined", room: from.clone() },
            Shown::List { of: "users", items: from.clone() },
            Shown::Strange(from),
        ]
    }

    #[test]
    fn each_kind_of_line_has_one_form() {
        let texts: Vec<_> = all(b"a").iter().map(Shown::text).collect();
        let wanted = [
            "<a> a",
            "[private from a] a",
            "[private to a] a",
            "* a left",
            "* you joined a",
            "* users: a",
            "? a",
        ];
        assert_eq!(texts, wanted);
        assert_eq!(Shown::List { of: "rooms", items: Vec::new() }.text(), "* rooms: none");
        assert_eq!(Shown::You { did: "left", room: Vec::new() }.text(), "* you left the room");
    }

    #[test]
    fn no_received_byte_is_shown_raw() {
        for shown in all(b"\x1b") {
            assert!(!shown.text().contains('\x1b') && shown.text().contains(r"\x1b"), "{shown:?}");
        }
    }
}
