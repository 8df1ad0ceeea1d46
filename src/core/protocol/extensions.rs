//! Commands that a dialect's document does not have, each off until the server is configured for
//! it. See `spec/extensions.md`.
//!
//! A session offers a line to its dialect first. Only what the dialect calls an unknown command is
//! looked at here, so that the document's own protocol cannot change. [extensions/frame-1]

use super::account_fault::AccountFault;
use super::dialect::{Command, Fault, Stage};
pub use super::kept::{Extensions, PastLine, Recall, Topic};
use super::name::Name;
use super::secret::Secret;
use super::words::{keyword_and_argument, put};
use crate::limits::{CHANNELS_NAME_BYTES_MAX, RECALL_LINES, RECALL_LINES_MAX, TOPIC_BYTES_MAX};

/// Commands, each with what it does.
type Commands = [(&'static str, &'static str)];

const ACCOUNTS: &Commands = &[
    ("/login NAME PASSWORD", "take the name of your account"),
    ("/ghost NAME", "after /login, end the connection that has your name, and take it"),
    ("/password OLD NEW", "change the password of your account"),
    ("/logout", "leave the room and give your name back"),
];

const REGISTRATION: &Commands = &[
    ("/register PASSWORD", "make an account of your name"),
    ("/register NAME PASSWORD", "make an account, and take its name"),
];

const KEPT_ROOMS: &Commands = &[
    ("/history [N] [before ID]", "the last N lines of the room (50), or those before line ID"),
    ("/topic [TEXT]", "show or set the topic of the room; - removes it"),
];

/// What `line`, which is no command of the dialect, means where these extensions are `on`. The
/// errors come in the order of the dialect's own. [extensions/frame-3]
pub(super) fn parse(on: Extensions, stage: Stage, line: &[u8]) -> Result<Command<'_>, Fault> {
    let (keyword, argument) = keyword_and_argument(line);
    let meaning = match keyword {
        b"/help" if argument.is_empty() && !on.is_off() => return Ok(Command::Help(on)),
        b"/login" | b"/ghost" | b"/password" | b"/logout" if on.accounts => {
            return account(on, stage, keyword, argument);
        }
        b"/register" if on.registration => return register(on, stage, argument),
        b"/history" if on.kept_rooms => recall(argument).map(Command::History),
        b"/topic" if on.kept_rooms => topic(argument),
        _ => return Err(Fault::UnknownCommand),
    };
    match stage {
        Stage::Fresh => Err(Fault::NotNamed),
        Stage::Named => Err(Fault::NotInRoom),
        Stage::Member => meaning,
    }
}

/// Before a name, `/login` and `/ghost`; with one, the others. [extensions/frame-3]
fn account<'line>(
    on: Extensions,
    stage: Stage,
    keyword: &[u8],
    argument: &'line [u8],
) -> Result<Command<'line>, Fault> {
    match (keyword, stage) {
        (b"/login", Stage::Fresh) => log_in(on, argument),
        (b"/ghost", Stage::Fresh) => name_of(argument).map(Command::Ghost),
        (b"/login" | b"/ghost", _) => Err(Fault::NamedAlready),
        (_, Stage::Fresh) => Err(Fault::NotNamed),
        (b"/password", _) => change_password(on, argument),
        _ if argument.is_empty() => Ok(Command::LogOut),
        _ => Err(Fault::Usage("/logout")),
    }
}

/// Which word of a line is a password does not matter: it must not have been sent.
/// [extensions/account-6]
fn may_send_passwords(on: Extensions) -> Result<(), Fault> {
    if on.refuses_passwords { Err(Fault::Account(AccountFault::PasswordsNeedTls)) } else { Ok(()) }
}

/// `NAME PASSWORD`. What cannot be a password is a wrong one. [extensions/account-2]
fn log_in(on: Extensions, argument: &[u8]) -> Result<Command<'_>, Fault> {
    may_send_passwords(on)?;
    let [name, password] = words(argument).ok_or(Fault::Usage("/login NAME PASSWORD"))?;
    let name = name_of(name)?;
    let password = Secret::new(password).ok_or(Fault::Account(AccountFault::WrongPassword))?;
    Ok(Command::LogIn { name, password })
}

