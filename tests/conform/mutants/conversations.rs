//! The conversations of each dialect.

use super::script::{Conversation, conversation};
use parlance_model::{Config, Dialect};
use std::ops::Range;
use std::time::Duration;

pub(super) fn conversations(dialect: Dialect) -> Vec<Conversation> {
    match dialect {
        Dialect::Rooms => rooms(),
        Dialect::Lobby => lobby(),
        Dialect::Simple => simple(),
        Dialect::Login => login(),
        Dialect::Channels => channels(),
    }
}

/// One piece of script for each number.
fn each(numbers: Range<usize>, piece: impl Fn(usize) -> String) -> String {
    numbers.map(piece).collect::<Vec<_>>().concat()
}

/// The messages for a server that takes texts like this, where `{}` is the beginning of a message.
fn texts(dialect: Dialect, enter: &[&str; 3], say: &str) -> Vec<Conversation> {
    let [a, b, c] = enter;
    let talk = |name, lines: &str| {
        let script = format!("0: {a}\\n\n1: {b}\\n\n{}", lines.replace("SAY ", say));
        conversation(name, dialect, &script)
    };
    let mut all = vec![
        talk("talk", "0: SAY hello\\n\n1: SAY hi\\n\n1: SAY bye\\n\n1 finishes\n0: SAY alone\\n"),
        talk("crlf", "0: SAY hello\\r\\n\n1: SAY a\\rb\\r\\r\\n\n1: SAY \\r\\n"),
        talk("many-lines-in-one-segment", "0: SAY one\\nSAY two\\nSAY three\\nSAY fo\n0: ur\\n"),
        talk(
            "bytes",
            "0: SAY a\\0b\\n\n0: SAY \\xff\\xfe\\xe9\\n\n0: SAY x\\x1b[0m\\x7f\\n\n0: SAY ü\\n",
        ),
        talk("spaces", "0: SAY  a   b  \\n\n0: SAY \\tb\\t\\n"),
        talk("unfinished-last-line", "1: SAY one\\nSAY tw\n1 finishes\n0: SAY alone\\n"),
        talk("unfinished-and-reset", "1: SAY one\\nSAY tw\n1 resets\n0: SAY alone\\n"),
        talk("reset", &format!("1: SAY x\\n\n1 resets\n0: SAY y\\n\n2: {b}\\n\n2: SAY z\\n")),
        talk("comes-again", &format!("1 finishes\n2: {b}\\n\n2: SAY z\\n\n0 finishes\n3: {a}\\n")),
        talk(
            "a-third",
            &format!("0: SAY before\\n\n2: {c}\\n\n2: SAY hi\\n\n0: SAY z\\n\n1 finishes"),
        ),
        talk("too-long", "1: SAY {20000}x\\nSAY more\\n\n0: SAY y\\n"),
        talk("no-line-feed", "1: {20000}x\n0: SAY y\\n"),
        talk("half-the-limit", "1: SAY {10000}x\\n\n0: SAY y\\n"),
        talk("quiet-half-line", "1: SAY ha\n0: SAY y\\n\n1: lf\\n"),
    ];
    let longest = 20_000 - say.len() - 1;
    all.push(talk("longest", &format!("0: SAY {{{longest}}}x\\n\n1: SAY y\\n")));
    let long: String = each(0..70, |n| format!("{}: SAY line {n}\\n\n", n % 2));
    all.push(talk("a-long-talk", &long));
    let crowd: String = each(3..103, |n| format!("{n} comes\n"));
    all.push(talk("a-crowd", &format!("2 comes\n{crowd}103: {c}\\n\n103: SAY hi\\n")));
    all.push(conversation(
        "reset-before-the-first-line",
        dialect,
        &format!(
            "0 comes\n0 resets\n1: {a}\\n\n1: {say}a\\n\n2: {b}\\n\n2: {say}hi\\n\n\
            3: {c}\\n"
        ),
    ));
    all.push(conversation("nothing", dialect, &format!("0 comes\n0 finishes\n1: {a}\\n")));
    let mut quiet = conversation(
        "says-nothing-for-long",
        dialect,
        &format!("0: {a}\\n\n1 comes\n1 waits 400\n2: {b}\\n"),
    );
    let time = Duration::from_secs(300); // more than any machine loses
    quiet.config = Config { first_line: time, idle: time, ..Config::default() };
    all.push(quiet);
    all
}

