//! A history when it is over: the place, the lines and the log of each client.

use std::collections::BTreeMap;

/// One event in the log of a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    /// Its own join.
    Own,
    /// A user, by its number.
    Joined(usize),
    Left(usize),
    /// A line, by its number.
    Said(usize),
    /// A line that no client caused, verbatim.
    Strange(String),
}

/// The role of a client in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It joins before all others, stays, and says the last line of its room.
    Bell,
    /// It joins before the participants, stays, says nothing that is judged, and sees everything.
    Observer,
    Participant,
}

/// How the log of a client ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// With the last line of the room.
    Whole,
    /// With its departure: everything before it was sent to the client.
    Departed,
    /// At any point.
    Cut,
}

/// One client, from one join to one departure.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    pub(super) role: Role,
    pub(super) user: usize,
    pub(super) room: usize,
    /// How often the user had joined the room before.
    pub(super) nth: usize,
    /// Whether its join is confirmed; otherwise it is unknown.
    pub(super) entered: bool,
    /// The lines that it said, in order.
    pub(super) lines: Vec<usize>,
    /// How many of these the server has certainly taken.
    pub(super) certain: usize,
    pub(super) ending: Ending,
    pub(super) seen: Vec<Seen>,
    /// What it received after the answer to its departure.
    pub(super) late: Vec<Seen>,
    /// The members that it was shown when it joined.
    pub(super) roster: Option<Vec<usize>>,
    /// Whether its log is judged.
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
    pub(super) memberships: Vec<Membership>,
    /// The author of each line.
    pub(super) authors: Vec<usize>,
    pub(super) texts: Vec<String>,
    /// The line of each event, by membership and event.
    pub(super) raw: BTreeMap<(usize, Seen), String>,
}

impl History {
    /// The place of each line among the lines of its author's membership.
    pub(super) fn ranks(&self) -> Vec<usize> {
        let mut ranks = vec![usize::MAX; self.authors.len()];
        for membership in &self.memberships {
            for (rank, line) in membership.lines.iter().enumerate() {
                ranks[*line] = rank;
            }
        }
        ranks
    }

    /// The client of a membership, for people.
    pub(super) fn client(&self, membership: usize) -> &str {
        &self.users[self.memberships[membership].user]
    }

    /// An event, for people.
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
