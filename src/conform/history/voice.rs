//! How each dialect says and shows that somebody came, spoke and left. A further dialect is one more row.

/// How a client learns of its own join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// By the notice that all members get.
    Notice,
    /// By an answer of its own.
    Reply,
    /// Not at all.
    Unshown,
}

/// Whether a client is sent its own lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Echo {
    Always,
    Never,
    /// The document allows both; the history shows which.
    Either,
}

/// One line from the server. A room stands where the line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard<'a> {
    Joined(Option<&'a str>, &'a str),
    Left(Option<&'a str>, &'a str),
    Said(Option<&'a str>, &'a str, &'a str),
    /// The answer to a name, which is no join yet.
    Named,
    /// A join or a departure is done; so many members are listed next.
    Done(Option<usize>),
    Refused,
    /// Nothing that the dialect has.
    Strange,
}

/// A way to depart other than by the connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leave {
    pub(super) command: &'static str,
    /// Whether the server then ends the connection.
    pub(super) closes: bool,
}

/// What there is to know of a dialect to play and to judge a history in it.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own about a dialect")]
pub(super) struct Voice {
    pub(super) name: &'static str,
    /// What the name of a room begins with, if there are several rooms.
    pub(super) rooms: Option<&'static str>,
    /// If a client can go from one room to another: the clause, and the reading of it in which it cannot.
    pub(super) moves: Option<(&'static str, &'static str)>,
    /// How many participants every server of the dialect must bear.
    pub(super) crowd: usize,
    pub(super) own: Own,
    pub(super) joins: bool,
    pub(super) departures: bool,
    pub(super) echo: Echo,
    /// Whether a joiner may be shown what was said before it came.
    pub(super) replay: bool,
    /// What joins: the room, the user, and whether the connection has its name already.
    pub(super) enter: fn(&str, &str, bool) -> String,
    pub(super) say: fn(&str) -> String,
    pub(super) leaves: &'static [Leave],
    /// Reads one line, without its LF.
    pub(super) hear: fn(&str) -> Heard<'_>,
}

/// The voice of the dialect of this name.
pub(super) fn voice(name: &str) -> Option<&'static Voice> {
    VOICES.iter().find(|voice| voice.name == name)
}

pub(super) const VOICES: &[Voice] = &[
    Voice {
        name: "rooms",
        rooms: Some("r"),
        moves: None,
        crowd: 64,
        own: Own::Notice,
        joins: true,
        departures: true,
        echo: Echo::Always,
        replay: false,
        enter: |room, user, _| format!("JOIN {room} {user}\n"),
        say: |text| format!("{text}\n"),
        leaves: &[],
        hear: in_rooms,
    },
    Voice {
        name: "lobby",
        rooms: None,
        moves: None,
        crowd: 64,
        own: Own::Unshown,
        joins: false,
        departures: false,
        echo: Echo::Always,
        replay: false,
        enter: |_, user, _| format!("{user}\n"),
        say: |text| format!("{text}\n"),
        leaves: &[],
        hear: in_lobby,
    },
    Voice {
        name: "simple",
        rooms: None,
        moves: None,
        crowd: 64,
        own: Own::Reply,
        joins: true,
        departures: true,
        echo: Echo::Never,
        replay: false,
        enter: |_, user, _| format!("JOIN {user}\n"),
        say: |text| format!("SEND {text}\n"),
        leaves: &[Leave { command: "LEAVE\n", closes: true }],
        hear: in_simple,
    },
    Voice {
        name: "login",
        rooms: None,
        moves: None,
        // The document asks for ten clients at the same time; three of them watch.
        crowd: 6,
        own: Own::Reply,
        joins: false,
        departures: true,
        echo: Echo::Either,
        replay: false,
        enter: |_, user, _| format!("LOGIN {user}\n"),
        say: |text| format!("MSG {text}\n"),
        leaves: &[],
        hear: in_login,
    },
    Voice {
        name: "channels",
        // Every reading takes a room that begins so.
        rooms: Some("#r"),
        moves: Some(("channels/move-1", "refuses")),
        crowd: 64,
        own: Own::Reply,
        joins: true,
        departures: true,
        echo: Echo::Always,
        replay: true,
        enter: |room, user, named| {
            if named { format!("JOIN {room}\n") } else { format!("USERNAME {user}\nJOIN {room}\n") }
        },
        // Both forms of a message, each often.
        say: |text| {
            let word =
                if text.bytes().map(usize::from).sum::<usize>() % 2 == 0 { "MSG " } else { "" };
            format!("{word}{text}\n")
        },
        leaves: &[
            Leave { command: "LEAVE\n", closes: false },
            Leave { command: "QUIT\n", closes: true },
        ],
        hear: in_channels,
    },
];

