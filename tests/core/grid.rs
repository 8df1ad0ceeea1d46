//! Sessions obey their table and dialects their grammar, and both are the ones agreed on.
//!
//! Goal: no change of what a session may do, or of what a line means at some stage, goes unnoticed,
//! illegal pairs included.
//!
//! Method: the whole table is printed and compared with the committed `spec/session-grid.txt`; and
//! for each dialect what each of a list of lines means at each stage, with
//! `spec/<dialect>-grid.txt`. That sessions do what the table says is checked by the fuzz target
//! `session`.
//!
//! Limits: the grid says which state follows, not what is asked of the registry on the way; the
//! lines are chosen, and others are compared with independent parsers by the fuzz targets
//! `parse_*`.

use parlance_core::protocol::channels::Channels;
use parlance_core::protocol::dialect::{Command, Dialect, Fault, Stage};
use parlance_core::protocol::table::grid;
use parlance_core::protocol::{AccountFault, DIALECTS, Extensions};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// [common/close-1] [common/flow-6] [common/limit-1]
#[test]
fn the_grid_is_the_committed_one() {
    assert_committed("session-grid.txt", &grid());
}

/// [simple/error-6] [login/error-5] [channels/error-4] [channels/line-2] [channels/line-3]
/// [channels/line-4] [common/line-1] [lobby/name-2] [simple/join-2] [login/login-2]
/// [channels/name-2] [channels/join-2]
#[test]
fn the_grammars_are_the_committed_ones() {
    for dialect in DIALECTS {
        let name = dialect.name();
        let (stages, lines) = samples(name);
        let mut printed = String::new();
        for line in lines {
            writeln!(printed, "\"{}\"", line.escape_ascii()).unwrap();
            for stage in stages {
                let meaning = meaning(*dialect, *stage, line);
                writeln!(printed, "    {:<8} {meaning}", format!("{stage:?}")).unwrap();
            }
        }
        assert_committed(&format!("{name}-grid.txt"), &printed);
    }
}

/// What channels calls unknown, with every extension on. [extensions/frame-1]
/// [extensions/frame-3] [extensions/topic-2]
#[test]
fn the_grammar_of_the_extensions_is_the_committed_one() {
    let on = Extensions { kept_rooms: true, accounts: true, registration: true, ..Extensions::OFF };
    let mut printed = String::new();
    for line in EXTENSIONS {
        writeln!(printed, "\"{}\"", line.escape_ascii()).unwrap();
        for stage in THREE {
            let unknown = Err(Fault::UnknownCommand);
            assert_eq!(Channels.parse(*stage, line), unknown, "the document's own come first");
            assert_eq!(Channels.extension(Extensions::OFF, *stage, line), unknown);
            let meaning = shown(&Channels, Channels.extension(on, *stage, line));
            writeln!(printed, "    {:<8} {meaning}", format!("{stage:?}")).unwrap();
        }
    }
    assert_committed("extensions-grid.txt", &printed);
}

/// Whatever else is wrong with the line. [extensions/account-6]
#[test]
fn no_password_may_be_sent_where_others_can_read_it() {
    let on = Extensions { accounts: true, registration: true, ..Extensions::OFF };
    let on = Extensions { refuses_passwords: true, ..on };
    let refused = Err(Fault::Account(AccountFault::PasswordsNeedTls));
    for line in [&b"/login ann 12345678"[..], b"/login", b"/register ann 1", b"/register"] {
        assert_eq!(Channels.extension(on, Stage::Fresh, line), refused);
    }
    for line in [&b"/register 12345678"[..], b"/password 12345678 87654321", b"/password"] {
        assert_eq!(Channels.extension(on, Stage::Member, line), refused);
    }
    assert_eq!(Channels.extension(on, Stage::Member, b"/logout"), Ok(Command::LogOut));
}

/// The keywords of a dialect, each with an argument that suits it, and whether their case counts.
type Keywords = (&'static str, bool, &'static [(&'static str, &'static str)]);

const KEYWORDS: &[Keywords] = &[
    ("rooms", false, &[("JOIN", " den ann")]),
    ("simple", false, &[("JOIN", " ann"), ("SEND", " hi"), ("LEAVE", "")]),
    (
        "login",
        false,
        &[("LOGIN", " ann"), ("MSG", " hi"), ("WHO", ""), ("DM", " bob hi"), ("PING", "")],
    ),
    (
        "channels",
        true,
        &[
            ("USERNAME", " ann"),
            ("JOIN", " r"),
            ("/join", " r"),
            ("LEAVE", ""),
            ("/leave", ""),
            ("MSG", " hi"),
            ("/msg", " bob hi"),
            ("PRIVMSG", " bob hi"),
            ("ROOMS", ""),
            ("/rooms", ""),
            ("USERS", ""),
            ("/users", ""),
            ("QUIT", ""),
            ("/quit", ""),
        ],
    ),
];

