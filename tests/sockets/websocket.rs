//! HTTP and WebSocket over real sockets.
//!
//! Goal: a listener of `http` serves the page and the world of every dialect. Method: a client that
//! writes requests and frames itself beside one of a plain listener. Limits: browsers are not
//! started here; streams that are cut and clients that do not read are the matter of
//! `tests/network/websocket.rs`, requests that of `tests/network/http.rs`.

use crate::process::{Chat, Daemon};
use crate::speech::{ALL, CHANNELS};

/// The answer to the key in RFC 6455, 1.3.
const UPGRADED: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

fn request(dialect: &str, fields: &str) -> String {
    format!(
        "GET /ws/{dialect} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Version: 13\r\n{fields}\r\n"
    )
}

/// A client of this dialect over WebSocket.
fn connect(daemon: &Daemon, dialect: &str) -> Chat {
    let mut chat = Chat::connect(daemon.address_of("http"));
    chat.ask(request(dialect, ""), UPGRADED);
    chat
}

/// Short content in a frame of a client's.
fn sent(first: u8, content: &[u8]) -> Vec<u8> {
    let mask = [0x12, 0x34, 0x56, 0x78];
    let length = u8::try_from(content.len()).expect("it is short");
    let masked = content.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
    [&[first, 0x80 | length][..], &mask, &masked.collect::<Vec<u8>>()].concat()
}

/// Short content in a frame of the server's.
fn told(first: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("it is short");
    assert!(length < 126);
    [&[first, length], content].concat()
}

fn text(content: &[u8]) -> Vec<u8> {
    sent(0x81, content)
}

/// [common/ws-1] [common/http-7]
#[test]
fn clients_of_a_socket_and_of_a_page_share_the_rooms_and_names_of_every_dialect() {
    for speech in ALL {
        let daemon = Daemon::serving(&["http", speech.dialect], &[]);
        assert_eq!(daemon.dialects(), ["http", speech.dialect]);
        let mut ann = Chat::connect(daemon.address_of(speech.dialect));
        ann.ask(speech.enter("ann"), speech.entered("ann", &[], b""));
        if speech.echoes {
            ann.ask(speech.say("hi"), speech.echo("ann", "hi")); // now she is in, everywhere
        }
        let shown =
            if speech.dialect == CHANNELS.dialect { speech.said("ann", "hi") } else { vec![] };
        let mut joe = connect(&daemon, speech.dialect);
        joe.send(text(&speech.enter("joe")));
        ann.expect(speech.joined("joe"));
        expect_lines(&mut joe, &speech.entered("joe", &["ann"], &shown));
        joe.ask(sent(0x89, b"?"), told(0x8A, b"?"));
        joe.send(text(&speech.say("hello")));
        ann.expect(speech.said("joe", "hello"));
        ann.send(speech.say("bye"));
        let echo = speech.echo("joe", "hello");
        if !echo.is_empty() {
            joe.expect(told(0x81, &echo));
        }
        joe.expect(told(0x81, &speech.said("ann", "bye")));
        joe.send(sent(0x88, b"\x03\xe8"));
        joe.expect(told(0x88, b"\x03\xe8"));
        joe.expect_end();
    }
}

/// The very next lines, in however many frames of text, are these.
fn expect_lines(chat: &mut Chat, lines: &[u8]) {
    let mut heard = Vec::new();
    while heard.len() < lines.len() {
        assert_eq!(chat.byte(), 0x81, "a frame of text");
        let length = chat.byte();
        heard.extend((0..length).map(|_| chat.byte()));
    }
    assert_eq!(heard, lines);
}

/// [common/http-2] [common/http-6]
#[test]
fn a_listener_of_http_has_a_page_and_a_sign_of_life() {
    let daemon = Daemon::serving(&["http"], &[]);
    let ask = |target: &str| {
        let mut chat = Chat::connect(daemon.address());
        chat.send(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        String::from_utf8(chat.rest()).expect("text")
    };
    let page = ask("/");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("script-src 'sha256-") && page.contains("<!DOCTYPE html>"), "{page}");
    assert!(ask("/healthz").starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(ask("/favicon.ico").starts_with("HTTP/1.1 404 "));
}

/// [common/http-5]
#[test]
fn an_origin_that_is_named_is_let_in_and_one_that_is_none_ends_the_start() {
    let daemon = Daemon::serving(&["http"], &["--ws-origin", "https://chat.example"]);
    for (origin, status) in [("https://chat.example", 101), ("http://127.0.0.1", 403)] {
        let mut chat = Chat::connect(daemon.address());
        chat.send(request("rooms", &format!("Origin: {origin}\r\n")));
        let line = chat.line();
        assert!(line.starts_with(&format!("HTTP/1.1 {status} ")), "{origin}: {line}");
    }
    let wrong = ["--listen", "http://127.0.0.1:0", "--ws-origin", "chat.example"];
    let ended = Daemon::launch(crate::process::command().args(wrong), 1).err().expect("an error");
    assert_eq!(ended.status, Some(2));
    assert!(ended.stderr.concat().contains("\"chat.example\""), "{:?}", ended.stderr);
    let alone = ["--listen", "rooms://127.0.0.1:0", "--ws-origin", "https://chat.example"];
    let ended = Daemon::launch(crate::process::command().args(alone), 1).err().expect("an error");
    assert_eq!(ended.status, Some(2));
    assert!(ended.stderr.concat().contains("--listen http://"), "{:?}", ended.stderr);
}

/// [common/ws-8] [common/shutdown-2]
#[test]
fn a_server_that_stops_says_so_to_its_pages() {
    let daemon = Daemon::serving(&["http"], &[]);
    let mut joe = connect(&daemon, "rooms");
    joe.ask(text(b"JOIN den joe"), told(0x81, b"joe has joined\n"));
    daemon.signal(rustix::process::Signal::TERM);
    joe.expect(told(0x88, &1001_u16.to_be_bytes()));
    joe.expect_end();
    assert_eq!(daemon.ended().status, Some(0));
}
