//! Frames of a played server.

use super::WebSocketClient;
use super::frame::{Opcode, push};
use super::handshake::accept;
use crate::{Layers, Plan};

fn client() -> Layers {
    let websocket = WebSocketClient { host: "h".into(), path: "/".into() };
    Layers::new(&Plan { tls: None, websocket: Some(websocket) })
}

/// Takes what the client has sent.
fn sent(layers: &mut Layers) -> Vec<u8> {
    let sent = layers.outgoing().to_vec();
    layers.sent(sent.len());
    sent
}

/// A client whose upgrade is done.
fn upgraded() -> Layers {
    let mut layers = client();
    let request = String::from_utf8(sent(&mut layers)).expect("text");
    let key = request.split("Key: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let accept = accept(key.expect("a key"));
    let answer = format!(
        "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    layers.received(answer.as_bytes()).expect("it is right");
    assert!(layers.is_ready());
    layers
}

/// A frame of the server.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ ..126 => bytes.push(u8::try_from(short).expect("it is short")),
        medium @ ..65_536 => {
            bytes.push(126);
            bytes.extend(u16::try_from(medium).expect("it is").to_be_bytes());
        }
        long => {
            bytes.push(127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(payload);
    bytes
}

/// The client's frames: first bytes, and what was masked.
fn unmasked(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while let [first, second, rest @ ..] = bytes {
        assert!(second & 0x80 != 0, "a client masks");
        let (length, rest) = match second & 0x7f {
            126 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), &rest[2..]),
            127 => {
                (u64::from_be_bytes(rest[..8].try_into().unwrap()).try_into().unwrap(), &rest[8..])
            }
            short => (usize::from(short), rest),
        };
        let (mask, rest) = rest.split_at(4);
        let payload = rest[..length].iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b);
        frames.push((*first, payload.collect()));
        bytes = &rest[length..];
    }
    frames
}

#[test]
fn messages_become_lines_however_they_are_cut() {
    let long = [&b"y".repeat(70_000)[..], b"\n"].concat();
    let stream = [
        frame(0x81, b"one\n"),
        frame(0x82, b"\xff\n"),
        frame(0x01, "gr\u{fc}".as_bytes()),
        frame(0x89, b"?"),
        frame(0x00, b""),
        frame(0x80, b"n\ntwo\n"),
        frame(0x8a, b""),
        frame(0x82, &[&b"x".repeat(300)[..], b"\n"].concat()),
        frame(0x82, &long),
    ]
    .concat();
    for step in [1, 2, 3, 7, 1000, stream.len()] {
        let mut layers = upgraded();
        for part in stream.chunks(step) {
            layers.received(part).expect("it is right");
        }
        let x = "x".repeat(300);
        let wanted = [b"one\n\xff\n", format!("gr\u{fc}n\ntwo\n{x}\n").as_bytes(), &long].concat();
        assert!(*layers.lines() == wanted, "{step}");
        assert_eq!(unmasked(&sent(&mut layers)), [(0x8a, b"?".to_vec())]);
    }
}

#[test]
fn a_servers_mistakes_are_named() {
    for (stream, why) in [
        (frame(0xc1, b"x\n"), "reserved"),
        (frame(0x83, b"x\n"), "opcode 0x3"),
        (frame(0x8f, b""), "opcode 0xf"),
        (vec![0x81, 0x82, 1, 2, 3, 4, 5, 6], "masked"),
        (vec![0x81, 126, 0, 2, b'x', b'\n'], "length, 2"),
        (vec![0x81, 127, 0, 0, 0, 0, 0, 0, 255, 255], "length, 65535"),
        (vec![0x81, 127, 128, 0, 0, 0, 0, 0, 0, 0], "length"),
        (vec![0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0], "longer than"),
        (frame(0x09, b""), "control frame"),
        (frame(0x89, &[0; 126]), "control frame"),
        (frame(0x80, b"x\n"), "continues no message"),
        ([frame(0x01, b"x"), frame(0x81, b"x\n")].concat(), "within another"),
        (frame(0x81, b"\xff\n"), "not UTF-8"),
        ([frame(0x01, b"\xc3"), frame(0x80, b"\n")].concat(), "not UTF-8"),
        (frame(0x81, b"half"), "does not end with a line"),
        (frame(0x82, b""), "does not end with a line"),
        (frame(0x88, b"x"), "one byte"),
        (frame(0x88, &1005_u16.to_be_bytes()), "code 1005"),
        (frame(0x88, b"\x03\xe8\xff"), "not UTF-8"),
    ] {
        let error = upgraded().received(&stream).expect_err(why).to_string();
        assert!(error.contains("breaks WebSocket") && error.contains(why), "{error}");
    }
}

