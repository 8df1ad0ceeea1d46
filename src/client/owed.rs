//! What the server still owes an answer to.

use std::collections::VecDeque;

/// A line that was sent, and what will answer it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owed {
    /// The user's name.
    Name,
    /// Going into a room.
    Enter(Vec<u8>),
    /// What was said to everyone, which comes back.
    Echo(Vec<u8>),
    /// What was said to one user.
    Told { to: Vec<u8>, text: Vec<u8> },
    /// Leaving a room.
    Part,
    /// A list of users.
    Users,
    /// A list of rooms.
    Rooms,
    /// The line that only asks whether everything before it is done.
    Fence,
    /// Good-bye.
    Farewell,
}

impl Owed {
    /// Whether the answer is a plain "done". A dialect with fences has none for what is told to one user.
    pub(super) fn is_confirmed(&self, fenced: bool) -> bool {
        match self {
            Owed::Name | Owed::Enter(_) | Owed::Part | Owed::Farewell => true,
            Owed::Told { .. } => !fenced,
            Owed::Echo(_) | Owed::Users | Owed::Rooms | Owed::Fence => false,
        }
    }
}

/// All of it, in the order of sending, in which servers answer.
#[derive(Debug, Default)]
pub(super) struct Ledger(VecDeque<Owed>);

impl Ledger {
    pub(super) fn push(&mut self, owed: Owed) {
        self.0.push_back(owed);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn front(&self) -> Option<&Owed> {
        self.0.front()
    }

    pub(super) fn pop(&mut self) -> Option<Owed> {
        self.0.pop_front()
    }

    pub(super) fn any(&self, is: impl Fn(&Owed) -> bool) -> bool {
        self.0.iter().any(is)
    }

    /// What the answer is for, last, after everything that an answer to it shows to be done. Nothing if
    /// nobody waits for such an answer.
    pub(super) fn settle(&mut self, is: impl Fn(&Owed) -> bool) -> Vec<Owed> {
        match self.0.iter().position(is) {
            Some(at) => self.0.drain(..=at).collect(),
            None => Vec::new(),
        }
    }

    /// Whether `text` was said by this user and is back now. Nothing else is settled by that: where two users
    /// may have one name it may be the other's.
    pub(super) fn echoed(&mut self, text: &[u8]) -> bool {
        // Some servers of the lobby dialect put a space after the colon.
        let same = |said: &[u8]| said == text || text.strip_prefix(b" ") == Some(said);
        let at = self.0.iter().position(|owed| matches!(owed, Owed::Echo(said) if same(said)));
        at.is_some_and(|at| self.0.remove(at).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::{Ledger, Owed};

    fn ledger(all: &[Owed]) -> Ledger {
        let mut ledger = Ledger::default();
        for owed in all {
            ledger.push(owed.clone());
        }
        ledger
    }

    #[test]
    fn an_answer_settles_what_came_before_it() {
        let mut ledger = ledger(&[Owed::Users, Owed::Fence, Owed::Fence]);
        assert_eq!(ledger.settle(|owed| *owed == Owed::Fence), [Owed::Users, Owed::Fence]);
        assert_eq!(ledger.settle(|owed| *owed == Owed::Part), [], "nobody asked");
        assert_eq!(ledger.len(), 1);
    }

    #[test]
    fn an_echo_settles_itself_alone_and_once() {
        let mut ledger = ledger(&[Owed::Echo(b"a".into()), Owed::Echo(b"b".into())]);
        assert!(ledger.echoed(b"b"));
        assert!(!ledger.echoed(b"b"));
        assert!(ledger.echoed(b" a"), "after a space");
        assert!(ledger.is_empty());
    }
}