fn rooms() -> Vec<Conversation> {
    let mut all = texts(Dialect::Rooms, &["JOIN r ann", "JOIN r bob", "JOIN r cyd"], "");
    let bad = [
        "JOIN",
        "JOIN ",
        "JOIN r",
        "JOIN r ",
        "JOIN  r x",
        "JOIN r  x",
        "JOIN r x ",
        " JOIN r x",
        "JOIN\\tr\\tx",
        "JOIN r x y",
        "hello",
        "",
        "JOIN r {21}x",
        "JOIN {21}r x",
        "JOIN r x\\x01",
        "JOIN r x\\xe9",
        "JOIN r \\x7f",
        "JOIN r x\\0",
        "JOIN r x\\r",
        "JOINN r x",
        "JOIN r x\\ty",
    ];
    for line in bad {
        let script = format!("0: JOIN r ann\\n\n1: {line}\\nmore\\n\n0: x\\n\n2: JOIN r x\\n");
        all.push(conversation("bad-join", Dialect::Rooms, &script));
    }
    for (name, script) in [
        ("longest-names", "0: JOIN {20}r {20}u\\n\n1: JOIN {20}r b\\n"),
        ("other-names", "0: JOIN #r a-b\\n\n0: 100% x\\n\n1 comes\n1 finishes\n0: y\\n"),
        ("crlf-join", "0: JOIN r ann\\r\\n\n0: hello\\r\\n"),
        ("bad-join-and-nothing-more", "0: JOIN r ann\\n\n1: JOIN r {21}x\\n\n0: x\\n"),
        (
            "words-of-other-chats",
            "0: JOIN r ann\\n\n1: JOIN r bob\\n\n0: quit\\nexit\\nhelp\\nx\\n\n1: y\\n",
        ),
        ("any-case", "0: join r ann\\n\n1: JoIn r bob\\n\n2: JOIN R Bob\\n\n2: x\\n\n1: y\\n"),
        (
            "join-is-text",
            "0: JOIN r ann\\n\n1: JOIN r bob\\n\n1: JOIN s eve\\n\n1: hi\\n\n0: \\n\n0: /x\\n",
        ),
        (
            "two-rooms",
            "0: JOIN r ann\\n\n1: JOIN s bob\\n\n0: one\\n\n1: two\\n\n1 finishes\n\
                2: JOIN s cyd\\n\n2: x\\n\n0: y\\n",
        ),
        (
            "long-room-names",
            "0: JOIN roommmmmm1 ann\\n\n1: JOIN roommmmmm2 bob\\n\n0: one\\n\n1: two\\n",
        ),
        ("twins", "0: JOIN r ann\\n\n1: JOIN r ann\\n\n1: hi\\n\n0 finishes\n1: x\\n"),
        (
            "join-and-talk",
            "0: JOIN r ann\\nhello\\nyou\\n\n1: JOIN r bob\\nhi\\n\n1 finishes\n0: x\\n",
        ),
        ("join-in-pieces", "0: JO\n1: JOIN r bob\\n\n0: IN r an\n1: x\\n\n0: n\\n\n0: y\\n"),
    ] {
        all.push(conversation(name, Dialect::Rooms, script));
    }
    all
}

/// In lobby a name is not answered: a new client says something at once, and its echo proves that
/// the server knows it. A client is also known when a later one is.
fn lobby() -> Vec<Conversation> {
    let mut all =
        texts(Dialect::Lobby, &["ann\\nI am ann", "bob\\nI am bob", "cyd\\nI am cyd"], "");
    let bad = [
        "", "a:b", "a b", "{64}x", "{65}x", "a\\x01", "a\\xe9", " a", "a ", "\\0", "a\\r", "a\\tb",
    ];
    for line in bad {
        let script = format!("0: ann\\n\n1: {line}\\nmore\\n\n0: x\\n\n2: zoe\\n\n2: y\\n");
        all.push(conversation("bad-name", Dialect::Lobby, &script));
    }
    for (name, script) in [
        ("longest-name", "0: {64}n\\n\n0: hi\\n"),
        (
            "before-its-name",
            "0: ann\\n\n1 comes\n2: cyd\\nhi\\n\n0: hello\\n\n1: bob\\n\n1: hi\\n\n0: x\\n",
        ),
        ("twins", "0: ann\\n\n1: ann\\nhi\\n\n0 finishes\n1: x\\n"),
        ("crlf-name", "0: ann\\r\\n\n0: hello\\r\\n"),
        (
            "empty",
            "0: ann\\n\n0: \\n\n0: ann:x\\n\n0: QUIT\\n\n0: /quit\\n\n0: ann\\n\n0: JOIN x y\\n",
        ),
        ("case", "0: Ann\\n\n1: ann\\nhi\\n\n0: hi\\n\n1: x\\n"),
        ("name-and-talk", "0: ann\\nhello\\n\n1: bob\\nhi\\n\n1 finishes\n0: x\\n"),
    ] {
        all.push(conversation(name, Dialect::Lobby, script));
    }
    all
}

