//! Whole conversations, checked to the byte on the wire and to the line on the screen.

mod accounts;
mod hours;

use super::conversation::CLOSING;
use super::{Conversation, Cut, End, Kind, Lines, Shown, Topic};
use parlance_core::limits::LINE_BYTES_MAX;
use parlance_core::time::Time;
use parlance_speech::{Dialect, Entry};
use proptest::prelude::*;
use std::time::Duration;

const ANSWER: Duration = Duration::from_secs(30);

struct Play {
    conversation: Conversation,
    now: Time,
}

impl Play {
    fn new(dialect: &str, room: Option<&str>) -> Play {
        Play::with(dialect, room, false)
    }

    fn with(dialect: &str, room: Option<&str>, interactive: bool) -> Play {
        let dialect = Dialect::from_name(dialect).expect("a dialect");
        let (user, room) = ("bob".into(), room.map(Into::into));
        let (ping, timeout) = (Some(Duration::from_secs(20)), ANSWER);
        let topic = Topic { dialect, user, room, ping, timeout, interactive };
        Play { conversation: Conversation::new(topic, Time::ZERO), now: Time::ZERO }
    }

    /// A conversation that the server has accepted, with nothing left to send or show.
    fn ready(dialect: &str) -> Play {
        let mut play = Play::new(dialect, (dialect == "rooms").then_some("r"));
        match Dialect::from_name(dialect).expect("a dialect").entry() {
            Entry::Notice => play.hear("bob has joined"),
            Entry::Reply => play.hear("OK"),
            Entry::Silent => {}
        }
        play.sent();
        play.shown();
        play
    }

    fn hear(&mut self, line: &str) {
        self.conversation.heard(line.as_bytes(), self.now);
    }

    fn type_in(&mut self, line: &str) {
        self.conversation.typed(line.as_bytes(), self.now);
    }

    fn pass(&mut self, span: Duration) {
        self.now = self.now + span;
        self.conversation.passed(self.now);
    }

    fn sent(&mut self) -> String {
        let sent = String::from_utf8(self.conversation.unsent().to_vec()).expect("text");
        self.conversation.sent(sent.len());
        sent
    }

    fn shown(&mut self) -> Vec<String> {
        self.conversation.take_shown().iter().map(Shown::text).collect()
    }

    fn lost(&self) -> bool {
        matches!(self.conversation.end(), Some(End::Lost(_)))
    }

    fn abandoned(&self) -> bool {
        matches!(self.conversation.end(), Some(End::Abandoned(_)))
    }
}

#[test]
fn rooms_from_beginning_to_end() {
    let mut play = Play::new("rooms", Some("r"));
    assert_eq!(play.sent(), "JOIN r bob\n");
    assert!(!play.conversation.wants_input(), "not before the server has let us in");
    play.hear("bob has joined");
    assert_eq!(play.shown(), ["* bob joined", "-- connected as bob"]);
    play.type_in("send hi");
    assert_eq!((play.sent().as_str(), play.shown().len()), ("hi\n", 0));
    play.conversation.leave(play.now);
    assert!(!play.conversation.wants_half_close(), "the echo is pending");
    play.hear("eve: hi");
    play.hear("bob: hi");
    assert_eq!(play.shown(), ["<eve> hi", "<bob> hi"]);
    assert!(play.conversation.wants_half_close());
    assert_eq!(play.conversation.end(), None, "what the server still sends counts");
    play.hear("eve: bye");
    play.conversation.closed(None);
    assert_eq!(play.shown(), ["<eve> bye"]);
    assert_eq!(play.conversation.end(), Some(&End::Left));
    assert!(!play.conversation.failed());
}

#[test]
fn lobby_accepts_commands_at_once() {
    let mut play = Play::new("lobby", None);
    assert_eq!(
        (play.sent().as_str(), play.shown()),
        ("bob\n", vec!["-- connected as bob".to_owned()])
    );
    play.type_in("send hi");
    play.type_in("/quit");
    assert_eq!(play.sent(), "hi\n");
    play.hear("bob: hi"); // a server that puts a space there
    assert!(play.conversation.wants_half_close());
    let mut refused = Play::new("lobby", None);
    refused.conversation.closed(None);
    let Some(End::Lost(why)) = refused.conversation.end() else { panic!("not lost") };
    assert!(why.contains("bob as a name"), "{why}");
}

