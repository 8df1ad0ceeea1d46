//! The codec of each dialect, line by line, and that decoding inverts encoding.

use super::{Command, Dialect, Echo, Entry, Event};

const ROOM: Option<&[u8]> = Some(b"#r");

fn said<'l>(from: &'l [u8], text: &'l [u8]) -> Event<'l> {
    Event::Said { room: None, from, text }
}

fn joined(user: &[u8]) -> Event<'_> {
    Event::Joined { room: None, user }
}

fn left(user: &[u8]) -> Event<'_> {
    Event::Left { room: None, user }
}

/// Each line means its event; a line marked `true` is also the one that a server sends for it.
fn decodes(dialect: Dialect, cases: &[(&str, Event<'_>, bool)]) {
    for (line, event, canonical) in cases {
        assert_eq!(dialect.event(line.as_bytes()), *event, "{dialect}: {line:?}");
        let sent = dialect.server_line(event);
        let end = dialect.server_line_end();
        assert_eq!(
            sent.as_ref() == Some(&[line.as_bytes(), end].concat()),
            *canonical,
            "{dialect}: {event:?} is sent as {sent:?}"
        );
    }
}

#[test]
fn every_dialect_is_found_by_its_name_alone() {
    for dialect in Dialect::ALL {
        assert_eq!(Dialect::from_name(dialect.name()), Some(dialect));
        assert_eq!(dialect.to_string(), dialect.name());
    }
    assert_eq!(Dialect::from_name("irc"), None);
}

#[test]
fn each_dialect_has_its_default_port() {
    assert_eq!(Dialect::ALL.map(Dialect::default_port), [1234, 1235, 1236, 4000, 9999]);
}

#[test]
fn names_are_claimed_in_each_dialect_s_own_way() {
    let name = Command::Name { user: b"bob", room: b"r" };
    let lines = Dialect::ALL.map(|dialect| dialect.line(&name).expect("users have names"));
    let wanted: [&[u8]; 5] = [b"JOIN r bob", b"bob", b"JOIN bob", b"LOGIN bob", b"USERNAME bob"];
    assert_eq!(lines, wanted);
}

#[test]
fn names_that_no_line_can_carry_are_refused() {
    for dialect in Dialect::ALL {
        for name in ["", "a b", "a\nb", "a\x1bb", "a\u{85}b"] {
            assert!(!dialect.can_write(name), "{dialect}: {name:?}");
        }
        assert!(dialect.can_write("jörg"), "some servers may take it");
        assert_eq!(dialect.can_write("a:b"), dialect != Dialect::Lobby);
    }
}

#[test]
fn commands_become_the_lines_of_each_dialect() {
    let lines = Dialect::ALL.map(|dialect| dialect.line(&Command::Say(b"a  b\xff")).unwrap());
    let wanted: [&[u8]; 5] =
        [b"a  b\xff", b"a  b\xff", b"SEND a  b\xff", b"MSG a  b\xff", b"MSG a  b\xff"];
    assert_eq!(lines, wanted);
    let tell = Command::Tell { to: b"u", text: b"a b" };
    let others =
        [tell, Command::Join(b"#r"), Command::Part, Command::Users, Command::Rooms, Command::Ping];
    let wanted: [(Dialect, [Option<&[u8]>; 6]); 2] = [
        (Dialect::Login, [Some(b"DM u a b"), None, None, Some(b"WHO"), None, Some(b"PING")]),
        (
            Dialect::Channels,
            [
                Some(b"PRIVMSG u a b"),
                Some(b"JOIN #r"),
                Some(b"LEAVE"),
                Some(b"USERS"),
                Some(b"ROOMS"),
                None,
            ],
        ),
    ];
    for (dialect, wanted) in wanted {
        let lines = others.map(|command| dialect.line(&command));
        assert_eq!(lines.each_ref().map(Option::as_deref), wanted, "{dialect}");
    }
    for dialect in [Dialect::Rooms, Dialect::Lobby, Dialect::Simple] {
        assert!(!others.iter().any(|command| dialect.has(command)), "{dialect}");
    }
    let quit = Dialect::ALL.map(|dialect| dialect.line(&Command::Quit));
    let wanted: [Option<&[u8]>; 5] = [None, None, Some(b"LEAVE"), None, Some(b"QUIT")];
    assert_eq!(quit.each_ref().map(Option::as_deref), wanted);
}

#[test]
fn the_facts_of_a_dialect_agree_with_its_lines() {
    for dialect in Dialect::ALL {
        let room = ROOM;
        let has_line = |event: Event<'_>| dialect.server_line(&event).is_some();
        let joined = has_line(Event::Joined { room, user: b"u" });
        assert_eq!(dialect.announces_joins(), joined, "{dialect}");
        let left = has_line(Event::Left { room, user: b"u" });
        assert_eq!(dialect.announces_departures(), left, "{dialect}");
        let replies = !dialect.welcome("#r", "u", &[""; 0]).is_empty();
        assert_eq!(dialect.entry() == Entry::Reply, replies, "{dialect}");
        assert!(dialect.entry() != Entry::Notice || joined, "{dialect}");
        let needs_room = dialect.enter("#r", "u").windows(2).any(|pair| pair == b"#r");
        assert_eq!(dialect.has_rooms(), needs_room, "{dialect}");
    }
    let echoes = Dialect::ALL.map(Dialect::echo);
    let wanted = [Echo::Always, Echo::Always, Echo::Never, Echo::Optional, Echo::Always];
    assert_eq!(echoes, wanted);
}

#[test]
fn a_welcome_lists_the_members_in_channels() {
    let welcome = Dialect::Channels.welcome("#r", "eve", &["ann", "bob"]);
    let wanted = "OK Welcome, eve!\r\nOK Joined #r (2 users)\r\nJOIN #r ann\r\nJOIN #r bob\r\n";
    assert_eq!(String::from_utf8(welcome).unwrap(), wanted);
    assert_eq!(Dialect::Simple.welcome("#r", "eve", &["ann"]), b"OK\n");
    assert_eq!(Dialect::Lobby.welcome("#r", "eve", &["ann"]), b"");
}

#[test]
fn rooms_lines() {
    decodes(
        Dialect::Rooms,
        &[
            ("bob has joined", joined(b"bob"), true),
            ("bob has left", left(b"bob"), true),
            ("bob: hi: you", said(b"bob", b"hi: you"), true),
            ("bob: ", said(b"bob", b""), true),
            ("b:b: x", said(b"b:b", b"x"), true),
            // A name may end in a colon; such a line of the document has two meanings.
            ("bob: has joined", said(b"bob", b"has joined"), true),
            ("ERROR", Event::Failed(b""), true),
            ("ERROR: x", said(b"ERROR", b"x"), true),
            ("ERROR has joined", joined(b"ERROR"), true),
            ("", Event::Unknown, false),
            (": x", Event::Unknown, false),
            (" has joined", Event::Unknown, false),
        ],
    );
}

#[test]
fn lobby_lines() {
    decodes(
        Dialect::Lobby,
        &[
            ("bob:hi:you", said(b"bob", b"hi:you"), true),
            ("bob:", said(b"bob", b""), true),
            ("bob: hi", said(b"bob", b" hi"), true),
            (":x", Event::Unknown, false),
            ("bob", Event::Unknown, false),
        ],
    );
}

#[test]
fn simple_lines() {
    decodes(
        Dialect::Simple,
        &[
            ("OK", Event::Done(b""), true),
            ("OK ", Event::Done(b""), false),
            ("ERROR username-taken", Event::Failed(b"username-taken"), true),
            ("ERROR", Event::Failed(b""), true),
            ("MSG bob  hi", said(b"bob", b" hi"), true),
            ("JOINED bob", joined(b"bob"), true),
            ("LEFT bob", left(b"bob"), true),
            ("PONG", Event::Unknown, false),
            ("JOINED", Event::Unknown, false),
            ("JOINED ", Event::Unknown, false),
            ("MSG  x", Event::Unknown, false),
            ("MSG x", Event::Unknown, false),
        ],
    );
}

#[test]
fn login_lines() {
    decodes(
        Dialect::Login,
        &[
            ("OK", Event::Done(b""), true),
            ("ERR user-not-found", Event::Failed(b"user-not-found"), true),
            ("MSG bob hi", said(b"bob", b"hi"), true),
            ("DM bob hi", Event::Told { from: b"bob", text: b"hi" }, true),
            ("USER bob", Event::User(b"bob"), true),
            ("PONG", Event::Pong, true),
            ("INFO bob disconnected", left(b"bob"), true),
            ("INFO bob", Event::Unknown, false),
            ("INFO  disconnected", Event::Unknown, false),
            ("ERROR x", Event::Unknown, false),
        ],
    );
}

#[test]
fn channels_lines() {
    let said = Event::Said { room: ROOM, from: b"bob", text: b"hi  you" };
    let id_and_time = (&b"17"[..], &b"now"[..]);
    let past = Event::Past { id_and_time, room: b"#r", from: b"bob", text: b"hi  you" };
    decodes(
        Dialect::Channels,
        &[
            ("OK Welcome, bob!", Event::Done(b"Welcome, bob!"), true),
            ("OK", Event::Done(b""), true),
            ("ERROR User not found", Event::Failed(b"User not found"), true),
            ("ROOM #r bob hi  you", said, true),
            ("PRIVMSG bob hi", Event::Told { from: b"bob", text: b"hi" }, true),
            ("JOIN #r bob", Event::Joined { room: ROOM, user: b"bob" }, true),
            ("LEAVE #r bob", Event::Left { room: ROOM, user: b"bob" }, true),
            ("USERLIST a b", Event::Users(b"a b"), true),
            ("ROOMLIST", Event::Rooms(b""), true),
            ("HISTORY 17 now #r bob hi  you", past, true),
            ("TOPIC #r bob a b", Event::Topic { room: b"#r", set: Some((b"bob", b"a b")) }, true),
            ("TOPIC #r", Event::Topic { room: b"#r", set: None }, true),
            ("HISTORY 17 now #r bob", Event::Unknown, false),
            ("ROOM #r bob", Event::Unknown, false),
            ("JOIN #r", Event::Unknown, false),
            ("room #r bob x", Event::Unknown, false),
        ],
    );
}
