//! What the events of module Names are on the wire of the channels dialect.
//!
//! A client's events are compared line by line: where a line breaks off with its connection, what
//! came before is judged all the same.

use super::relation::{Event, Id, Line};

/// A line from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Welcome(Id),
    Taken,
    Entered { room: Id, present: usize },
    Join { room: Id, name: Id },
    Left { room: Id, name: Id },
    Message { room: Id, name: Id, line: Line },
    LeftYou(Id),
    Private { name: Id, line: Line },
    Sent,
    Nobody,
    Bye,
}

/// The letter of a client's number, a name's or a room's; those of clients are a and so on.
const CLIENTS: u8 = b'a';
const NAMES: u8 = b'p';
const ROOMS: u8 = b'x';

/// How many letters of each kind there are.
const LETTERS: u8 = 10;

fn letter(first: u8, id: Id) -> char {
    char::from(first + u8::try_from(id).expect("a run has few of each"))
}

pub(crate) fn name(id: Id) -> char {
    letter(NAMES, id)
}

pub(crate) fn room(id: Id) -> char {
    letter(ROOMS, id)
}

/// The text of a message: the number of its author and a count; some are long.
pub(crate) fn text(line: Line) -> String {
    let rest = if line.n.is_multiple_of(4) { "x".repeat(300) } else { String::new() };
    format!("{}{}{rest}", letter(CLIENTS, line.who), line.n)
}

fn number(first: u8, word: &str) -> Option<Id> {
    let [byte] = word.as_bytes() else { return None };
    byte.checked_sub(first).filter(|id| *id < LETTERS).map(Id::from)
}

fn message(said: &str) -> Option<Line> {
    let (who, count) = said.split_at_checked(1)?;
    let count = count.trim_end_matches('x').parse().ok()?;
    Some(Line { who: number(CLIENTS, who)?, n: count }).filter(|line| text(*line) == said)
}

/// What a client heard, whose text is that of whole lines and perhaps a part of one.
pub(crate) fn shown(heard: &str) -> Result<Vec<Shown>, String> {
    let whole = heard.rfind('\n').map_or("", |end| &heard[..=end]);
    let lines = whole.split_terminator("\r\n");
    lines.map(|line| read(line).ok_or(format!("{line:?} is no line of the model"))).collect()
}

fn read(line: &str) -> Option<Shown> {
    let words: Vec<_> = line.split(' ').collect();
    Some(match words[..] {
        ["OK", "Welcome,", name] => Shown::Welcome(number(NAMES, name.strip_suffix('!')?)?),
        ["ERROR", "Username", "taken"] => Shown::Taken,
        ["OK", "Joined", room, count, "users)"] => {
            let present = count.strip_prefix('(')?.parse().ok()?;
            Shown::Entered { room: number(ROOMS, room)?, present }
        }
        ["JOIN", room, name] => {
            Shown::Join { room: number(ROOMS, room)?, name: number(NAMES, name)? }
        }
        ["LEAVE", room, name] => {
            Shown::Left { room: number(ROOMS, room)?, name: number(NAMES, name)? }
        }
        ["ROOM", room, name, said] => {
            let (room, name) = (number(ROOMS, room)?, number(NAMES, name)?);
            Shown::Message { room, name, line: message(said)? }
        }
        ["OK", "Left", room] => Shown::LeftYou(number(ROOMS, room)?),
        ["PRIVMSG", name, said] => {
            Shown::Private { name: number(NAMES, name)?, line: message(said)? }
        }
        ["OK", "Sent"] => Shown::Sent,
        ["ERROR", "User", "not", "found"] => Shown::Nobody,
        ["OK", "Goodbye!"] => Shown::Bye,
        _ => return None,
    })
}

/// The lines of `event`; `called` says what each client is called.
pub(crate) fn rendered(event: &Event, called: &[Option<Id>]) -> Vec<Shown> {
    let name = |who: Id| called[who].expect("a client in an event has a name");
    let message = |room, line: Line| Shown::Message { room, name: name(line.who), line };
    match event {
        Event::Join { room, who } => vec![Shown::Join { room: *room, name: name(*who) }],
        Event::Left { room, who } => vec![Shown::Left { room: *room, name: name(*who) }],
        Event::Line { room, line } => vec![message(*room, *line)],
        Event::Entered { room, present, lines } => {
            let mut block = vec![Shown::Entered { room: *room, present: present.len() }];
            block.extend(present.iter().map(|who| Shown::Join { room: *room, name: name(*who) }));
            block.extend(lines.iter().map(|line| message(*room, *line)));
            block
        }
        Event::Private { from, n } => {
            vec![Shown::Private { name: name(*from), line: Line { who: *from, n: *n } }]
        }
        Event::Welcome(name) => vec![Shown::Welcome(*name)],
        Event::Taken(_) => vec![Shown::Taken],
        Event::LeftYou(room) => vec![Shown::LeftYou(*room)],
        Event::Sent(_) => vec![Shown::Sent],
        Event::Nobody(_) => vec![Shown::Nobody],
        Event::Bye => vec![Shown::Bye],
    }
}