/// `PASSWORD` of a client that has a name, `NAME PASSWORD` of one that has none.
/// [extensions/account-4]
fn register(on: Extensions, stage: Stage, argument: &[u8]) -> Result<Command<'_>, Fault> {
    may_send_passwords(on)?;
    let (name, password) = if stage == Stage::Fresh {
        let usage = Fault::Usage("/register NAME PASSWORD");
        let [name, password] = words(argument).ok_or(usage)?;
        (Some(name_of(name)?), password)
    } else {
        let [password] = words(argument).ok_or(Fault::Usage("/register PASSWORD"))?;
        (None, password)
    };
    let password = Secret::new(password).ok_or(Fault::Account(AccountFault::PasswordInvalid))?;
    Ok(Command::Register { name, password })
}

/// `OLD NEW`. [extensions/account-5]
fn change_password(on: Extensions, argument: &[u8]) -> Result<Command<'_>, Fault> {
    may_send_passwords(on)?;
    let [old, new] = words(argument).ok_or(Fault::Usage("/password OLD NEW"))?;
    let new = Secret::new(new).ok_or(Fault::Account(AccountFault::PasswordInvalid))?;
    let old = Secret::new(old).ok_or(Fault::Account(AccountFault::WrongPassword))?;
    Ok(Command::ChangePassword { old, new })
}

/// So many words, none of them empty.
fn words<const COUNT: usize>(argument: &[u8]) -> Option<[&[u8]; COUNT]> {
    let mut words = argument.split(|byte| *byte == b' ');
    let mut found = [&b""[..]; COUNT];
    for word in &mut found {
        *word = words.next().filter(|word| !word.is_empty())?;
    }
    words.next().is_none().then_some(found)
}

fn name_of(word: &[u8]) -> Result<Name, Fault> {
    Name::new(word, CHANNELS_NAME_BYTES_MAX).ok_or(Fault::NameInvalid)
}

/// `[N] [before ID]`. [extensions/history-1]
fn recall(argument: &[u8]) -> Result<Recall, Fault> {
    let usage = || Fault::Usage("/history [1 to 1000] [before ID]");
    let words: Vec<&[u8]> = if argument.is_empty() {
        Vec::new()
    } else {
        argument.split(|byte| *byte == b' ').take(4).collect()
    };
    let (lines, before) = match words[..] {
        [] => (None, None),
        [b"before", id] => (None, Some(id)),
        [lines] => (Some(lines), None),
        [lines, b"before", id] => (Some(lines), Some(id)),
        _ => return Err(usage()),
    };
    let lines = lines.map_or(Some(RECALL_LINES as u64), number);
    let before = before.map_or(Some(u64::MAX), number);
    match (lines.and_then(|lines| usize::try_from(lines).ok()), before) {
        (Some(lines @ 1..=RECALL_LINES_MAX), Some(before)) => Ok(Recall { lines, before }),
        _ => Err(usage()),
    }
}

/// A number in decimal digits alone.
fn number(word: &[u8]) -> Option<u64> {
    let digits = word.iter().all(u8::is_ascii_digit).then_some(word)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// [extensions/topic-1] [extensions/topic-2]
fn topic(argument: &[u8]) -> Result<Command<'_>, Fault> {
    match argument {
        b"" => Ok(Command::Topic),
        b"-" => Ok(Command::SetTopic(b"")),
        text if text.len() > TOPIC_BYTES_MAX => Err(Fault::TopicTooLong),
        text => Ok(Command::SetTopic(text)),
    }
}

/// Renders the list of what is `on`. [extensions/frame-2]
pub(super) fn help(on: Extensions, out: &mut Vec<u8>) {
    let if_on = |on: bool, commands: &'static Commands| if on { commands } else { &[] };
    let own: &Commands = &[("/help", "this list")];
    let accounts = if_on(on.accounts, ACCOUNTS).iter();
    let accounts = accounts.chain(if_on(on.registration, REGISTRATION));
    let commands = own.iter().chain(accounts).chain(if_on(on.kept_rooms, KEPT_ROOMS));
    let count = commands.clone().count().to_string();
    put(out, &[b"OK Help (", count.as_bytes(), b")\r\n"]);
    for (command, what) in commands {
        put(out, &[b"HELP ", command.as_bytes(), b": ", what.as_bytes(), b"\r\n"]);
    }
}

/// The error for `fault`.
pub(super) fn account_fault(fault: AccountFault) -> &'static [u8] {
    match fault {
        AccountFault::PasswordRequired => b"Password required",
        AccountFault::WrongPassword => b"Wrong name or password",
        AccountFault::NameTaken => b"Username taken",
        AccountFault::AccountExists => b"Account exists",
        AccountFault::NotLoggedIn => b"Not logged in",
        AccountFault::PasswordInvalid => b"Password must have 8 to 128 bytes and no spaces",
        AccountFault::PasswordsNeedTls => b"Passwords need TLS",
        AccountFault::TooManyAttempts => b"Too many attempts, try again later",
        AccountFault::Busy => b"Busy, try again later",
        AccountFault::Unavailable => b"Accounts not available",
        AccountFault::Ghosted => b"Logged in elsewhere",
    }
}