/// A keyword consists of its ASCII letters: with any other byte in the place of one, or a character
/// that is the same letter to Unicode in another case or width, it is another word.
/// [rooms/join-1] [simple/line-1] [login/line-1] [channels/line-2]
#[test]
fn a_word_with_another_byte_or_a_lookalike_in_it_is_no_keyword() {
    let lookalikes = lookalikes();
    for (name, case_counts, keywords) in KEYWORDS {
        let dialect = DIALECTS.iter().find(|dialect| dialect.name() == *name).expect("a dialect");
        let (stages, _) = samples(name);
        for (keyword, argument) in *keywords {
            let sort_of = |word: &[u8], stage| {
                sort_of(*dialect, stage, &[word, argument.as_bytes()].concat())
            };
            let is_known =
                |&stage: &Stage| sort_of(keyword.as_bytes(), stage) != sort_of(b"xyz", stage);
            assert!(stages.iter().any(is_known), "{keyword} is no keyword of {name}");
            for word in misspelt(keyword, *case_counts, &lookalikes) {
                let unknown: &[u8] = if word.starts_with(b"/") { b"/xyz" } else { b"xyz" };
                for &stage in stages {
                    let told = word.escape_ascii();
                    assert_eq!(sort_of(&word, stage), sort_of(unknown, stage), "{name}: {told}");
                }
            }
        }
    }
}

/// `keyword` with one letter replaced: by every other byte but a space and a line feed, and by
/// every lookalike of that letter.
fn misspelt(keyword: &str, case_counts: bool, lookalikes: &[(char, char)]) -> Vec<Vec<u8>> {
    let mut words = Vec::new();
    for (at, &letter) in keyword.as_bytes().iter().enumerate() {
        let (before, after) = (&keyword.as_bytes()[..at], &keyword.as_bytes()[at + 1..]);
        let with = |other: &[u8]| [before, other, after].concat();
        let is_other = |byte: &u8| {
            !b" \n".contains(byte)
                && *byte != letter
                && (case_counts || !byte.eq_ignore_ascii_case(&letter))
        };
        words.extend((0..=255).filter(is_other).map(|byte| with(&[byte])));
        let same = lookalikes.iter().filter(|(_, ascii)| *ascii == char::from(letter));
        words.extend(same.map(|(lookalike, _)| with(lookalike.to_string().as_bytes())));
    }
    words
}

/// The characters beyond ASCII that are a capital letter in another case or width, each with it.
fn lookalikes() -> Vec<(char, char)> {
    let folded = |c: char| {
        let (mut upper, mut lower) = (c.to_uppercase(), c.to_lowercase());
        let one =
            [upper.next().filter(|_| upper.len() == 0), lower.next().filter(|_| lower.len() == 0)];
        let letter = one.into_iter().flatten().find(char::is_ascii_alphabetic);
        letter.map(|letter| (c, letter.to_ascii_uppercase()))
    };
    let mut all: Vec<_> = ('\u{80}'..=char::MAX).filter_map(folded).collect();
    assert!(all.contains(&('\u{17f}', 'S')) && all.contains(&('\u{131}', 'I')));
    all.extend(('\u{ff21}'..='\u{ff3a}').zip('A'..='Z'));
    all.extend(('\u{ff41}'..='\u{ff5a}').zip('A'..='Z'));
    all
}

/// What a line is, whatever it says.
fn sort_of(dialect: &dyn Dialect, stage: Stage, line: &[u8]) -> String {
    match dialect.parse(stage, line) {
        Ok(Command::Say(text)) if text == line => "a text".to_owned(),
        other => format!("{other:?}"),
    }
}

/// [rooms/daemon-1] [lobby/daemon-1] [simple/daemon-1] [login/daemon-1] [channels/daemon-2]
#[test]
fn the_names_and_ports_are_those_of_the_documents() {
    let agreed = [
        ("rooms", 1234, None),
        ("lobby", 1235, None),
        ("simple", 1236, None),
        ("login", 4000, Some("CHAT_PORT")),
        ("channels", 9999, None),
    ];
    let served = DIALECTS.iter().map(|dialect| {
        assert_eq!(format!("{dialect:?}"), dialect.name());
        (dialect.name(), dialect.default_port(), dialect.port_variable())
    });
    assert_eq!(served.collect::<Vec<_>>(), agreed);
}

