//! What members say to each other.
//!
//! Goal: every line reaches everyone in its room and nobody else, with its bytes unchanged.
//! Method: two members or more compare what they are sent with the bytes that were sent. Limits:
//! one order of events; other orders are the model's business.

use crate::process::{Chat, Daemon};

/// [rooms/room-1] [common/name-2]
#[test]
fn nothing_leaks_from_one_room_into_another() {
    let daemon = Daemon::start(&[]);
    let mut a = Chat::join(daemon.address(), "cooking", "ann");
    let mut b = Chat::join(daemon.address(), "Cooking", "bob");
    let mut c = Chat::join(daemon.address(), "cookin", "cat");
    for round in 0..20 {
        a.send(format!("tea {round}\n"));
        a.expect(format!("ann: tea {round}\n"));
        b.send(format!("ale {round}\n"));
        b.expect(format!("bob: ale {round}\n"));
    }
    let guest = Chat::join(daemon.address(), "cookin", "guest");
    guest.reset();
    c.expect("guest has joined\nguest has left\n");
    Chat::join(daemon.address(), "Cooking", "gus").leave();
    b.expect("gus has joined\ngus has left\n");
    for (chat, user) in [(&mut a, "ann"), (&mut b, "bob"), (&mut c, "cat")] {
        assert_eq!(chat.fence(user), Vec::<String>::new(), "{user} hears its own room only");
    }
}

/// [rooms/text-3] [rooms/text-1]
#[test]
fn an_empty_line_and_a_second_join_are_text() {
    let daemon = Daemon::start(&[]);
    let mut chat = Chat::join(daemon.address(), "r", "u");
    chat.send("\n\r\nJOIN other v\nJOIN foo bar blah\nERROR\n u \n");
    chat.expect("u: \nu: \nu: JOIN other v\nu: JOIN foo bar blah\nu: ERROR\nu:  u \n");
}

/// [common/framing-1] [common/framing-2] [common/framing-3]
#[test]
fn every_byte_but_the_line_feed_passes_through_unchanged() {
    let daemon = Daemon::start(&[]);
    let mut sender = Chat::join(daemon.address(), "r", "s");
    let mut other = Chat::join(daemon.address(), "r", "o");
    sender.expect("o has joined\n");
    let all: Vec<u8> = (0..=255).filter(|&byte| byte != b'\n').collect();
    let not_utf8 = b"\xc3\x28 \xf0\x9f\x98 \xed\xa0\x80 \xff\xfe";
    let texts: [&[u8]; 6] = [&all, not_utf8, b"\0", b"a\rb", b"\r\r", "käse ☕".as_bytes()];
    for text in texts {
        sender.send([text, b"\n"].concat());
        let content = text.strip_suffix(b"\r").unwrap_or(text);
        let line = [b"s: ", content, b"\n"].concat();
        sender.expect(&line);
        other.expect(&line);
    }
}