/// Renders lines that were said in `room`, as one block; `kept` says whether lines are still kept.
/// [extensions/history-2] [extensions/store-4]
pub(super) fn history(room: &Name, lines: &[PastLine], kept: bool, out: &mut Vec<u8>) {
    let count = lines.len().to_string();
    let state: &[u8] = if kept { b")\r\n" } else { b"), history is not kept now\r\n" };
    put(out, &[b"OK History ", room.as_bytes(), b" (", count.as_bytes(), state]);
    for PastLine { id, at, sender, text } in lines {
        let (id, at) = (id.to_string(), timestamp(*at));
        put(out, &[b"HISTORY ", id.as_bytes(), b" ", at.as_bytes(), b" ", room.as_bytes()]);
        put(out, &[b" ", sender.as_bytes(), b" ", text, b"\r\n"]);
    }
}

/// Renders the topic of `room`, or that there is none. [extensions/topic-1]
pub(super) fn render_topic(room: &Name, topic: Option<&Topic>, out: &mut Vec<u8>) {
    put(out, &[b"TOPIC ", room.as_bytes()]);
    if let Some(Topic { sender, text }) = topic {
        put(out, &[b" ", sender.as_bytes(), b" ", text]);
    }
    out.extend_from_slice(b"\r\n");
}

/// Milliseconds since 1970 as RFC 3339 has them, in UTC; years beyond 9999 as the last moment of
/// that year. [extensions/history-2]
fn timestamp(millis: i64) -> String {
    let millis = millis.clamp(0, 253_402_300_799_999);
    let (days, of_day) = (millis / 86_400_000, millis % 86_400_000);
    // A year that begins in March has its leap day at the end: see "chrono-compatible low-level
    // date algorithms" by Howard Hinnant.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (second, milli) = (of_day / 1_000 % 60, of_day % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{Command, Extensions, Fault, Recall, Stage, parse, timestamp};

    const ON: Extensions = Extensions { kept_rooms: true, ..Extensions::OFF };

    /// [extensions/history-2]
    #[test]
    fn times_are_those_of_the_calendar() {
        let known = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (4_107_542_400_001, "2100-03-01T00:00:00.001Z"),
            (i64::MAX, "9999-12-31T23:59:59.999Z"),
            (-1, "1970-01-01T00:00:00.000Z"),
        ];
        for (millis, expected) in known {
            assert_eq!(timestamp(millis), expected);
        }
    }

    /// [extensions/history-1]
    #[test]
    fn the_arguments_of_history_are_a_count_and_an_id_at_most() {
        let asked = |line: &'static str| match parse(ON, Stage::Member, line.as_bytes()) {
            Ok(Command::History(Recall { lines, before })) => Some((lines, before)),
            Err(Fault::Usage(_)) => None,
            other => panic!("{line}: {other:?}"),
        };
        assert_eq!(asked("/history"), Some((50, u64::MAX)));
        assert_eq!(asked("/history 1000"), Some((1000, u64::MAX)));
        assert_eq!(asked("/history before 7"), Some((50, 7)));
        assert_eq!(asked("/history 3 before 7"), Some((3, 7)));
        for odd in ["0", "1001", "+3", "x", " 3", "3 ", "3 7", "before", "3 before", "before x"] {
            assert_eq!(asked(&*format!("/history {odd}").leak()), None, "{odd}");
        }
        assert_eq!(asked("/history 3 before 7 8"), None);
        assert_eq!(asked("/history 99999999999999999999"), None);
    }

    /// [extensions/frame-1] [extensions/frame-3]
    #[test]
    fn an_extension_that_is_off_is_unknown_and_one_that_is_on_needs_a_room() {
        for line in ["/help", "/history", "/topic tea", "/historys", "/help me"] {
            let off = parse(Extensions::OFF, Stage::Member, line.as_bytes());
            assert_eq!(off, Err(Fault::UnknownCommand), "{line}");
        }
        assert_eq!(parse(ON, Stage::Fresh, b"/topic tea"), Err(Fault::NotNamed));
        assert_eq!(parse(ON, Stage::Named, b"/history x"), Err(Fault::NotInRoom));
        assert_eq!(parse(ON, Stage::Fresh, b"/help"), Ok(Command::Help(ON)));
        assert_eq!(parse(ON, Stage::Member, b"/help me"), Err(Fault::UnknownCommand));
    }
}