fn simple() -> Vec<Conversation> {
    let mut all = texts(Dialect::Simple, &["JOIN ann", "JOIN bob", "JOIN cyd"], "SEND ");
    for (name, script) in [
        (
            "bad-names",
            "0: JOIN\\n\n0: JOIN \\n\n0: JOIN a b\\n\n0: JOIN  a\\n\n0: JOIN {33}x\\n\n\
                0: JOIN a\\x01\\n\n0: JOIN \\xe9\\n\n0: JOIN {32}x\\n\n0: JOIN y\\n\n0: JOIN\\n",
        ),
        (
            "taken",
            "0: JOIN ann\\n\n1: JOIN ann\\n\n1: JOIN Ann\\n\n1: SEND x\\n\n0: LEAVE\\n\n\
                2: JOIN ann\\n\n1: SEND y\\n",
        ),
        (
            "refused",
            "0: JOIN ann\\n\n1: JOIN ann\\n\n1: SEND x\\n\n1: LEAVE\\n\n1: JOIN bob\\n\n\
                1: SEND x\\n\n0: SEND y\\n",
        ),
        (
            "leave",
            "0: JOIN ann\\n\n1: JOIN bob\\n\n1: LEAVE now\\nSEND x\\n\n0: SEND y\\n\n\
                2: JOIN bob\\n",
        ),
        (
            "not-joined",
            "0: SEND x\\n\n0: LEAVE\\n\n0: \\n\n0: HELLO\\n\n0: SEND\\n\n0: SENDx\\n\n\
                0: JOIN a\\n\n0: \\n\n0: HELLO x\\n",
        ),
        (
            "empty",
            "0: JOIN ann\\n\n1: JOIN bob\\n\n0: SEND\\n\n0: SEND \\n\n0: SEND  \\n\n0: send x\\n\n\
                1: lEaVe\\n",
        ),
        ("crlf-lines", "0: JOIN ann\\r\\n\n1: JOIN bob\\r\\n\n0: SEND x\\r\\n\n0: LEAVE\\r\\n"),
        ("lower", "0: join ann\\n\n1: Join bob\\n\n0: sEnD x\\n"),
        ("punctuation", "0: JOIN a-b\\n\n0: SEND x\\n"),
        ("stranger-goes", "0: JOIN ann\\n\n1 comes\n1 finishes\n0: SEND x\\n"),
    ] {
        all.push(conversation(name, Dialect::Simple, script));
    }
    all
}