#[test]
fn simple_sends_a_farewell_and_waits_for_the_ok() {
    let mut play = Play::ready("simple");
    play.type_in("send hi");
    play.hear("ERROR unknown-command");
    play.type_in("/quit");
    assert_eq!(play.sent(), "SEND hi\nLEAVE\n");
    play.hear("MSG eve yo");
    assert!(!play.conversation.wants_half_close());
    play.hear("OK");
    assert!(play.conversation.wants_half_close());
    let shown = ["<bob> hi", "error: the server does not know that command", "<eve> yo"];
    assert_eq!(play.shown(), shown);
    assert!(play.conversation.failed());
}

#[test]
fn login_fences_every_command() {
    let mut play = Play::ready("login");
    play.type_in("send hi");
    play.type_in("/who");
    play.type_in("/dm eve psst");
    play.type_in("/dm ann psst");
    assert_eq!(play.sent(), "MSG hi\nPING\nWHO\nPING\nDM eve psst\nPING\nDM ann psst\nPING\n");
    for line in ["MSG bob hi", "PONG", "USER bob", "USER eve"] {
        play.hear(line);
    }
    assert_eq!(play.shown(), ["<bob> hi"], "the list is not known to be complete");
    for line in ["PONG", "PONG", "ERR user-not-found", "PONG"] {
        play.hear(line);
    }
    let shown = ["* users: bob eve", "[private to eve] psst", "error: nobody is called ann"];
    assert_eq!(play.shown(), shown);
    play.type_in("/quit");
    assert!(play.conversation.wants_half_close());
}

#[test]
fn a_silent_client_of_login_sends_ping_and_hides_the_answer() {
    let mut play = Play::ready("login");
    for _ in 0..3 {
        play.pass(Duration::from_secs(19));
        assert_eq!(play.sent(), "");
        play.pass(Duration::from_secs(1));
        assert_eq!(play.sent(), "PING\n");
        play.hear("PONG");
    }
    play.pass(Duration::from_secs(15));
    play.type_in("send hi");
    play.sent();
    play.pass(Duration::from_secs(19));
    assert_eq!((play.sent(), play.shown().len()), (String::new(), 0));
    for dialect in ["rooms", "lobby", "simple"] {
        assert_eq!(Play::ready(dialect).conversation.deadline(), Time::NEVER, "{dialect}");
    }
}

/// The server's limit is about the lines of this client. [login/idle-1]
#[test]
fn lines_of_others_delay_no_ping() {
    let mut play = Play::ready("login");
    for _ in 0..1_000 {
        for line in ["MSG eve yo", "DM eve psst", "INFO eve disconnected"] {
            play.pass(Duration::from_secs(6));
            play.hear(line);
        }
        play.pass(Duration::from_secs(2));
        assert_eq!(play.sent(), "PING\n");
        play.hear("PONG");
    }
}

#[test]
fn login_on_a_server_without_ping_or_without_echo() {
    let mut play = Play::ready("login");
    play.type_in("send hi");
    play.hear("MSG bob hi");
    play.hear("ERR unknown-command");
    play.type_in("send ho");
    play.hear("PONG");
    assert_eq!(play.shown(), ["<bob> hi", "<bob> ho"], "each once");
    assert!(!play.conversation.failed());
}