#[test]
fn a_close_is_answered_with_its_code_and_ends() {
    let mut layers = upgraded();
    assert!(layers.ended().unwrap_err().to_string().contains("without a close frame"));
    let stream = [frame(0x81, b"bye\n"), frame(0x88, b"\x03\xe9down"), vec![0xff]].concat();
    layers.received(&stream).expect("nothing behind a close counts");
    assert_eq!(layers.lines(), b"bye\n");
    assert!(layers.has_ended() && layers.ended().is_ok());
    assert_eq!(unmasked(&sent(&mut layers)), [(0x88, b"\x03\xe9".to_vec())]);
    layers.say(b"late\n");
    layers.close();
    assert_eq!(sent(&mut layers), b"", "nothing follows a close");
}

#[test]
fn whole_lines_are_a_message_and_the_rest_is_a_fragment() {
    let mut layers = upgraded();
    let mut say = |bytes: &[u8]| {
        layers.say(bytes);
        unmasked(&sent(&mut layers))
    };
    assert_eq!(say(b"a\nb\n"), [(0x81, b"a\nb\n".to_vec())]);
    assert_eq!(say(b"\xff\n"), [(0x82, b"\xff\n".to_vec())]);
    assert_eq!(say(b"c\nd"), [(0x81, b"c\n".to_vec()), (0x02, b"d".to_vec())]);
    assert_eq!(say(b"e"), [(0x00, b"e".to_vec())]);
    assert_eq!(say(b"f\ng\nh"), [(0x80, b"f\ng\n".to_vec()), (0x02, b"h".to_vec())]);
    assert_eq!(say(b""), []);
    assert_eq!(say(b"\n"), [(0x80, b"\n".to_vec())]);
    let long = [&b"x".repeat(70_000)[..], b"\n"].concat();
    let frames = say(&long);
    let firsts: Vec<u8> = frames.iter().map(|(first, _)| *first).collect();
    assert_eq!(firsts, [0x02, 0x00, 0x80]);
    assert!(frames.iter().flat_map(|(_, payload)| payload).eq(&long));
}

#[test]
fn a_message_can_be_cut_anywhere_into_fragments_with_pings_between() {
    let mut layers = upgraded();
    layers.say_in_fragments(&["gr\u{fc}".as_bytes().split_at(3).0, b"\xbc\nb", b"\n"]);
    let wanted: [(u8, &[u8]); 5] = [
        (0x01, b"gr\xc3"),
        (0x89, b"between"),
        (0x00, b"\xbc\nb"),
        (0x89, b"between"),
        (0x80, b"\n"),
    ];
    let wanted = wanted.map(|(first, payload)| (first, payload.to_vec()));
    assert_eq!(unmasked(&sent(&mut layers)), wanted);
    layers.say(b"half");
    layers.say_in_fragments(&[b"a", b"b\n"]);
    let firsts = unmasked(&sent(&mut layers)).into_iter().map(|(first, _)| first);
    assert_eq!(firsts.collect::<Vec<_>>(), [0x02, 0x00, 0x89, 0x80]);
}

#[test]
fn lengths_have_three_forms() {
    for (length, second) in [(0, 0x80), (125, 0xfd), (126, 0xfe), (65_535, 0xfe), (65_536, 0xff)] {
        let mut bytes = Vec::new();
        push(&mut bytes, Opcode::Binary, true, &vec![b'x'; length], [1, 2, 3, 4]);
        assert_eq!(bytes[1], second);
        assert_eq!(unmasked(&bytes), [(0x82, vec![b'x'; length])]);
    }
}

#[test]
fn an_end_in_the_upgrade_is_an_error() {
    let mut layers = client();
    assert!(layers.ended().unwrap_err().to_string().contains("instead of an upgrade"));
    layers.received(b"HTTP/1.1 101").expect("it may go on");
    assert!(layers.ended().unwrap_err().to_string().contains("in its answer"));
}
