//! Channels.

use super::*;

fn channels() -> Model {
    Model::new(Config::default(), Dialect::Channels)
}

/// What is answered to one line, by a client that stands as given.
fn said(before: &str, line: &str) -> String {
    let all = answers(Dialect::Channels, format!("{before}{line}\n").as_bytes());
    let first = answers(Dialect::Channels, before.as_bytes());
    all.strip_prefix(&first).expect("what comes first does not change").to_owned()
}

const NAMED: &str = "USERNAME u\n";
const MEMBER: &str = "USERNAME u\nJOIN r\n";

// [channels/line-1] [channels/name-1] [channels/join-1] [channels/join-4] [channels/join-5]
// [channels/join-6] [channels/msg-1] [channels/msg-2] [channels/msg-5] [channels/tell-1]
// [channels/tell-2] [channels/list-1] [channels/list-2] [channels/leave-1] [channels/leave-2]
// [channels/quit-1] [channels/history-1]
#[test]
fn the_documents_example() {
    let mut model = channels();
    let (mut seen_a, mut seen_b) = (0, 0);
    let a = client(&mut model, "USERNAME alice\r\nJOIN #general\nHello everyone!\n");
    let welcome = "OK Welcome, alice!\r\nOK Joined #general (0 users)\r\n";
    let hello = "ROOM #general alice Hello everyone!\r\n";
    assert_eq!(news(&model, a, &mut seen_a), format!("{welcome}{hello}"));
    let b = client(&mut model, "USERNAME bob\nJOIN #general\nMSG Hi alice!\n");
    let hi = "ROOM #general bob Hi alice!\r\n";
    assert_eq!(
        news(&model, b, &mut seen_b),
        format!(
            "OK Welcome, bob!\r\nOK Joined #general (1 users)\r\nJOIN #general alice\r\n{hello}{hi}"
        )
    );
    assert_eq!(news(&model, a, &mut seen_a), format!("JOIN #general bob\r\n{hi}"));
    says(&mut model, a, "PRIVMSG bob Hey, private message!\nUSERS\nROOMS\nLEAVE\nQUIT\nafter\n");
    assert_eq!(
        news(&model, a, &mut seen_a),
        "OK Sent\r\nUSERLIST alice bob\r\nROOMLIST #general\r\nOK Left #general\r\nOK Goodbye!\r\n"
    );
    assert_eq!(
        news(&model, b, &mut seen_b),
        "PRIVMSG alice Hey, private message!\r\nLEAVE #general alice\r\n"
    );
    assert_eq!(*model.outbox_state(a), LINGERING);
}

// [channels/line-2] [channels/line-4] [channels/name-2] [channels/name-3] [channels/name-6]
#[test]
fn lines_of_the_nameless() {
    let longest = format!("USERNAME {}", "x".repeat(31));
    assert_eq!(said("", &longest), format!("OK Welcome, {}!\r\n", "x".repeat(31)));
    for name in ["", "a b", "a ", "\u{7F}", &"x".repeat(32)] {
        assert_eq!(said("", &format!("USERNAME {name}")), "ERROR Invalid username\r\n");
    }
    assert_eq!(said("", "USERNAME"), "ERROR Invalid username\r\n");
    for line in ["", "hi", "JOIN r", "/join r", "LEAVE", "ROOMS", "username u", "QUIT x", "/msg a"]
    {
        assert_eq!(said("", line), "ERROR Username required\r\n", "{line:?}");
    }
    for line in ["/", "/foo", "/quit now", "/username u", "/JOIN r"] {
        for before in ["", NAMED, MEMBER] {
            assert_eq!(said(before, line), "ERROR Unknown command\r\n", "{line:?}");
        }
    }
    for (before, line) in [("", "QUIT"), ("", "/quit"), (NAMED, "QUIT "), (MEMBER, "/quit ")] {
        assert_eq!(said(before, line), "OK Goodbye!\r\n");
    }
}