#[test]
fn channels_answers_find_their_commands() {
    let mut play = Play::new("channels", Some("#r"));
    assert_eq!(play.sent(), "USERNAME bob\nJOIN #r\n");
    for line in [
        "OK Welcome, bob!",
        "OK Joined #r (1 users)",
        "JOIN #r eve",
        "ROOM #r eve old",
        "JOIN #r ann",
    ] {
        play.hear(line);
    }
    let shown =
        ["* you joined #r", "-- connected as bob", "* eve is here", "<eve> old", "* ann joined"];
    assert_eq!(play.shown(), shown);
    for line in ["send hi", "/msg eve a", "/msg joe b", "/users", "/rooms", "/join a", "/part"] {
        play.type_in(line);
    }
    let sent = "MSG hi\nPRIVMSG eve a\nPRIVMSG joe b\nUSERS\nROOMS\nJOIN a\nLEAVE\n";
    assert_eq!(play.sent(), sent);
    let answers = [
        "ROOM #r bob hi",
        "OK Sent",
        "ERROR User not found",
        "USERLIST eve ann bob",
        "ROOMLIST #r",
        "ERROR Invalid room",
        "PRIVMSG eve b",
        "LEAVE #r eve",
        "OK Left #r",
    ];
    for line in answers {
        play.hear(line);
    }
    let shown = [
        "<bob> hi",
        "[private to eve] a",
        "error: nobody is called joe",
        "* users: eve ann bob",
        "* rooms: #r",
        "error: the server does not take a as a room",
        "[private from eve] b",
        "* eve left",
        "* you left the room",
    ];
    assert_eq!(play.shown(), shown);
    play.type_in("/quit");
    assert_eq!(play.sent(), "QUIT\n");
    play.hear("OK Goodbye!");
    play.conversation.closed(None);
    assert_eq!(play.conversation.end(), Some(&End::Left));
    assert_eq!(play.shown(), Vec::<String>::new());
}

#[test]
fn later_joins_are_not_listed_as_present() {
    let mut play = Play::ready("channels");
    play.type_in("/join #r");
    play.hear("OK Joined #r (9 users)"); // and none of them is named
    play.hear("ROOM #r eve hi");
    play.hear("JOIN #r ann");
    assert_eq!(play.shown(), ["* you joined #r", "<eve> hi", "* ann joined"]);
}

#[test]
fn a_taken_name_ends_the_conversation() {
    for (dialect, answer) in [
        ("simple", "ERROR username-taken"),
        ("login", "ERR username-taken"),
        ("channels", "ERROR Username taken"),
    ] {
        let mut play = Play::new(dialect, None);
        play.hear(answer);
        assert_eq!(play.shown(), ["error: the name bob is taken"]);
        assert_eq!(play.conversation.end(), Some(&End::Refused));
    }
    let mut play = Play::new("rooms", Some("r"));
    play.hear("ERROR");
    assert_eq!(play.conversation.end(), Some(&End::Refused));
}

#[test]
fn a_refused_room_does_not_end_the_conversation() {
    let mut play = Play::new("channels", Some("#r"));
    play.hear("OK Welcome, bob!");
    play.hear("ERROR Invalid room");
    let shown = ["error: the server does not take #r as a room", "-- connected as bob"];
    assert_eq!(play.shown(), shown);
    assert!(play.conversation.wants_input() && play.conversation.failed());
}

#[test]
fn a_server_that_does_not_answer_is_abandoned() {
    let mut play = Play::new("simple", None);
    play.pass(ANSWER.saturating_sub(Duration::from_nanos(1)));
    assert_eq!(play.conversation.end(), None);
    play.pass(Duration::from_nanos(1));
    assert!(play.lost(), "no answer to the name");

    let mut play = Play::ready("rooms");
    play.pass(Duration::from_secs(3600));
    play.type_in("send hi");
    play.type_in("/quit");
    play.pass(ANSWER.saturating_sub(Duration::from_nanos(1)));
    assert_eq!(play.conversation.end(), None);
    play.pass(Duration::from_nanos(1));
    assert!(play.abandoned(), "no echo");
}

#[test]
fn the_client_leaves_a_server_that_does_not_close() {
    for dialect in Dialect::ALL.map(Dialect::name) {
        let mut play = Play::ready(dialect);
        play.type_in("/quit");
        play.hear("OK");
        play.pass(CLOSING);
        assert_eq!(play.conversation.end(), Some(&End::Left), "{dialect}");
    }
}

#[test]
fn a_connection_that_ends_early_is_lost() {
    for dialect in Dialect::ALL.map(Dialect::name) {
        let mut play = Play::ready(dialect);
        play.conversation.closed(None);
        assert!(play.lost(), "{dialect}");
        let mut play = Play::ready(dialect);
        play.type_in("send hi");
        play.type_in("/quit");
        play.conversation.closed(None);
        assert!(play.abandoned(), "{dialect}: the answer is missing");
    }
}