/// The conversations of login alone, by name.
const LOGIN: &[(&str, &str)] = &[
    (
        "bad-names",
        "0: LOGIN\\n\n0: LOGIN \\n\n0: LOGIN a b\\n\n0: LOGIN  a\\n\n0: LOGIN {33}x\\n\n\
                0: LOGIN a\\x01\\n\n0: LOGIN \\xe9\\n\n0: LOGIN {32}x\\n\n0: LOGIN y\\n\n\
                0: LOGIN\\n",
    ),
    (
        "taken",
        "0: LOGIN ann\\n\n1: LOGIN ann\\n\n1: LOGIN Ann\\n\n1: MSG x\\n\n0 finishes\n\
                2: LOGIN ann\\n\n1: MSG y\\n",
    ),
    (
        "refused",
        "0: LOGIN ann\\n\n1: LOGIN ann\\n\n1: MSG x\\n\n1: LOGIN bob\\n\n1: MSG x\\n\n\
                0: MSG y\\n\n1: WHO\\n",
    ),
    (
        "not-logged-in",
        "0: MSG x\\n\n0: PING\\n\n0: WHO\\n\n0: DM a b\\n\n0: \\n\n0: X\\n\n0: LOGIN a\\n\n\
                0: \\n\n0: X y\\n\n0: MSGx\\n",
    ),
    (
        "who",
        "0: LOGIN zoe\\n\n1: LOGIN bob\\n\n2: LOGIN ann\\n\n0: WHO\\n\n1: who are\\n\n\
                2 finishes\n0: WHO\\n",
    ),
    (
        "dm",
        "0: LOGIN ann\\n\n1: LOGIN bob\\n\n2: LOGIN cyd\\n\n0: DM bob hi\\n\n\
                0: DM bob  a  b\\n\n0: DM ann me\\n\n0: DM eve hi\\n\n0: DM\\n\n0: DM bob\\n\n\
                0: DM bob \\n\n0: DM eve\\n\n0: DM Bob x\\n\n2: MSG x\\n\n1: MSG y\\n",
    ),
    ("ping", "0: LOGIN ann\\n\n0: PING\\n\n0: ping now\\n\n0: PING\\nPING\\nMSG x\\n"),
    ("empty", "0: LOGIN ann\\n\n1: LOGIN bob\\n\n0: MSG\\n\n0: MSG \\n\n0: MSG  \\n\n0: msg x\\n"),
    (
        "crlf-lines",
        "0: LOGIN ann\\r\\n\n1: LOGIN bob\\r\\n\n0: MSG x\\r\\n\n0: WHO\\r\\n\n0: PING\\r\\n",
    ),
    (
        "nameless",
        "0: LOGIN ann\\n\n1 comes\n0: MSG x\\n\n1: MSG y\\n\n1: LOGIN\\n\n1: MSG\\n\n\
                1 finishes\n0: login x\\n\n0: LOGIN a b\\n\n0: LOGIN \\n\n0: MSG z\\n",
    ),
    (
        "dm-again",
        "0: LOGIN ann\\n\n1: LOGIN bob\\n\n0: DM bob a\\n\n0: DM bob b\\n\n0: MSG c\\n\n\
                0: MSG d\\n\n1: MSG\\n\n1: NO\\n\n0: PING\\n",
    ),
    (
        "three-leave",
        "0: LOGIN ann\\n\n1: LOGIN bob\\n\n2: LOGIN cyd\\n\n2 finishes\n0: MSG x\\n\n\
                1: MSG y\\n\n0: WHO\\n",
    ),
    (
        "dm-after-departure",
        "0: LOGIN ann\\n\n1: LOGIN bob\\n\n1 finishes\n0: DM bob hi\\n\n0: WHO\\n",
    ),
    (
        "dm-after-reset",
        "0: LOGIN ann\\n\n1: LOGIN bob\\n\n1 resets\n0: MSG x\\n\n0: DM bob hi\\n\n0: WHO\\n",
    ),
];

fn login() -> Vec<Conversation> {
    let mut all = texts(Dialect::Login, &["LOGIN ann", "LOGIN bob", "LOGIN cyd"], "MSG ");
    for (name, script) in LOGIN {
        all.push(conversation(name, Dialect::Login, script));
    }
    let time = Duration::from_secs(300); // more than any machine loses
    let script = "0: LOGIN ann\\n\n1: LOGIN bob\\n\n0 waits 0\n1: MSG ha\n0 waits 400";
    let mut idle = conversation("idle", Dialect::Login, script);
    idle.config = Config { idle: time, ..Config::default() };
    all.push(idle);
    all
}

/// The conversations of channels alone that begin with nobody, by name.
const CHANNELS: &[(&str, &str)] = &[
    (
        "bad-names",
        "0: USERNAME\\n\n0: USERNAME \\n\n0: USERNAME a b\\n\n0: USERNAME {32}x\\n\n\
                0: USERNAME a\\x01\\n\n0: USERNAME \\xe9\\n\n0: username x\\n\n0: \\n\n0: /x\\n\n\
                0: MSG x\\n\n0: USERNAME {31}x\\n\n0: USERNAME y\\n\n0: USERNAME\\n",
    ),
    (
        "bad-rooms",
        "0: JOIN #r\\n\n0: USERNAME a\\n\n0: JOIN\\n\n0: JOIN a b\\n\n0: JOIN {32}x\\n\n\
                0: JOIN \\xe9\\n\n0: join x\\n\n0: JOIN {31}x\\n\n0: JOIN {31}x\\n\n\
                0: JOIN lobby\\n\n0: LEAVE\\n\n0: LEAVE\\n",
    ),
    (
        "taken",
        "0: USERNAME ann\\n\n1: USERNAME ann\\n\n1: USERNAME Ann\\n\n0: QUIT\\n\n\
                2: USERNAME ann\\n",
    ),
    (
        "no-rooms",
        "0: USERNAME a\\n\n0: ROOMS\\n\n0: JOIN x\\n\n0: ROOMS\\n\n0: LEAVE\\n\n\
                0: ROOMS\\n",
    ),
    (
        "slashes",
        "0: USERNAME a\\n\n0: /rooms\\n\n0: /join #r\\n\n0: /users\\n\n0: /msg a hi there\\n\n\
                0: /rooms x\\n\n0: /nothing\\n\n0: /leave\\n\n0: /quit\\n",
    ),
    (
        "history-goes",
        "0: USERNAME a\\nJOIN #r\\nMSG x\\n\n0: LEAVE\\n\n0: JOIN #r\\n\n\
                1: USERNAME b\\nJOIN #r\\n",
    ),
    (
        "crlf-lines",
        "0: USERNAME ann\\r\\nJOIN #r\\r\\n\n0: MSG x\\r\\n\n0: hello\\r\\n\n\
                0: USERS\\r\\n",
    ),
    (
        "two-rooms",
        "0: USERNAME ann\\nJOIN #r\\n\n1: USERNAME bob\\nJOIN #s\\n\n0: MSG one\\n\n\
                1: MSG two\\n\n1 finishes\n2: USERNAME cyd\\nJOIN #s\\n\n2: MSG x\\n\n\
                0: MSG y\\n",
    ),
];

