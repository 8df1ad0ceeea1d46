//! Telnet over real sockets.
//!
//! Goal: a listener of `DIALECT+telnet` serves the dialect's world to telnet. Method: the bytes
//! that known clients send, written by a client of our own beside one of a plain listener.
//! Limits: a real client is in `tests/chat/telnet.rs`; streams that are cut and clients that do not
//! read are the matter of `tests/network/telnet.rs`.

use crate::process::{Chat, Daemon};
use crate::speech::{ALL, CHANNELS};

/// What `PuTTY` sends at once.
const PUTTY: &[u8] = b"\xff\xfb\x1f\xff\xfb\x20\xff\xfb\x18\xff\xfb\x27\xff\xfd\x01\xff\xfb\x03\
    \xff\xfd\x03";
const REFUSED: &[u8] = b"\xff\xfe\x1f\xff\xfe\x20\xff\xfe\x18\xff\xfe\x27\xff\xfc\x01\xff\xfe\x03\
    \xff\xfc\x03";

/// A daemon, and where it serves rooms over telnet and plainly.
fn both_ways() -> Daemon {
    Daemon::serving(&["rooms+telnet", "rooms"], &[])
}

fn member(daemon: &Daemon, name: &str) -> Chat {
    let mut chat = Chat::connect(daemon.address_of("rooms+telnet"));
    chat.ask(format!("JOIN r {name}\r\n"), format!("{name} has joined\r\n"));
    chat
}

/// Lines as telnet has them.
fn wire(lines: &[u8]) -> Vec<u8> {
    let text = str::from_utf8(lines).expect("text");
    text.replace("\r\n", "\n").replace('\n', "\r\n").into()
}

/// [common/telnet-1]
#[test]
fn clients_of_both_kinds_share_the_rooms_and_names_of_every_dialect() {
    for speech in ALL {
        let telnet = format!("{}+telnet", speech.dialect);
        let daemon = Daemon::serving(&[&telnet, speech.dialect], &[]);
        assert_eq!(daemon.dialects(), [telnet.as_str(), speech.dialect]);
        let mut ann = Chat::connect(daemon.address_of(speech.dialect));
        ann.ask(speech.enter("ann"), speech.entered("ann", &[], b""));
        if speech.echoes {
            ann.ask(speech.say("hi"), speech.echo("ann", "hi")); // now she is in, everywhere
        }
        let shown =
            if speech.dialect == CHANNELS.dialect { speech.said("ann", "hi") } else { vec![] };
        let mut joe = Chat::connect(daemon.address_of(&telnet));
        joe.send(wire(&speech.enter("joe")));
        joe.expect(wire(&speech.entered("joe", &["ann"], &shown)));
        joe.send(wire(&speech.say("hello")));
        joe.expect(wire(&speech.echo("joe", "hello")));
        ann.expect([speech.joined("joe"), speech.said("joe", "hello")].concat());
        ann.send(speech.say("bye"));
        joe.expect(wire(&speech.said("ann", "bye")));
    }
}

/// [common/telnet-2] [common/telnet-4] [common/framing-7]
#[test]
fn putty_is_refused_its_options_and_served() {
    let daemon = both_ways();
    let mut ann = Chat::join(daemon.address_of("rooms"), "r", "ann");
    let mut joe = Chat::connect(daemon.address_of("rooms+telnet"));
    joe.ask(PUTTY, REFUSED);
    joe.ask("JOIN r joe\r\n", "joe has joined\r\n");
    joe.ask("hello\r\0", "joe: hello\r\n");
    ann.expect("joe has joined\njoe: hello\n");
    assert_eq!(joe.leave(), b"");
}

/// The kernel would take the urgent byte out of the stream, and the IAC before it would eat what
/// comes next. [common/telnet-7]
#[test]
fn a_data_mark_that_is_urgent_eats_no_byte_of_a_line() {
    let daemon = both_ways();
    let mut joe = member(&daemon, "joe");
    for round in 0..3 {
        joe.send(b"\xff\xf4\xff");
        joe.send_urgent(0xF2);
        joe.ask(b"\xff\xfd\x06", b"\xff\xfc\x06");
        joe.ask(format!("round {round}\r\n"), format!("joe: round {round}\r\n"));
    }
}

/// What a person sees who asks a plain listener with telnet is why there are others.
#[test]
fn a_plain_listener_takes_commands_for_text() {
    let daemon = both_ways();
    let mut ann = Chat::join(daemon.address_of("rooms"), "r", "ann");
    ann.ask(b"\xff\xf4\xff\xfd\x06hi\r\n", b"ann: \xff\xf4\xff\xfd\x06hi\n");
}
