//! The effect of a line: a request to the registry, or the end of the connection.

use super::close_reason::CloseReason;
use super::dialect::{Command, Dialect, Fault};
use super::exchange::Request;
use super::name::Name;

/// The next step of a session.
pub(super) enum Step {
    /// Make this request to the registry.
    Ask(Request),
    /// Request a join.
    Enter { room: Name, name: Name },
    /// The line cannot be served: answer with these lines.
    Refuse(Fault, Vec<u8>),
    /// End the connection for this reason, with these last lines. The fault, if it is one.
    Close(CloseReason, Vec<u8>, Option<Fault>),
}

/// The sender of a line.
pub(super) struct Speaker<'session> {
    pub(super) dialect: &'static dyn Dialect,
    pub(super) name: Option<&'session Name>,
    pub(super) room: Option<&'session Name>,
}

impl Speaker<'_> {
    /// The step for `command`. A command that the dialect must not return at this stage is refused.
    pub(super) fn step(&self, command: Result<Command<'_>, Fault>) -> Step {
        match command {
            Ok(Command::Name(name)) => Step::Ask(Request::Name { name }),
            Ok(Command::Enter { room, name }) => Step::Enter { room, name },
            Ok(Command::Join(room)) if self.room == Some(&room) => {
                self.refuse(Fault::InRoomAlready(room)) // [channels/join-7]
            }
            Ok(Command::Join(room)) => match self.name {
                Some(name) => Step::Enter { room, name: name.clone() },
                None => self.refuse(Fault::NotNamed),
            },
            Ok(Command::Leave) => Step::Ask(Request::Leave),
            Ok(Command::Say(_)) => self.refuse(Fault::NotInRoom),
            Ok(Command::Tell { to, text }) => match self.name {
                Some(from) => Step::Ask(Request::Tell { to, line: self.told(from, text) }),
                None => self.refuse(Fault::NotNamed),
            },
            Ok(Command::List(listing)) => Step::Ask(Request::List(listing)),
            Ok(Command::Help(on)) => {
                let mut lines = Vec::new();
                self.dialect.help(on, &mut lines);
                Step::Ask(Request::Reply { lines })
            }
            Ok(Command::History(recall)) => Step::Ask(Request::History(recall)),
            Ok(Command::Topic) => Step::Ask(Request::Topic),
            Ok(Command::SetTopic(text)) => Step::Ask(Request::SetTopic { text: text.to_vec() }),
            Ok(Command::LogIn { name, password }) => {
                Step::Ask(Request::LogIn { name, password: Some(password) })
            }
            Ok(Command::Ghost(name)) => Step::Ask(Request::Ghost { name }),
            Ok(Command::Register { name, password }) => match name.or_else(|| self.name.cloned()) {
                Some(name) => Step::Ask(Request::Register { name, password: Some(password) }),
                None => self.refuse(Fault::NotNamed),
            },
            Ok(Command::ChangePassword { old, new }) => {
                Step::Ask(Request::ChangePassword { secrets: Some((old, new)) })
            }
            Ok(Command::LogOut) => Step::Ask(Request::LogOut),
            Ok(Command::Answer(line)) => Step::Ask(Request::Reply { lines: line.to_vec() }),
            Ok(Command::Quit(line)) => Step::Close(CloseReason::Quit, line.to_vec(), None),
            Err(fault) => self.refuse(fault),
        }
    }

    fn told(&self, from: &Name, text: &[u8]) -> Result<Vec<u8>, Fault> {
        if text.is_empty() {
            return Err(Fault::EmptyText); // [channels/tell-4]
        }
        let mut line = Vec::new();
        self.dialect.told(from, text, &mut line);
        Ok(line)
    }

    fn refuse(&self, fault: Fault) -> Step {
        let lines = fault_line(self.dialect, &fault);
        if fault.is_fatal() {
            let hello = matches!(fault, Fault::TlsHello);
            let reason = if hello { CloseReason::TlsHello } else { CloseReason::ProtocolFault };
            Step::Close(reason, lines, Some(fault))
        } else {
            Step::Refuse(fault, lines)
        }
    }
}

/// The line of `dialect` for `fault`.
pub(super) fn fault_line(dialect: &dyn Dialect, fault: &Fault) -> Vec<u8> {
    let mut lines = Vec::new();
    dialect.fault(fault, &mut lines);
    lines
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::super::channels::Channels;
    use super::{Command, Name, Speaker, Step};

    /// No dialect here returns such commands. In a dialect that did, the client would get an error
    /// line.
    #[test]
    fn a_command_that_comes_too_early_is_refused() {
        let name = || Name::new(b"den", 20).expect("it is a name");
        let early = [
            (Command::Join(name()), "ERROR Username required\r\n"),
            (Command::Say(b"hi"), "ERROR Not in a room\r\n"),
            (Command::Tell { to: name(), text: b"hi" }, "ERROR Username required\r\n"),
        ];
        let nobody = Speaker { dialect: &Channels, name: None, room: None };
        for (command, expected) in early {
            let Step::Refuse(_, lines) = nobody.step(Ok(command)) else {
                panic!("it is refused: {expected}")
            };
            assert_eq!(lines, expected.as_bytes());
        }
    }
}