/// The conversations of channels alone that begin with two members of a room, by name.
fn two_members() -> Vec<(&'static str, String)> {
    let two = "0: USERNAME ann\\nJOIN #r\\n\n1: USERNAME bob\\nJOIN #r\\n\n";
    let messages = |count| each(0..count, |n| format!("0: MSG m{n}\\n\n"));
    vec![
        (
            "move",
            format!(
                "{two}2: USERNAME cyd\\nJOIN #s\\n\n1: JOIN #s\\n\n1: MSG x\\n\n0: MSG y\\n\n\
                2: JOIN\\n\n2: USERS\\n\n1: LEAVE\\n\n1: MSG z\\n\n1: JOIN #r\\n\n0: USERS\\n"
            ),
        ),
        (
            "lists",
            format!(
                "{two}2: USERNAME cyd\\n\n2: ROOMS\\n\n2: USERS\\n\n2: JOIN #a\\n\n\
                2: ROOMS\\n\n1: USERS\\n\n2: USERS\\n\n3: USERNAME z\\nJOIN #R\\n\n3: ROOMS\\n\n\
                4: USERNAME y\\nJOIN #r\\n\n4: USERS\\n\n2: LEAVE\\n\n2: ROOMS\\n"
            ),
        ),
        (
            "plain-text",
            format!(
                "{two}0: hello  there\\n\n0: LEAVE me alone\\n\n0: join us\\n\n0: MSGhi\\n\n\
                0: \\n\n0: MSG\\n\n0: MSG \\n\n0: QUIT it\\n\n0: quit\\n"
            ),
        ),
        (
            "private",
            format!(
                "{two}2: USERNAME cyd\\n\n0: PRIVMSG cyd hi\\n\n2: PRIVMSG ann  a  b\\n\n\
                0: PRIVMSG ann me\\n\n0: PRIVMSG eve x\\n\n0: PRIVMSG\\n\n0: PRIVMSG bob\\n\n\
                0: PRIVMSG eve\\n\n1: MSG x\\n"
            ),
        ),
        ("history", format!("{two}{}2: USERNAME cyd\\nJOIN #r\\n\n0: MSG z\\n", messages(55))),
        ("short-history", format!("{two}{}2: USERNAME cyd\\nJOIN #r\\n\n0: MSG z\\n", messages(3))),
        (
            "history-bytes",
            format!(
                "{two}0: MSG {{15000}}a\\n\n0: MSG {{15000}}b\\n\n0: MSG {{15000}}c\\n\n\
                0: MSG {{15000}}d\\n\n0: MSG {{15000}}e\\n\n2: USERNAME cyd\\nJOIN #r\\n"
            ),
        ),
        (
            "history-of-64-kib",
            format!(
                "{two}{}2: USERNAME cyd\\nJOIN #r\\n",
                each(0..4, |n| format!("0: MSG {{16370}}{n}\\n\n"))
            ),
        ),
        ("a-third-member", format!("{two}0: MSG hi\\n\n2: USERNAME cyd\\nJOIN #r\\n")),
        (
            "quit",
            format!(
                "{two}1: QUIT\\nMSG x\\n\n0: MSG y\\n\n2: QUIT\\n\n\
                3: USERNAME bob\\nJOIN #r\\n"
            ),
        ),
    ]
}

fn channels() -> Vec<Conversation> {
    let enter = ["USERNAME ann\\nJOIN #r", "USERNAME bob\\nJOIN #r", "USERNAME cyd\\nJOIN #r"];
    let mut all = texts(Dialect::Channels, &enter, "MSG ");
    for (name, script) in CHANNELS {
        all.push(conversation(name, Dialect::Channels, script));
    }
    for (name, script) in two_members() {
        all.push(conversation(name, Dialect::Channels, &script));
    }
    all
}