fn in_rooms(line: &str) -> Heard<'_> {
    if line == "ERROR" {
        Heard::Refused
    } else if let Some(user) = line.strip_suffix(" has joined") {
        Heard::Joined(None, user)
    } else if let Some(user) = line.strip_suffix(" has left") {
        Heard::Left(None, user)
    } else if let Some((user, text)) = line.split_once(": ") {
        Heard::Said(None, user, text)
    } else {
        Heard::Strange
    }
}

/// With a space after the colon or without: no text of ours begins with one.
fn in_lobby(line: &str) -> Heard<'_> {
    match line.split_once(':') {
        Some((user, text)) => Heard::Said(None, user, text.strip_prefix(' ').unwrap_or(text)),
        None => Heard::Strange,
    }
}

fn in_simple(line: &str) -> Heard<'_> {
    match line.split_once(' ') {
        None if line == "OK" => Heard::Done(None),
        Some(("JOINED", user)) => Heard::Joined(None, user),
        Some(("LEFT", user)) => Heard::Left(None, user),
        Some(("ERROR", _)) => Heard::Refused,
        Some(("MSG", said)) => said_by(None, said),
        _ => Heard::Strange,
    }
}

fn in_login(line: &str) -> Heard<'_> {
    match line.split_once(' ') {
        None if line == "OK" => Heard::Done(None),
        Some(("ERR", _)) => Heard::Refused,
        Some(("MSG", said)) => said_by(None, said),
        Some(("INFO", rest)) => match rest.strip_suffix(" disconnected") {
            Some(user) => Heard::Left(None, user),
            None => Heard::Strange,
        },
        _ => Heard::Strange,
    }
}

fn in_channels(line: &str) -> Heard<'_> {
    let Some((word, rest)) = line.strip_suffix('\r').and_then(|line| line.split_once(' ')) else {
        return Heard::Strange;
    };
    let in_room = rest.split_once(' ');
    match (word, in_room) {
        ("OK", _) if rest.starts_with("Welcome") => Heard::Named,
        ("OK", _) => Heard::Done(users_in_room(rest)),
        ("ERROR", _) => Heard::Refused,
        ("JOIN", Some((room, user))) => Heard::Joined(Some(room), user),
        ("LEAVE", Some((room, user))) => Heard::Left(Some(room), user),
        ("ROOM", Some((room, said))) => said_by(Some(room), said),
        _ => Heard::Strange,
    }
}

fn said_by<'a>(room: Option<&'a str>, said: &'a str) -> Heard<'a> {
    match said.split_once(' ') {
        Some((user, text)) => Heard::Said(room, user, text),
        None => Heard::Strange,
    }
}

/// The number in `Joined #general (2 users)`.
fn users_in_room(rest: &str) -> Option<usize> {
    rest.strip_suffix(" users)")?.rsplit_once('(')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Heard, voice};

    #[test]
    fn each_dialect_is_heard() {
        let hear = |dialect, line| (voice(dialect).expect("a dialect").hear)(line);
        assert_eq!(hear("rooms", "ann has left"), Heard::Left(None, "ann"));
        assert_eq!(hear("lobby", "ann:hi"), Heard::Said(None, "ann", "hi"));
        assert_eq!(hear("lobby", "ann: hi"), Heard::Said(None, "ann", "hi"));
        assert_eq!(hear("simple", "MSG ann hi all"), Heard::Said(None, "ann", "hi all"));
        assert_eq!(hear("login", "INFO ann disconnected"), Heard::Left(None, "ann"));
        assert_eq!(hear("channels", "OK Joined #r (2 users)\r"), Heard::Done(Some(2)));
        assert_eq!(hear("channels", "ROOM #r ann hi\r"), Heard::Said(Some("#r"), "ann", "hi"));
        assert_eq!(hear("channels", "ROOM #r ann hi"), Heard::Strange, "without its CR");
        assert_eq!(hear("simple", "OK then"), Heard::Strange);
        assert!(voice("none").is_none());
    }
}