/// A server may drop the queued lines of a client that has left, and lines that come too late.
#[test]
fn the_sending_half_is_closed_after_every_line_and_every_answer() {
    let leaves = |mut play: Play, answers: &[&str]| {
        play.conversation.leave(play.now);
        let sends_all = |play: &mut Play| {
            while !play.conversation.unsent().is_empty() {
                assert!(!play.conversation.wants_half_close(), "there is more to send");
                play.conversation.sent(1);
            }
        };
        for answer in answers {
            sends_all(&mut play);
            assert!(!play.conversation.wants_half_close(), "before {answer}");
            play.hear(answer);
        }
        sends_all(&mut play);
        assert!(play.conversation.wants_half_close(), "after {answers:?}");
    };
    for (dialect, answers) in [
        ("rooms", &["bob: one"][..]),
        ("lobby", &["bob:one"]),
        ("simple", &["OK"]),
        ("login", &["MSG bob one", "PONG"]),
        ("channels", &["ROOM #r bob one", "OK Goodbye!"]),
    ] {
        let mut play = Play::ready(dialect);
        play.type_in("send one");
        leaves(play, answers);
    }
    // No answer to the name is to be waited for.
    leaves(Play::new("lobby", None), &[]);
}

#[test]
fn leaving_twice_does_not_wait() {
    let mut play = Play::ready("login");
    play.type_in("send hi");
    play.type_in("/quit");
    assert_eq!(play.conversation.end(), None);
    play.type_in("/quit");
    assert!(play.abandoned());
    let mut play = Play::new("login", None);
    play.type_in("/quit");
    assert_eq!(play.conversation.end(), Some(&End::Left), "nothing was said yet");
}

#[test]
fn a_line_that_is_too_long_is_not_sent() {
    for (dialect, word) in [("rooms", 0), ("simple", "SEND ".len())] {
        let most = LINE_BYTES_MAX - 1 - word; // its LF counts
        let mut play = Play::ready(dialect);
        play.type_in(&format!("send {}", "x".repeat(most + 1)));
        assert_eq!(play.sent(), "");
        assert!(play.conversation.failed());
        play.type_in(&format!("send {}", "x".repeat(most)));
        assert_eq!(play.sent().len(), LINE_BYTES_MAX);
    }
}

#[test]
fn input_waits_while_nothing_is_answered() {
    let mut play = Play::ready("rooms");
    let mut taken = 0;
    while play.conversation.wants_input() && taken < 10_000 {
        play.type_in("send x");
        play.sent();
        taken += 1;
    }
    assert_eq!(taken, super::conversation::UNANSWERED_MAX);
    play.hear("bob: x");
    assert!(play.conversation.wants_input());
    let mut play = Play::ready("simple");
    let line = format!("send {}", "x".repeat(10_000));
    for _ in 0..7 {
        play.type_in(&line);
    }
    assert!(!play.conversation.wants_input(), "nothing is sent");
    play.sent();
    assert!(play.conversation.wants_input());
}

/// One second less than the maximum wait for an answer.
const ALMOST: Duration = Duration::from_secs(ANSWER.as_secs() - 1);

/// Without this bound a script would wait for an answer forever.
#[test]
fn a_server_that_answers_none_of_many_lines_is_lost() {
    for (dialect, line) in
        [("rooms", "send x".to_owned()), ("simple", format!("send {}", "x".repeat(10_000)))]
    {
        let mut play = Play::ready(dialect);
        play.pass(ANSWER * 3);
        while play.conversation.wants_input() {
            play.type_in(&line);
        }
        play.pass(ALMOST);
        assert_eq!(play.conversation.end(), None, "{dialect}");
        play.pass(Duration::from_secs(1));
        assert!(play.lost(), "{dialect}");
    }
    let mut play = Play::ready("rooms");
    while play.conversation.wants_input() {
        play.type_in("send x");
        play.sent();
    }
    for _ in 0..10 {
        play.pass(ALMOST);
        play.hear("bob: x");
        play.type_in("send x");
    }
    assert_eq!(play.conversation.end(), None, "a slow one is not");
}

#[test]
fn an_unanswered_ping_loses_the_server() {
    for (dialect, ping) in [("login", "PING\n"), ("channels", "USERS\n")] {
        let mut play = Play::ready(dialect);
        play.pass(Duration::from_secs(20));
        assert_eq!(play.sent(), ping);
        play.pass(ALMOST);
        assert!(!play.lost(), "{dialect}");
        play.pass(Duration::from_secs(1));
        assert!(play.lost(), "{dialect}");
    }
}

