//! Lines, in every dialect.
//!
//! Goal: a line ends where the specification says, may be as long as it says, and keeps its bytes.
//! Method: texts and lengths that could go wrong, said in each dialect. Limits: the kernel may
//! coalesce what was sent in pieces.

use super::common::Room;
use crate::speech::{ALL, Speech};

const LINE_BYTES_MAX: usize = 20_000;

/// [common/framing-1] [common/framing-2] [common/framing-3]
#[test]
fn every_byte_but_the_line_feed_passes_through_unchanged() {
    let all: Vec<u8> = (0..=255).filter(|&byte| byte != b'\n').collect();
    let not_utf8 = b"\xc3\x28 \xf0\x9f\x98 \xed\xa0\x80 \xff\xfe";
    let texts: [&[u8]; 8] =
        [&all, not_utf8, b"\0", b"a\rb", b" ", b"  a  ", b"\t", "k\u{e4}se \u{2615}".as_bytes()];
    for speech in ALL {
        let mut room = Room::of(speech, &["ann", "joe"]);
        for text in texts {
            room.say("joe", text);
            room.chat("joe")
                .send([speech.say(text).strip_suffix(b"\n").unwrap(), b"\r\n"].concat());
            room.is_heard("joe", text);
        }
        room.chat("joe").send(speech.say("x\r\r"));
        room.is_heard("joe", "x\r"); // one CR belongs to the end
        room.expect_quiet();
    }
}

/// [common/framing-4] [common/framing-8] [rooms/text-2] [common/close-1] [rooms/error-3]
/// [simple/error-3] [login/error-2] [channels/error-1] [lobby/error-1] [common/eos-6]
#[test]
fn a_line_of_20_000_bytes_is_heard_and_one_more_ends_its_sender() {
    for speech in ALL {
        for end in ["\n", "\r\n"] {
            let mut room = Room::of(speech, &["ann", "joe"]);
            let text = "x".repeat(LINE_BYTES_MAX - end.len() + 1 - speech.overhead());
            let send = |text: &str| {
                let line = speech.say(text);
                [line.strip_suffix(b"\n").unwrap(), end.as_bytes()].concat()
            };
            room.chat("joe").send(send(&text));
            room.is_heard("joe", &text);
            let too_much = [send("before"), send(&(text + "x")), send("after")].concat();
            room.chat("joe").send(too_much);
            room.is_heard("joe", "before");
            let mut joe = room.take("joe");
            joe.expect(speech.too_long);
            joe.expect_end();
            room.hears_of_the_end_of("joe");
            room.expect_quiet();
        }
    }
}

/// [common/framing-5] [simple/error-3] [login/error-2] [channels/error-1] [lobby/error-1]
#[test]
fn the_limit_without_a_line_feed_is_too_long_at_that_moment() {
    for speech in ALL {
        let mut room = Room::of(speech, &["ann", "joe"]);
        let mut fresh = room.connect();
        let almost = speech.say("x".repeat(LINE_BYTES_MAX - speech.overhead()));
        room.chat("ann").send(&almost[..LINE_BYTES_MAX - 1]);
        for chat in [&mut room.take("joe"), &mut fresh] {
            chat.send("x".repeat(LINE_BYTES_MAX));
            chat.expect(speech.too_long);
            chat.expect_end();
        }
        room.hears_of_the_end_of("joe");
        room.chat("ann").expect_silence();
        room.chat("ann").send("\n");
        room.is_heard("ann", "x".repeat(LINE_BYTES_MAX - speech.overhead()));
    }
}

/// A whole session of each dialect: what is sent, and what the sender and an observer hear.
fn session(speech: &Speech) -> [&'static [u8]; 3] {
    match speech.dialect {
        "rooms" => [
            b"join den u\r\na\n\n\r\r\nJOIN x y\n\0\xff\nlost\r",
            b"u has joined\nu: a\nu: \nu: \r\nu: JOIN x y\nu: \0\xff\n",
            b"u has joined\nu: a\nu: \nu: \r\nu: JOIN x y\nu: \0\xff\nu has left\n",
        ],
        "lobby" => [
            b"u\r\na\n\n\r\r\nb:c\n\0\xff\nlost\r",
            b"u:a\nu:\nu:\r\nu:b:c\nu:\0\xff\n",
            b"u:a\nu:\nu:\r\nu:b:c\nu:\0\xff\n",
        ],
        "simple" => [
            b"send x\njoin o\nJoin u\r\nsend a\n\nsend\nsend \0\xff\r\nJOIN u\nleave\nsend late\n",
            b"ERROR not-joined\nERROR username-taken\nOK\n\
              ERROR unknown-command\nERROR empty-message\n\
              ERROR already-joined\nOK\n",
            b"JOINED u\nMSG u a\nMSG u \0\xff\nLEFT u\n",
        ],
        "login" => [
            b"ping\nlogin o\nLogin u\r\nmsg a\n\nwho\ndm u x\ndm o y\ndm\n\
              ping\r\nmsg \0\xff\nmsg lost",
            b"ERR not-logged-in\nERR username-taken\nOK\nMSG u a\n\
              ERR unknown-command\nUSER o\nUSER u\n\
              DM u x\nERR empty-message\nPONG\nMSG u \0\xff\n",
            b"MSG u a\nDM u y\nMSG u \0\xff\nINFO u disconnected\n",
        ],
        _ => [
            b"x\nUSERNAME u\r\nROOMS\nJOIN den\nhi\n\nMSG \0\xff\r\n/msg u x\n\
              /msg o y\n/foo\nUSERS\r\n\
              JOIN #b\nMSG z\nLEAVE\nUSERS\nQUIT\nQUIT\nlate\n",
            b"ERROR Username required\r\nOK Welcome, u!\r\nROOMLIST den\r\n\
              OK Joined den (1 users)\r\n\
              JOIN den o\r\nROOM den u hi\r\nERROR Empty message\r\nROOM den u \0\xff\r\n\
              PRIVMSG u x\r\nOK Sent\r\nOK Sent\r\nERROR Unknown command\r\nUSERLIST o u\r\n\
              OK Joined #b (0 users)\r\nROOM #b u z\r\nOK Left #b\r\nERROR Not in a room\r\n\
              OK Goodbye!\r\n",
            b"JOIN den u\r\nROOM den u hi\r\nROOM den u \0\xff\r\nPRIVMSG u y\r\nLEAVE den u\r\n",
        ],
    }
}

/// Each time in a world of its own, whose observer paces the pieces.
///
/// [common/framing-6] [common/framing-1] [common/eos-1]
#[test]
fn any_segmentation_gives_the_same_bytes() {
    for speech in ALL {
        let [sent, heard, observed] = session(speech);
        for piece_bytes in [1, 3, 7, sent.len()] {
            let mut room = Room::of(speech, &["o"]);
            let mut pace = room.connect();
            let mut chat = room.connect();
            for piece in sent.chunks(piece_bytes) {
                // It may have quit by now.
                let done = chat.try_send(piece).is_err();
                if speech.invalid.1 && !done {
                    pace.send("/?\n");
                    pace.line();
                }
            }
            let told = chat.leave();
            let what = format!("{} in pieces of {piece_bytes}", speech.dialect);
            assert_eq!(told.escape_ascii().to_string(), heard.escape_ascii().to_string(), "{what}");
            room.all_hear(observed);
            if speech.dialect != "channels" {
                room.expect_quiet();
            }
        }
    }
}