/// [rooms/error-1] [lobby/error-1] [simple/error-3] [simple/error-5] [login/error-2]
/// [login/error-4] [login/idle-1] [channels/error-1] [channels/error-3]
#[test]
fn faults_without_a_parsed_line_have_the_agreed_texts() {
    let agreed = [
        ("rooms", ["ERROR\n", "ERROR\n"]),
        ("lobby", ["", ""]),
        ("simple", ["ERROR line-too-long\n", "ERROR server-full\n"]),
        ("login", ["ERR line-too-long\n", "ERR server-full\n"]),
        ("channels", ["ERROR Line too long\r\n", "ERROR Server full\r\n"]),
    ];
    let told = |dialect: &dyn Dialect, fault: &Fault| {
        let mut told = Vec::new();
        dialect.fault(fault, &mut told);
        String::from_utf8(told).expect("it is text")
    };
    for (dialect, (name, expected)) in DIALECTS.iter().zip(agreed) {
        let faults = [Fault::LineTooLong, Fault::TooManyClients];
        assert_eq!(faults.map(|fault| told(*dialect, &fault)), expected, "{name}");
        if dialect.policy().limits_idleness {
            assert_eq!(told(*dialect, &Fault::Idle), "ERR idle-timeout\n", "{name}");
        }
    }
}

fn assert_committed(file: &str, printed: &str) {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("spec").join(file);
    if std::env::var_os("PARLANCE_BLESS").is_some() {
        fs::write(&path, printed).expect("the folder is there");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == printed,
        "the grid has changed; if that is meant, PARLANCE_BLESS=1 writes spec/{file}:\n{printed}"
    );
}

/// The command, or the line that the client is told instead and whether the connection ends.
fn meaning(dialect: &dyn Dialect, stage: Stage, line: &[u8]) -> String {
    shown(dialect, dialect.parse(stage, line))
}

fn shown(dialect: &dyn Dialect, meaning: Result<Command<'_>, Fault>) -> String {
    match meaning {
        Ok(Command::SetTopic(text)) if text.len() > 60 => format!("SetTopic, {} bytes", text.len()),
        Ok(Command::SetTopic(text)) => format!("SetTopic \"{}\"", text.escape_ascii()),
        Ok(Command::Say(text)) => format!("Say \"{}\"", text.escape_ascii()),
        Ok(Command::Tell { to, text }) => format!("Tell {to} \"{}\"", text.escape_ascii()),
        Ok(Command::Answer(line)) => format!("Answer \"{}\"", line.escape_ascii()),
        Ok(Command::Quit(line)) => format!("Quit \"{}\"", line.escape_ascii()),
        Ok(command) => format!("{command:?}"),
        Err(fault) => {
            let mut told = Vec::new();
            dialect.fault(&fault, &mut told);
            let end = if fault.is_fatal() { ", then the end" } else { "" };
            format!("{fault:?}: \"{}\"{end}", told.escape_ascii())
        }
    }
}

#[rustfmt::skip]
const EXTENSIONS: &[&[u8]] = &[
    b"/help", b"/help ", b"/help me", b"/HELP", b"/history", b"/history 1", b"/history 1000",
    b"/history 1001", b"/history 0", b"/history x", b"/history +1", b"/history  1", b"/history 1 ",
    b"/history before 7", b"/history 3 before 7", b"/history 3 before", b"/history 3 before x",
    b"/history before 18446744073709551616", b"/historyx", b"/topic", b"/topic ", b"/topic -",
    b"/topic --", b"/topic tea at five", b"/topic  tea", b"/topic \xff", b"/topics", LONG_TOPICS[0],
    LONG_TOPICS[1], b"/login ann 12345678", b"/login", b"/login ann", b"/login ann 1234567",
    b"/login a\x7f 12345678", b"/login ann 12345678 ", b"/LOGIN ann 12345678", b"/ghost ann",
    b"/ghost", b"/ghost a b", b"/register 12345678", b"/register ann 12345678", b"/register",
    b"/register 1234567", b"/register ann 1234567", b"/password 12345678 87654321", b"/password",
    b"/password 12345678 1234567", b"/password 1234567 87654321", b"/logout", b"/logout now",
];

