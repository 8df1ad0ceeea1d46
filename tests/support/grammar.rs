//! The obvious version of each dialect's grammar, written from the clauses alone: what a line means
//! at a stage, as one list of cases from top to bottom, with no case left to another's
//! fall-through.

use parlance_core::protocol::dialect::{Command, Listing, Stage};
use parlance_core::protocol::{AccountFault, Fault, Name};

/// The meaning of a line, in words independent of the product except for its faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning<'line> {
    Name(&'line [u8]),
    /// Into the one room there is.
    Enter(&'line [u8]),
    Join(&'line [u8]),
    Leave,
    Say(&'line [u8]),
    Tell(&'line [u8], &'line [u8]),
    Users,
    Rooms,
    Pong,
    Help,
    /// So many lines, with smaller numbers.
    History(u64, u64),
    Topic,
    SetTopic(&'line [u8]),
    LogIn(&'line [u8], &'line [u8]),
    Ghost(&'line [u8]),
    /// A name only of a client that has none.
    Register(Option<&'line [u8]>, &'line [u8]),
    ChangePassword(&'line [u8], &'line [u8]),
    LogOut,
    Quit(&'static [u8]),
    Fault(Fault),
}

/// Whether what the product made of a line is `meaning`.
pub(crate) fn agrees(parsed: &Result<Command<'_>, Fault>, meaning: &Meaning<'_>) -> bool {
    use Meaning as M;
    match (parsed, meaning) {
        (Ok(Command::Name(name)), M::Name(expected))
        | (Ok(Command::Ghost(name)), M::Ghost(expected))
        | (Ok(Command::Enter { name, .. }), M::Enter(expected)) => name.as_bytes() == *expected,
        (Ok(Command::Join(room)), M::Join(expected)) => room.as_bytes() == *expected,
        (Ok(Command::Say(text)), M::Say(expected))
        | (Ok(Command::SetTopic(text)), M::SetTopic(expected)) => text == expected,
        (Ok(Command::Tell { to, text }), M::Tell(target, expected)) => {
            to.as_bytes() == *target && text == expected
        }
        (Ok(Command::Answer(line)), M::Pong) => *line == b"PONG\n",
        (Ok(Command::Quit(line)), M::Quit(expected)) => line == expected,
        (Ok(Command::History(recall)), M::History(lines, before)) => {
            (recall.lines as u64, recall.before) == (*lines, *before)
        }
        (Ok(Command::LogIn { name, password }), M::LogIn(expected, word)) => {
            name.as_bytes() == *expected && password.as_bytes() == *word
        }
        (Ok(Command::Register { name, password }), M::Register(expected, word)) => {
            name.as_ref().map(Name::as_bytes) == *expected && password.as_bytes() == *word
        }
        (Ok(Command::ChangePassword { old, new }), M::ChangePassword(expected, word)) => {
            old.as_bytes() == *expected && new.as_bytes() == *word
        }
        (Ok(Command::Help(_)), M::Help)
        | (Ok(Command::LogOut), M::LogOut)
        | (Ok(Command::Topic), M::Topic)
        | (Ok(Command::Leave), M::Leave)
        | (Ok(Command::List(Listing::Members)), M::Users)
        | (Ok(Command::List(Listing::Rooms)), M::Rooms) => true,
        (Err(fault), M::Fault(expected)) => fault == expected,
        _ => false,
    }
}

/// [common/name-1]
fn is_name(bytes: &[u8], longest: usize) -> bool {
    (1..=longest).contains(&bytes.len()) && bytes.iter().all(|byte| matches!(byte, 0x21..=0x7E))
}

/// The pieces around the first space; the second is missing if there is none.
fn cut(line: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut pieces = line.splitn(2, |&byte| byte == b' ');
    (pieces.next().unwrap_or(b""), pieces.next())
}

fn name_or<'line>(
    bytes: &'line [u8],
    longest: usize,
    make: fn(&'line [u8]) -> Meaning<'line>,
    otherwise: Fault,
) -> Meaning<'line> {
    if is_name(bytes, longest) { make(bytes) } else { Meaning::Fault(otherwise) }
}

/// The first line is a name without colon; every other is text.
pub(crate) fn lobby(stage: Stage, line: &[u8]) -> Meaning<'_> {
    match stage {
        Stage::Member => Meaning::Say(line),
        _ if line.contains(&b':') => Meaning::Fault(Fault::Syntax),
        _ => name_or(line, 64, Meaning::Enter, Fault::Syntax),
    }
}

/// Unknown before not joined before joined already before the argument.
pub(crate) fn simple(stage: Stage, line: &[u8]) -> Meaning<'_> {
    let (keyword, argument) = cut(line);
    let argument = argument.unwrap_or(b"");
    let joined = stage == Stage::Member;
    match (keyword.to_ascii_uppercase().as_slice(), joined) {
        (b"JOIN", true) => Meaning::Fault(Fault::NamedAlready),
        (b"JOIN", false) => name_or(argument, 32, Meaning::Enter, Fault::NameInvalid),
        (b"SEND" | b"LEAVE", false) => Meaning::Fault(Fault::NotNamed),
        (b"LEAVE", true) => Meaning::Quit(b"OK\n"),
        (b"SEND", true) if argument.is_empty() => Meaning::Fault(Fault::EmptyText),
        (b"SEND", true) => Meaning::Say(argument),
        _ => Meaning::Fault(Fault::UnknownCommand),
    }
}

/// Nothing but LOGIN before it; a private message's empty text before its target.
pub(crate) fn login(stage: Stage, line: &[u8]) -> Meaning<'_> {
    let (keyword, argument) = cut(line);
    let argument = argument.unwrap_or(b"");
    let here = stage == Stage::Member;
    match (keyword.to_ascii_uppercase().as_slice(), here) {
        (b"LOGIN", false) => name_or(argument, 32, Meaning::Enter, Fault::NameInvalid),
        (_, false) => Meaning::Fault(Fault::NotNamed),
        (b"LOGIN", true) => Meaning::Fault(Fault::NamedAlready),
        (b"MSG", true) if argument.is_empty() => Meaning::Fault(Fault::EmptyText),
        (b"MSG", true) => Meaning::Say(argument),
        (b"WHO", true) => Meaning::Users,
        (b"PING", true) => Meaning::Pong,
        (b"DM", true) => match cut(argument) {
            (_, None | Some(b"")) => Meaning::Fault(Fault::EmptyText),
            (target, Some(text)) if is_name(target, 32) => Meaning::Tell(target, text),
            _ => Meaning::Fault(Fault::UserNotFound),
        },
        (_, true) => Meaning::Fault(Fault::UnknownCommand),
    }
}

/// What the line is comes first; then whether it may come now; then its arguments.
pub(crate) fn channels(stage: Stage, line: &[u8]) -> Meaning<'_> {
    let (word, rest) = cut(line);
    let argument = rest.unwrap_or(b"");
    let bare =
        |keyword: &[u8], slash: &[u8]| argument.is_empty() && (word == keyword || word == slash);
    let is = |keyword: &[u8], slash: &[u8]| word == keyword || word == slash;
    let quits = bare(b"QUIT", b"/quit");
    let lists_rooms = bare(b"ROOMS", b"/rooms");
    let needs_room = [bare(b"LEAVE", b"/leave"), bare(b"USERS", b"/users")];
    let joins = is(b"JOIN", b"/join");
    let tells = is(b"PRIVMSG", b"/msg");
    let known = quits || lists_rooms || needs_room.contains(&true) || joins || tells;
    if line.first() == Some(&b'/') && !known {
        return Meaning::Fault(Fault::UnknownCommand);
    }
    if quits {
        return Meaning::Quit(b"OK Goodbye!\r\n");
    }
    match (stage, word == b"USERNAME") {
        (Stage::Fresh, true) => {
            return name_or(argument, 31, Meaning::Name, Fault::NameInvalid);
        }
        (Stage::Fresh, false) => return Meaning::Fault(Fault::NotNamed),
        (_, true) => return Meaning::Fault(Fault::NamedAlready),
        (_, false) => {}
    }
    if joins {
        return name_or(argument, 31, Meaning::Join, Fault::RoomInvalid);
    }
    if tells {
        let (target, text) = cut(argument);
        if !is_name(target, 31) {
            return Meaning::Fault(Fault::UserNotFound);
        }
        return Meaning::Tell(target, text.unwrap_or(b""));
    }
    if lists_rooms {
        return Meaning::Rooms;
    }
    if stage == Stage::Named {
        return Meaning::Fault(Fault::NotInRoom);
    }
    match (needs_room, if word == b"MSG" { argument } else { line }) {
        ([true, _], _) => Meaning::Leave,
        ([_, true], _) => Meaning::Users,
        (_, b"") => Meaning::Fault(Fault::EmptyText),
        (_, text) => Meaning::Say(text),
    }
}

/// As above, with every extension: what is unknown otherwise may be one of their commands.
pub(crate) fn channels_extended(stage: Stage, line: &[u8]) -> Meaning<'_> {
    let plain = channels(stage, line);
    if plain != Meaning::Fault(Fault::UnknownCommand) {
        return plain;
    }
    let (word, rest) = cut(line);
    let argument = rest.unwrap_or(b"");
    if word == b"/help" && argument.is_empty() {
        return Meaning::Help;
    }
    if let Some(meaning) = account(stage, word, argument) {
        return meaning;
    }
    if word != b"/history" && word != b"/topic" {
        return plain;
    }
    match stage {
        Stage::Fresh => Meaning::Fault(Fault::NotNamed),
        Stage::Named => Meaning::Fault(Fault::NotInRoom),
        Stage::Member if word == b"/history" => history(argument),
        Stage::Member if argument.is_empty() => Meaning::Topic,
        Stage::Member if argument == b"-" => Meaning::SetTopic(b""),
        Stage::Member if argument.len() >= 256 => Meaning::Fault(Fault::TopicTooLong),
        Stage::Member => Meaning::SetTopic(argument),
    }
}