// [channels/name-5] [channels/join-2] [channels/join-3] [channels/msg-4] [channels/tell-3]
// [channels/tell-4] [channels/tell-5] [channels/list-3] [channels/error-4]
#[test]
fn lines_outside_a_room() {
    let room = "x".repeat(31);
    assert_eq!(said(NAMED, &format!("JOIN {room}")), format!("OK Joined {room} (0 users)\r\n"));
    for line in ["JOIN", "JOIN ", "/join", "JOIN a b", "JOIN  a", &format!("JOIN x{room}")] {
        assert_eq!(said(NAMED, line), "ERROR Invalid room\r\n", "{line:?}");
    }
    for line in ["USERNAME", "USERNAME v"] {
        assert_eq!(said(NAMED, line), "ERROR Already named\r\n");
        assert_eq!(said(MEMBER, line), "ERROR Already named\r\n");
    }
    for line in ["", "hi", "MSG hi", "MSG", "LEAVE", "/leave", "USERS", "/users", "ROOMS x"] {
        assert_eq!(said(NAMED, line), "ERROR Not in a room\r\n", "{line:?}");
    }
    for before in [NAMED, MEMBER] {
        for line in ["PRIVMSG", "PRIVMSG ", "PRIVMSG v hi", "/msg", "/msg  hi", "PRIVMSG v"] {
            assert_eq!(said(before, line), "ERROR User not found\r\n", "{line:?}");
        }
        for line in ["PRIVMSG u", "/msg u "] {
            assert_eq!(said(before, line), "ERROR Empty message\r\n");
        }
        assert_eq!(said(before, "PRIVMSG u a  b"), "PRIVMSG u a  b\r\nOK Sent\r\n");
    }
    assert_eq!(said(NAMED, "ROOMS "), "ROOMLIST\r\n");
}

// [channels/line-2] [channels/line-3] [channels/msg-2] [channels/msg-3] [channels/join-7]
// [channels/error-2]
#[test]
fn lines_in_a_room() {
    for line in ["hi", " ", "LEAVE me", "QUIT x", "USERS ?", "ROOMS ?", "join x", "Msg x", "JOINx"]
    {
        assert_eq!(said(MEMBER, line), format!("ROOM r u {line}\r\n"));
        assert_eq!(said(MEMBER, &format!("MSG {line}")), format!("ROOM r u {line}\r\n"));
    }
    for line in ["", "MSG", "MSG "] {
        assert_eq!(said(MEMBER, line), "ERROR Empty message\r\n");
    }
    assert_eq!(said(MEMBER, "JOIN r"), "ERROR Already in r\r\n");
    assert_eq!(said(MEMBER, "JOIN"), "ERROR Invalid room\r\n");
    for line in ["LEAVE", "LEAVE ", "/leave"] {
        assert_eq!(said(MEMBER, line), "OK Left r\r\n");
    }
    for line in ["USERS", "/users", "USERS "] {
        assert_eq!(said(MEMBER, line), "USERLIST u\r\n");
    }
    for line in ["ROOMS", "/rooms"] {
        assert_eq!(said(MEMBER, line), "ROOMLIST r\r\n");
    }
}

// [channels/move-1] [channels/move-2] [channels/leave-2] [channels/list-3] [channels/room-1]
// [channels/room-2] [channels/history-4]
#[test]
fn a_move_is_a_departure_and_a_join() {
    let mut model = channels();
    let [a, b, c] = ["a", "b", "c"].map(|user| client(&mut model, &format!("USERNAME {user}\n")));
    for id in [a, b] {
        says(&mut model, id, "JOIN old\n");
    }
    says(&mut model, c, "JOIN new\n");
    let mut seen = [a, b, c].map(|id| model.delivered(id).len());
    says(&mut model, a, "JOIN new\nUSERS\n");
    says(&mut model, b, "only here\n");
    assert_eq!(
        news(&model, a, &mut seen[0]),
        "OK Joined new (1 users)\r\nJOIN new c\r\nUSERLIST c a\r\n"
    );
    assert_eq!(news(&model, b, &mut seen[1]), "LEAVE old a\r\nROOM old b only here\r\n");
    assert_eq!(news(&model, c, &mut seen[2]), "JOIN new a\r\n");
    says(&mut model, c, "ROOMS\nJOIN new\nJOIN \n");
    says(&mut model, b, "JOIN new\n");
    assert_eq!(
        news(&model, c, &mut seen[2]),
        "ROOMLIST new old\r\nERROR Already in new\r\nERROR Invalid room\r\nJOIN new b\r\n"
    );
    says(&mut model, a, "JOIN old\n"); // what was said there went with the room
    assert!(news(&model, a, &mut seen[0]).ends_with("OK Joined old (0 users)\r\n"));
}

// [channels/name-4] [common/unique-1] [common/unique-2]
#[test]
fn a_name_is_taken_in_a_room_or_not() {
    let mut model = channels();
    let a = client(&mut model, "USERNAME u\n");
    let b = client(&mut model, "USERNAME u\n");
    says(&mut model, a, "JOIN r\nLEAVE\n");
    says(&mut model, b, "USERNAME u\n");
    says(&mut model, a, "QUIT\n");
    says(&mut model, b, "USERNAME u\n");
    let taken = "ERROR Username taken\r\n";
    assert_eq!(heard(&model, b), format!("{taken}{taken}OK Welcome, u!\r\n"));
}

