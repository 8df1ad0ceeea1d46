//! Browsers, in every dialect.
//!
//! Goal: a web page cannot chat as the people that visit it. Method: the bytes that `curl` and a
//! browser send for a page's request, with lines of the dialect as the body, beside a member that
//! must hear nothing. Limits: HTTP in the clear, as it is sent to a server that never answers; what
//! begins with anything else is not recognised.

use super::common::Room;
use crate::speech::{ALL, Speech};

/// A request whose body enters the room as `boss` and says something.
fn request(speech: &Speech, first: &str) -> Vec<u8> {
    let body = [b"x\n".to_vec(), speech.enter("boss"), speech.say("free lunch")].concat();
    let head = format!(
        "{first}\r\nHost: 127.0.0.1:24000\r\nOrigin: https://evil.example\r\n\
         Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

/// [common/http-1] [common/close-1] [common/close-2]
#[test]
fn a_web_page_cannot_chat_as_the_one_that_visits_it() {
    for speech in ALL {
        let mut room = Room::of(speech, &["ann"]);
        for first in ["POST / HTTP/1.1", "GET /?q=a%20b HTTP/1.1", "OPTIONS / HTTP/1.0"] {
            let mut browser = room.connect();
            browser.send(request(speech, first));
            browser.expect(speech.http);
            browser.expect_end();
        }
        room.expect_quiet();
    }
}

/// [common/http-1]
#[test]
fn a_member_may_say_what_a_browser_sends() {
    for speech in ALL {
        let mut room = Room::of(speech, &["ann", "joe"]);
        room.say("joe", "GET / HTTP/1.1");
        room.expect_quiet();
    }
}