/// What concerns accounts.
fn account<'line>(stage: Stage, word: &[u8], argument: &'line [u8]) -> Option<Meaning<'line>> {
    let fault = |fault| Some(Meaning::Fault(Fault::Account(fault)));
    let usage = |form| Some(Meaning::Fault(Fault::Usage(form)));
    let is_password = |word: &[u8]| {
        (8..=128).contains(&word.len()) && !word.iter().any(|byte| *byte <= 32 || *byte == 127)
    };
    let (first, second) = cut(argument);
    let second = second.filter(|second| !second.is_empty() && !second.contains(&b' '));
    let is_fresh = stage == Stage::Fresh;
    let unknown_name = Some(Meaning::Fault(Fault::NameInvalid));
    match word {
        b"/login" | b"/ghost" if !is_fresh => Some(Meaning::Fault(Fault::NamedAlready)),
        b"/password" | b"/logout" if is_fresh => Some(Meaning::Fault(Fault::NotNamed)),
        b"/ghost" => Some(name_or(argument, 31, Meaning::Ghost, Fault::NameInvalid)),
        b"/logout" if argument.is_empty() => Some(Meaning::LogOut),
        b"/logout" => usage("/logout"),
        b"/login" => match second {
            Some(_) if first.is_empty() => usage("/login NAME PASSWORD"),
            None => usage("/login NAME PASSWORD"),
            Some(_) if !is_name(first, 31) => unknown_name,
            Some(second) if !is_password(second) => fault(AccountFault::WrongPassword),
            Some(second) => Some(Meaning::LogIn(first, second)),
        },
        b"/register" if is_fresh => match second {
            Some(_) if first.is_empty() => usage("/register NAME PASSWORD"),
            None => usage("/register NAME PASSWORD"),
            Some(_) if !is_name(first, 31) => unknown_name,
            Some(second) if !is_password(second) => fault(AccountFault::PasswordInvalid),
            Some(second) => Some(Meaning::Register(Some(first), second)),
        },
        b"/register" if argument.is_empty() || argument.contains(&b' ') => {
            usage("/register PASSWORD")
        }
        b"/register" if !is_password(argument) => fault(AccountFault::PasswordInvalid),
        b"/register" => Some(Meaning::Register(None, argument)),
        b"/password" => match second {
            Some(_) if first.is_empty() => usage("/password OLD NEW"),
            None => usage("/password OLD NEW"),
            Some(second) if !is_password(second) => fault(AccountFault::PasswordInvalid),
            Some(_) if !is_password(first) => fault(AccountFault::WrongPassword),
            Some(second) => Some(Meaning::ChangePassword(first, second)),
        },
        _ => None,
    }
}

/// A count, and a number behind `before`; both may be left out.
fn history(argument: &[u8]) -> Meaning<'_> {
    let words: Vec<&[u8]> = argument.split(|&byte| byte == b' ').collect();
    let (count, before): (&[u8], Option<&[u8]>) = match words.as_slice() {
        [b""] => (b"50", None),
        [b"before", id] => (b"50", Some(id)),
        [count] => (count, None),
        [count, b"before", id] => (count, Some(id)),
        _ => (b"", None),
    };
    let number = |word: &[u8]| {
        let zero = (!word.is_empty()).then_some(0_u64);
        word.iter().fold(zero, |number, byte| {
            let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
            number?.checked_mul(10)?.checked_add(digit)
        })
    };
    match (number(count), before.map_or(Some(u64::MAX), number)) {
        (Some(count), Some(before)) if count > 0 && count <= 1_000 => {
            Meaning::History(count, before)
        }
        _ => Meaning::Fault(Fault::Usage("/history [1 to 1000] [before ID]")),
    }
}