#[test]
fn a_server_that_still_talks_is_not_lost() {
    let mut play = Play::ready("login");
    play.type_in("hi");
    for _ in 0..100 {
        play.pass(ALMOST);
        play.hear("MSG eve yo");
    }
    assert_eq!(play.conversation.end(), None);
    assert!(play.conversation.pending() < 210, "pings are recorded up to a bound");
    play.pass(ANSWER);
    assert!(play.lost());
}

#[test]
fn lines_that_may_be_lost_are_named() {
    let mut play = Play::ready("rooms");
    play.type_in("one");
    play.type_in("two");
    play.hear("bob: one");
    play.shown();
    play.conversation.closed(None);
    assert_eq!(play.shown(), ["error: it is not known whether this has arrived: two"]);
    let mut play = Play::ready("rooms");
    for number in 0..15 {
        play.type_in(&number.to_string());
    }
    play.conversation.closed(None);
    let shown = play.shown();
    assert_eq!(shown.len(), 11);
    assert_eq!(shown[10], "error: it is not known whether 5 more lines have arrived");
    let mut play = Play::ready("simple");
    play.type_in("one");
    play.shown();
    play.conversation.closed(None);
    assert_eq!(play.shown(), ["error: lines that are not sent: 1"]);
}

#[test]
fn the_end_has_the_reason_that_the_server_gave() {
    let reason = |lines: &[&str]| {
        let mut play = Play::ready("login");
        for line in lines {
            play.hear(line);
        }
        play.conversation.closed(None);
        let Some(End::Lost(why)) = play.conversation.end() else { panic!("not lost") };
        why.clone()
    };
    let idle = "the server heard nothing from you for too long";
    let closed = "the server closed the connection";
    assert_eq!(reason(&["ERR idle-timeout"]), format!("{closed}: {idle}"));
    assert!(reason(&[]).contains("read too slowly"));
    assert!(!reason(&["ERR idle-timeout", "MSG eve hi"]).contains(idle), "it is not the last line");
}

#[test]
fn lines_from_before_a_join_are_set_apart() {
    let mut play = Play::with("channels", Some("#r"), true);
    assert_eq!(play.sent(), "USERNAME bob\nJOIN #r\nUSERS\n");
    for line in [
        "OK Welcome, bob!",
        "OK Joined #r (1 users)",
        "JOIN #r eve",
        "ROOM #r eve old",
        "USERLIST eve bob",
        "ROOM #r eve bob: new",
        "ROOM #r eve hi",
    ] {
        play.hear(line);
    }
    let kinds = play.conversation.take_shown().into_iter().filter_map(|shown| match shown {
        Shown::Said { kind, .. } => Some(kind),
        Shown::List { .. } => panic!("the list is not for the user"),
        _ => None,
    });
    assert_eq!(kinds.collect::<Vec<_>>(), [Kind::Replayed, Kind::Mention, Kind::Live]);
    assert_eq!(play.conversation.room(), Some(&b"#r"[..]));
    // Without a room the server cannot count: that is no error of the user.
    play.type_in("/join ?");
    play.hear("ERROR Invalid room");
    play.hear("ERROR Not in a room");
    assert_eq!(play.shown(), ["error: the server does not take ? as a room"]);
    assert_eq!(play.conversation.pending(), 0);
}

#[test]
fn the_room_is_known_until_the_user_leaves_it() {
    let mut play = Play::ready("channels");
    assert_eq!(play.conversation.room(), None);
    play.type_in("/join #r");
    play.hear("OK Joined #r (0 users)");
    assert_eq!(play.conversation.room(), Some(&b"#r"[..]));
    play.type_in("/leave");
    play.hear("OK Left #r");
    assert_eq!(play.conversation.room(), None);
    assert_eq!(Play::ready("rooms").conversation.room(), Some(&b"r"[..]));
}

#[test]
fn private_lines_are_unread_until_the_user_types() {
    let mut play = Play::ready("login");
    play.hear("DM eve psst");
    play.hear("DM eve hey");
    assert_eq!(play.conversation.unread(), 2);
    play.type_in("");
    assert_eq!(play.conversation.unread(), 0);
}