// [channels/history-1] [channels/history-2] [channels/history-3]
#[test]
fn the_history_is_bounded_in_lines_and_bytes() {
    let mut model = channels();
    let a = client(&mut model, MEMBER);
    let lines: Vec<String> = (0..51).map(|number| format!("line {number}\n")).collect();
    says(&mut model, a, &lines.concat());
    let b = client(&mut model, "USERNAME v\nJOIN r\n");
    let expected: Vec<String> =
        (1..51).map(|number| format!("ROOM r u line {number}\r\n")).collect();
    let block = format!("OK Joined r (1 users)\r\nJOIN r u\r\n{}", expected.concat());
    assert_eq!(heard(&model, b), format!("OK Welcome, v!\r\n{block}"));
    // Four lines of a quarter each fit; one byte more pushes the oldest out.
    for (length, kept) in [(16_384 - 11, 4), (16_384 - 10, 3)] {
        for text in ["x".repeat(16_384 - 11), "x".repeat(16_384 - 11), "y".repeat(16_384 - 11)] {
            says(&mut model, a, &format!("{text}\n"));
        }
        says(&mut model, a, &format!("{}\n", "z".repeat(length)));
        let c = client(&mut model, "USERNAME w\nJOIN r\n");
        assert_eq!(heard(&model, c).matches("ROOM").count(), kept);
        model.reset(c, 0);
    }
}

// [channels/error-1]
#[test]
fn a_long_line_is_a_departure() {
    let mut model = channels();
    let a = client(&mut model, MEMBER);
    let b = client(&mut model, "USERNAME v\nJOIN r\n");
    let (mut seen_a, mut seen_b) = (model.delivered(a).len(), model.delivered(b).len());
    model.receive(a, &vec![b'x'; 20_000], 0);
    says(&mut model, b, "alone\n");
    assert_eq!(news(&model, a, &mut seen_a), "ERROR Line too long\r\n");
    assert_eq!(news(&model, b, &mut seen_b), "LEAVE r u\r\nROOM r v alone\r\n");
}

// [common/order-3]
#[test]
fn replies_stand_where_their_lines_do() {
    let mut model = channels();
    let a = client(&mut model, MEMBER);
    let mut seen = model.delivered(a).len();
    says(&mut model, a, "one\nPRIVMSG u two\nUSERS\nthree\n/x\n");
    assert_eq!(
        news(&model, a, &mut seen),
        "ROOM r u one\r\nPRIVMSG u two\r\nOK Sent\r\nUSERLIST u\r\nROOM r u three\r\n\
         ERROR Unknown command\r\n"
    );
}

// [common/limit-1] [common/eos-2]
#[test]
fn a_name_is_enough_to_stay() {
    let mut model = channels();
    let a = client(&mut model, NAMED);
    let b = client(&mut model, "JOIN r\n");
    assert_eq!((model.deadline(a), model.deadline(b)), (None, Some(30 * SEC)));
    model.shutdown(0);
    assert_eq!((model.outbox_state(a), model.outbox_state(b)), (&CLOSED, &SILENT));
}

// [common/flow-7]
#[test]
fn leaving_a_congested_room_waits_and_departing_does_not() {
    for line in ["LEAVE\n", "JOIN q\n"] {
        let config = Config { high_water_bytes: 150, ..Config::default() };
        let mut model = Model::new(config, Dialect::Channels);
        let a = client(&mut model, "USERNAME a\nJOIN r\n");
        let [b, c] = ["b", "c"].map(|user| client(&mut model, &format!("USERNAME {user}\n")));
        drain(&mut model, 0);
        // A first join does not wait; a notice costs 11 + 64.
        for user in [b, c] {
            model.receive(user, b"JOIN r\n", 0);
            model.accept_bytes(user, usize::MAX, 0);
        }
        model.receive(c, b"hi\n", 0);
        model.accept_bytes(b, usize::MAX, 0);
        model.accept_bytes(c, usize::MAX, 0);
        assert!(model.is_congested(a) && !model.is_congested(b));
        model.receive(b, line.as_bytes(), 0);
        assert!(model.is_held(b), "{line:?}");
        assert_eq!(model.waits_for(b, 0), [a]);
        let mut goes = model.clone();
        goes.reset(b, 0);
        drain(&mut goes, 0);
        assert!(heard(&goes, a).ends_with("LEAVE r b\r\n"));
        model.receive(c, b"QUIT\n", 0);
        assert_eq!(*model.outbox_state(c), LINGERING);
        model.accept_bytes(a, usize::MAX, 0);
        assert!(!model.retry(b, 0));
        model.accept_bytes(a, usize::MAX, 0);
        assert!(heard(&model, a).ends_with("LEAVE r c\r\nLEAVE r b\r\n"));
    }
}
