//! Commands without an answer yet.

use parlance_speech::{Command, Dialect, Echo, Entry};
use std::collections::VecDeque;

/// A sent line by the answer that it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pending {
    /// The claim of a name.
    Name,
    /// A join.
    Enter(Vec<u8>),
    /// A text for the room, which comes back.
    Echo(Vec<u8>),
    /// A private message.
    Told { to: Vec<u8>, text: Vec<u8> },
    /// A departure from a room.
    Part,
    /// A list of users.
    Users,
    /// A list of users that is not shown.
    Census,
    /// A list of rooms.
    Rooms,
    /// Lines of the room's past.
    History,
    /// The topic of the room.
    Topic,
    /// A login to this name, or its registration.
    Login(Vec<u8>),
    /// The end of a login.
    Logout,
    /// Something else about an account.
    Account,
    /// A fence: a line that is answered once all earlier lines are done.
    Fence,
    /// The farewell.
    Farewell,
}

impl Pending {
    /// The answer to `command` in `dialect`, if there is one.
    pub(super) fn answer_to(command: &Command<'_>, dialect: Dialect) -> Option<Pending> {
        match *command {
            Command::Name { .. } => (dialect.entry() != Entry::Silent).then_some(Pending::Name),
            Command::Join(room) => Some(Pending::Enter(room.to_vec())),
            Command::Part => Some(Pending::Part),
            Command::Say(text) => {
                (dialect.echo() != Echo::Never).then(|| Pending::Echo(text.to_vec()))
            }
            Command::Tell { to, text } => {
                Some(Pending::Told { to: to.to_vec(), text: text.to_vec() })
            }
            Command::Users => Some(Pending::Users),
            Command::Rooms => Some(Pending::Rooms),
            Command::History(_) => Some(Pending::History),
            Command::Topic(_) => Some(Pending::Topic),
            Command::Account { word, rest } => Some(account(word, rest)),
            Command::Ping => Some(Pending::Fence),
            Command::Quit => Some(Pending::Farewell),
        }
    }

    /// Whether the answer is a plain "done". A dialect with fences does not answer private
    /// messages.
    pub(super) fn is_confirmed(&self, fenced: bool) -> bool {
        match self {
            Pending::Name
            | Pending::Enter(_)
            | Pending::Part
            | Pending::History
            | Pending::Login(_)
            | Pending::Logout
            | Pending::Account
            | Pending::Farewell => true,
            Pending::Told { .. } => !fenced,
            Pending::Echo(_)
            | Pending::Users
            | Pending::Census
            | Pending::Rooms
            | Pending::Topic
            | Pending::Fence => false,
        }
    }
}

/// The answer to a command about an account. One with a name in front gives the client that name.
fn account(word: &[u8], rest: &[u8]) -> Pending {
    let mut words = rest.split(|byte| *byte == b' ');
    let (name, has_more) = (words.next().unwrap_or_default(), words.next().is_some());
    match word {
        b"/logout" => Pending::Logout,
        b"/login" | b"/ghost" => Pending::Login(name.to_vec()),
        b"/register" if has_more => Pending::Login(name.to_vec()),
        _ => Pending::Account,
    }
}

/// All pending answers, in the order of sending. Servers answer in that order.
#[derive(Debug, Default)]
pub(super) struct Ledger(VecDeque<Pending>);

impl Ledger {
    pub(super) fn push(&mut self, pending: Pending) {
        self.0.push_back(pending);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn front(&self) -> Option<&Pending> {
        self.0.front()
    }

    pub(super) fn pop(&mut self) -> Option<Pending> {
        self.0.pop_front()
    }

    /// The first entry that `is` selects.
    pub(super) fn first(&self, is: impl Fn(&Pending) -> bool) -> Option<&Pending> {
        self.0.iter().find(|pending| is(pending))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Pending> {
        self.0.iter()
    }

    pub(super) fn any(&self, is: impl Fn(&Pending) -> bool) -> bool {
        self.0.iter().any(is)
    }

    /// Removes the first entry that `is` selects and all entries before it, which the answer proves
    /// to be done. Returns them in order, or nothing if no entry is selected.
    pub(super) fn settle(&mut self, is: impl Fn(&Pending) -> bool) -> Vec<Pending> {
        match self.0.iter().position(is) {
            Some(at) => self.0.drain(..=at).collect(),
            None => Vec::new(),
        }
    }

    /// Whether `text` is a pending text of this user. No other entry is settled: where two users
    /// may have one name, the line may come from the other.
    pub(super) fn echoed(&mut self, text: &[u8]) -> bool {
        // Some servers of the lobby dialect put a space after the colon.
        let same = |said: &[u8]| said == text || text.strip_prefix(b" ") == Some(said);
        let at =
            self.0.iter().position(|pending| matches!(pending, Pending::Echo(said) if same(said)));
        at.is_some_and(|at| self.0.remove(at).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::{Ledger, Pending};

    fn ledger(all: &[Pending]) -> Ledger {
        let mut ledger = Ledger::default();
        for pending in all {
            ledger.push(pending.clone());
        }
        ledger
    }

    #[test]
    fn an_answer_settles_earlier_commands() {
        let mut ledger = ledger(&[Pending::Users, Pending::Fence, Pending::Fence]);
        assert_eq!(
            ledger.settle(|pending| *pending == Pending::Fence),
            [Pending::Users, Pending::Fence]
        );
        assert_eq!(
            ledger.settle(|pending| *pending == Pending::Part),
            [],
            "no such command is pending"
        );
        assert_eq!(ledger.len(), 1);
    }

    #[test]
    fn an_echo_settles_itself_alone_and_once() {
        let mut ledger = ledger(&[Pending::Echo(b"a".into()), Pending::Echo(b"b".into())]);
        assert!(ledger.echoed(b"b"));
        assert!(!ledger.echoed(b"b"));
        assert!(ledger.echoed(b" a"), "after a space");
        assert!(ledger.is_empty());
    }
}
