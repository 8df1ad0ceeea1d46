//! Where TCP cuts the stream.
//!
//! Goal: the same bytes mean the same, however they arrive. Method: one session sent byte by byte,
//! with a fence by another client after each so that the server has most likely read it, then in
//! pieces, then at once; everybody must hear the same. Limits: the kernel may still coalesce; every
//! cut of short sessions is tried without sockets.

use crate::process::{Chat, Daemon};

const SESSION: &[u8] = b"Join r u\r\nhello\n\n\rx\r\nJOIN r w\n\0\xff\r\r\nlast\nunfinished\r";
const HEARD: &[u8] = b"u has joined\nu: hello\nu: \nu: \rx\nu: JOIN r w\nu: \0\xff\r\nu: last\n";

/// [common/framing-6] [common/framing-1] [common/framing-2] [common/eos-1]
#[test]
fn any_segmentation_gives_the_same_lines() {
    let daemon = Daemon::start(&[]);
    let mut observer = Chat::join(daemon.address(), "r", "o");
    let mut pace = Chat::join(daemon.address(), "pace", "p");
    for piece_bytes in [1, 2, 7, SESSION.len()] {
        let mut chat = Chat::connect(daemon.address());
        for piece in SESSION.chunks(piece_bytes) {
            chat.send(piece);
            pace.fence("p");
        }
        assert_eq!(chat.leave(), HEARD, "in pieces of {piece_bytes}");
        observer.expect(HEARD);
        observer.expect("u has left\n");
    }
}