/// As long as a topic may be, and longer by one.
const LONG_TOPICS: [&[u8]; 2] = {
    const LONGEST: [u8; 263] = {
        let mut line = [b'x'; 263];
        let mut at = 0;
        while at < 7 {
            line[at] = b"/topic "[at];
            at += 1;
        }
        line
    };
    let (one_less, _) = LONGEST.split_at(262);
    [one_less, &LONGEST]
};

const TWO: &[Stage] = &[Stage::Fresh, Stage::Member];
const THREE: &[Stage] = &[Stage::Fresh, Stage::Named, Stage::Member];

/// The stages that a dialect has and lines worth showing.
fn samples(dialect: &str) -> (&'static [Stage], &'static [&'static [u8]]) {
    match dialect {
        "rooms" => (TWO, ROOMS),
        "lobby" => (TWO, LOBBY),
        "simple" => (TWO, SIMPLE),
        "login" => (TWO, LOGIN),
        "channels" => (THREE, CHANNELS),
        other => panic!("no lines for {other}"),
    }
}

#[rustfmt::skip]
const ROOMS: &[&[u8]] = &[
    b"JOIN den ann", b"jOiN den ann", b"JOIN den", b"JOIN  den ann", b"JOIN den ann ",
    b" JOIN den ann", b"JOIN den ann bob", b"JOIN\tden ann", b"JOINT den ann", b"hello", b"",
    b"JOIN den \xff", b"JOIN den a\x7f", b"JOIN abcdefghijklmnopqrst abcdefghijklmnopqrst",
    b"JOIN abcdefghijklmnopqrstu a", b"JOIN a abcdefghijklmnopqrstu",
];

#[rustfmt::skip]
const LOBBY: &[&[u8]] = &[
    b"ann", b"", b"a b", b"a:b", b":", b"JOIN", b"a\x7f", b"\xc3\xa9", &[b'x'; 64], &[b'x'; 65],
];

#[rustfmt::skip]
const SIMPLE: &[&[u8]] = &[
    b"JOIN ann", b"join ann", b"JOIN", b"JOIN ", b"JOIN a b", b"JOIN  ann", b"JOIN a\x7f",
    b"SEND hi", b"send  hi ", b"SEND", b"SEND ", b"LEAVE", b"leave now", b"JOINT ann", b"SENDhi",
    b" SEND hi", b"", b"\xff\x00", b"LOGIN ann", b"JOIN 12345678901234567890123456789012",
    b"JOIN 123456789012345678901234567890123",
];

#[rustfmt::skip]
const LOGIN: &[&[u8]] = &[
    b"LOGIN ann", b"login ann", b"LOGIN", b"LOGIN ", b"LOGIN a b", b"LOGIN a\x7f", b"MSG hi",
    b"msg  hi ", b"MSG", b"MSG ", b"WHO", b"who me", b"DM bob hi", b"dm bob  hi ", b"DM bob",
    b"DM bob ", b"DM", b"DM  hi", b"DM a\x7f hi", b"DM a\x7f", b"PING", b"ping now", b"JOIN ann",
    b"", b"\xff\x00", b"LOGIN 12345678901234567890123456789012",
    b"LOGIN 123456789012345678901234567890123",
];

#[rustfmt::skip]
const CHANNELS: &[&[u8]] = &[
    b"USERNAME ann", b"USERNAME", b"USERNAME a b", b"username ann", b"/username ann", b"JOIN #r",
    b"JOIN r", b"JOIN", b"JOIN ", b"JOIN a b", b"join r", b"/join #r", b"/join", b"LEAVE",
    b"LEAVE ", b"LEAVE me", b"/leave", b"/leave me", b"MSG hi", b"MSG  hi ", b"MSG", b"MSG ",
    b"/msg bob hi", b"/msg bob", b"/msg", b"PRIVMSG bob hi", b"PRIVMSG bob  hi ", b"PRIVMSG bob",
    b"PRIVMSG", b"PRIVMSG  hi", b"ROOMS", b"ROOMS x", b"/rooms", b"/rooms x", b"USERS", b"USERS x",
    b"/users", b"/users x", b"QUIT", b"QUIT now", b"/quit", b"/quit now", b"Hello", b"", b" ", b"/",
    b"/me waves", b"\xff\x00", b"JOIN 1234567890123456789012345678901",
    b"JOIN 12345678901234567890123456789012", b"USERNAME 1234567890123456789012345678901",
    b"USERNAME 12345678901234567890123456789012",
];
