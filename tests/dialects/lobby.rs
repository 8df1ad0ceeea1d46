//! The lobby dialect.
//!
//! Goal: the six numbered statements of the lobby document, and what `spec/lobby.md` adds. Method:
//! whole conversations. Limits: what lobby shares with the others is in the tests common to all.

use super::talk::Talk;
use crate::process::Chat;

/// First, a session is active as long as its connection is. Second, the first line is the name, and
/// is not answered. Third, each line after it is a message. Fourth, the server waits for the name
/// and says nothing before. Fifth, a message goes to all who are connected; sixth, as the name, a
/// colon and the message.
///
/// [lobby/name-1] [lobby/text-1] [lobby/text-2] [lobby/text-3] [lobby/text-4] [lobby/hear-1]
/// [lobby/hear-4]
#[test]
fn the_six_statements_of_the_document_hold() {
    let mut talk = Talk::new("lobby");
    talk.chat("joe"); // connected, and says nothing yet
    talk.play(&["ann> ann"]); // a name is no message, and is answered by none
    talk.play(&["ann> hello", "joe< ann:hello", "ann< ann:hello"]);
    talk.play(&["joe> joe", "joe> hi ann", "joe< joe:hi ann", "ann< joe:hi ann"]);
    talk.play(&["ann> and again", "joe< ann:and again", "ann< ann:and again"]);
    talk.play(&["ann."]); // nobody is told
    talk.play(&["joe> alone now", "joe< joe:alone now"]);
}

/// [lobby/text-4] [lobby/text-3] [common/framing-2]
#[test]
fn every_later_line_is_text_whatever_it_looks_like() {
    let mut talk = Talk::new("lobby");
    talk.play(&["joe> JOIN"]);
    for text in ["", " ", "JOIN", "QUIT", "/quit", "LEAVE", "a:b", ":", " spaces  kept "] {
        talk.chat("joe").ask(format!("{text}\n"), format!("JOIN:{text}\n"));
    }
    talk.chat("joe").ask("\r\n", "JOIN:\n");
    talk.chat("joe").ask("\r\r\n", "JOIN:\r\n");
    talk.expect_quiet();
}

/// [lobby/name-4] [common/order-1]
#[test]
fn two_clients_may_have_one_name() {
    Talk::once(
        "lobby",
        &["a> joe", "a> one", "a< joe:one", "b> joe", "b> two", "a< joe:two", "b< joe:two"],
    );
}

/// [lobby/hear-3] [lobby/hear-1] [lobby/hear-4]
#[test]
fn nothing_said_before_a_connection_reaches_it_and_everything_after_does() {
    let mut talk = Talk::new("lobby");
    talk.play(&["ann> ann", "ann> early", "ann< ann:early"]);
    talk.chat("mute");
    talk.expect_quiet(); // it is connected now
    talk.play(&["ann> late", "ann< ann:late", "mute< ann:late", "mute."]);
    talk.play(&["ann> later", "ann< ann:later"]);
}

/// Its pending output comes before the end, and the others hear nothing of it.
///
/// [lobby/name-2] [lobby/name-3] [common/name-1] [common/close-2] [common/close-1]
#[test]
fn a_bad_name_closes_without_a_line_after_the_pending_output() {
    let mut talk = Talk::new("lobby");
    talk.play(&["ann> ann"]);
    let long = "x".repeat(65);
    let bad: [&[u8]; 9] =
        [b"", b"a b", b"a:b", b":", b" a", b"a\x7f", b"a\0", b"jos\xc3\xa9", long.as_bytes()];
    for name in bad {
        talk.chat("bad");
        talk.expect_quiet(); // it is connected now
        talk.play(&["ann> hear this", "ann< ann:hear this", "bad< ann:hear this"]);
        let mut chat = talk.take("bad");
        chat.send([name, b"\nsaid by nobody\n"].concat());
        chat.expect_end();
        chat.try_send("nor this\n").ok(); // the server may have closed by now
        talk.expect_quiet();
    }
}

/// [lobby/name-2]
#[test]
fn names_of_1_and_of_64_characters_are_names() {
    let mut talk = Talk::new("lobby");
    for name in ["~", "!", &"y".repeat(64)] {
        let mut chat = Chat::connect(talk.daemon.address());
        chat.ask(format!("{name}\nhi\n"), format!("{name}:hi\n"));
        assert_eq!(chat.leave(), b"");
    }
    talk.expect_quiet();
}