#[test]
fn plain_text_is_said_and_a_paste_too() {
    let mut play = Play::ready("channels");
    play.type_in("hello?");
    play.type_in("//join us");
    play.conversation.pasted(b"/quit", play.now);
    play.conversation.pasted(b"  ", play.now);
    assert_eq!(play.sent(), "MSG hello?\nMSG /join us\nMSG /quit\n");
    play.type_in("leave");
    assert_eq!((play.sent().as_str(), play.conversation.end()), ("", None));
    assert!(play.shown().last().is_some_and(|line| line.contains("/leave leaves the room")));
}

#[test]
fn an_endless_list_loses_the_server() {
    let mut play = Play::ready("login");
    let name = "x".repeat(32);
    for _ in 0..100_000 {
        play.hear(&format!("USER {name}"));
    }
    assert_eq!(play.conversation.end(), None, "an unrequested list is not kept");
    play.type_in("/who");
    for _ in 0..30_000 {
        play.hear(&format!("USER {name}"));
    }
    assert_eq!(play.conversation.end(), None);
    for _ in 0..10_000 {
        play.hear(&format!("USER {name}"));
    }
    assert!(play.lost());
}

#[test]
fn help_and_unknown_commands_list_the_known_ones() {
    let mut play = Play::ready("lobby");
    play.type_in("/help");
    assert_eq!(play.shown().len(), 3);
    play.type_in("/hello");
    let list = "there is /send, /help, /quit; //hello says it";
    assert_eq!(play.shown(), [format!("error: no command is called /hello; {list}")]);
    play.type_in("");
    assert_eq!((play.shown().len(), play.sent().len()), (0, 0));
}

/// Lines of a user.
const TYPED: [&str; 7] = ["send hi", "/who", "/dm bob hi", "/join #r", "/part", "/rooms", "/help"];

/// Lines that are almost valid, and arbitrary bytes.
fn server_bytes() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "OK",
        "ERROR",
        "ERR",
        "MSG",
        "DM",
        "USER",
        "INFO",
        "PONG",
        "ROOM",
        "PRIVMSG",
        "JOIN",
        "LEAVE",
        "USERLIST",
        "ROOMLIST",
        "JOINED",
        "LEFT",
        " ",
        " ",
        " ",
        "\n",
        "\r\n",
        "\n",
        "bob",
        "#r",
        ":",
        "has joined",
        "disconnected",
        "hi",
        "\x1b[2J",
        "\u{9b}",
        "\u{202e}",
        "(9 users)",
        "\x07",
        "\u{2028}",
    ];
    let word = prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec());
    let raw = prop::collection::vec(any::<u8>(), 0..6);
    prop::collection::vec(prop_oneof![4 => word, 1 => raw], 0..80).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_received_byte_causes_a_panic_or_reaches_the_terminal_raw(
        bytes in server_bytes(),
        dialect in 0_usize..5,
        typed in prop::collection::vec(
            prop::sample::select(TYPED.to_vec()), 0..5),
        leaves: bool,
    ) {
        let dialect = Dialect::ALL[dialect];
        let room = (dialect == Dialect::Channels).then(|| "#r".to_owned());
        let (user, ping, timeout) = ("bob".into(), None, ANSWER);
        let topic = Topic { dialect, user, room, ping, timeout, interactive: leaves };
        let mut conversation = Conversation::new(topic, Time::ZERO);
        for line in &typed {
            conversation.typed(line.as_bytes(), Time::ZERO);
        }
        if leaves {
            conversation.leave(Time::ZERO);
        }
        let mut lines = Lines::new(40);
        for part in bytes.chunks(7) {
            lines.feed(part);
            while let Some(cut) = lines.next() {
                match cut {
                    Cut::Line(line) => conversation.heard(&line, Time::ZERO),
                    Cut::TooLong => conversation.heard_too_much(),
                }
                for line in &typed {
                    conversation.typed(line.as_bytes(), Time::ZERO);
                }
            }
            prop_assert!(lines.kept() <= 41);
        }
        conversation.closed(None);
        prop_assert!(conversation.end().is_some());
        for shown in conversation.take_shown() {
            let hidden = |c: char| c.is_control() || "\u{202e}\u{2028}".contains(c);
            prop_assert!(!shown.text().contains(hidden), "{:?}", shown);
        }
    }
}
