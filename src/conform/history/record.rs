//! What is known of a history when it is over: who was where, what each said, what each saw.

use std::collections::BTreeMap;

/// One thing that a client saw.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    /// Its own join.
    Own,
    /// A user, by its number.
    Joined(usize),
    Left(usize),
    /// A line, by its number.
    Said(usize),
    /// What nobody did, as it came.
    Strange(String),
}

/// Who a client is in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It comes before all others, stays, and says the last line of its room.
    Bell,
    /// It comes before the participants, stays, says nothing of weight, and sees all.
    Observer,
    Participant,
}

/// How what a client saw ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// With the last line of the room.
    Whole,
    /// With its departure: everything before that was sent to it.
    Departed,
    /// Anywhere.
    Cut,
}

/// One client, from one join to one departure.
#[derive(Clone, Debug)]
pub(super) struct Stay {
    pub(super) role: Role,
    pub(super) user: usize,
    pub(super) room: usize,
    /// How often the user had joined the room before.
    pub(super) nth: usize,
    /// Whether it is known to have joined; otherwise nobody can say.
    pub(super) entered: bool,
    /// What it said, in order.
    pub(super) lines: Vec<usize>,
    /// How many of these the server is known to have taken.
    pub(super) certain: usize,
    pub(super) ending: Ending,
    pub(super) seen: Vec<Seen>,
    /// What it was sent after its departure was answered.
    pub(super) late: Vec<Seen>,
    /// The members that it was shown when it joined.
    pub(super) roster: Option<Vec<usize>>,
    /// Whether what it saw is to be judged.
    pub(super) judged: bool,
}

/// What the dialect, or the server's reading of it, shows.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own about a dialect")]
pub(super) struct Manners {
    /// Whether a client is told of its own join.
    pub(super) own: bool,
    pub(super) joins: bool,
    pub(super) departures: bool,
    pub(super) echo: bool,
    pub(super) replay: bool,
}

/// A history, without its clock.
#[derive(Clone, Debug)]
pub(super) struct History {
    pub(super) manners: Manners,
    pub(super) users: Vec<String>,
    pub(super) rooms: usize,
    pub(super) stays: Vec<Stay>,
    /// Whose each line is.
    pub(super) authors: Vec<usize>,
    pub(super) texts: Vec<String>,
    /// How each thing looked on the wire, by who saw it in which stay.
    pub(super) raw: BTreeMap<(usize, Seen), String>,
}

impl History {
    /// The place of a line among those of its author's stay.
    pub(super) fn ranks(&self) -> Vec<usize> {
        let mut ranks = vec![usize::MAX; self.authors.len()];
        for stay in &self.stays {
            for (rank, line) in stay.lines.iter().enumerate() {
                ranks[*line] = rank;
            }
        }
        ranks
    }

    /// The client of a stay, for people.
    pub(super) fn client(&self, stay: usize) -> &str {
        &self.users[self.stays[stay].user]
    }

    /// Something seen, for people.
    pub(super) fn phrase(&self, seen: &Seen) -> String {
        match seen {
            Seen::Own => "its own join".to_owned(),
            Seen::Joined(user) => format!("that {} joined", self.users[*user]),
            Seen::Left(user) => format!("that {} left", self.users[*user]),
            Seen::Said(line) => {
                let author = self.client(self.authors[*line]);
                format!("{:?} of {author}", self.texts[*line])
            }
            Seen::Strange(raw) => format!("\"{raw}\""),
        }
    }
}
