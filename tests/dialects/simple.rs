//! The simple dialect.
//!
//! Goal: the simple document's list of what the server does, and what `spec/simple.md` adds.
//! Method: whole conversations and tables of lines. Limits: the document fixes no bytes; these are
//! ours.

use super::talk::Talk;

/// The bullets in order: it manages users; takes messages; users join, leave and send; any other
/// user gets the message; its sender does not; who leaves or disconnects is sent nothing more and
/// is forgotten; names are unique.
///
/// [simple/join-1] [simple/join-6] [simple/send-1] [simple/send-2] [simple/leave-1]
/// [simple/leave-2]
/// [simple/leave-3] [simple/join-4] [simple/room-1] [common/unique-2]
#[test]
fn the_documents_list_of_the_servers_duties_holds() {
    let mut talk = Talk::new("simple");
    talk.play(&["joe> JOIN joe", "joe< OK"]);
    talk.play(&["bob> JOIN bob", "bob< OK", "joe< JOINED bob"]);
    talk.play(&["cat> JOIN cat", "cat< OK", "joe< JOINED cat", "bob< JOINED cat"]);
    talk.play(&["bob> SEND hi joe", "joe< MSG bob hi joe", "cat< MSG bob hi joe"]); // not to bob
    talk.play(&["joe> SEND hi all", "bob< MSG joe hi all", "cat< MSG joe hi all"]);
    talk.play(&["twin> JOIN joe", "twin< ERROR username-taken"]);
    talk.play(&["joe> LEAVE", "joe< OK", "joe|", "bob< LEFT joe", "cat< LEFT joe"]);
    talk.play(&["twin> JOIN joe", "twin< OK", "bob< JOINED joe", "cat< JOINED joe"]);
    talk.play(&["cat.", "bob< LEFT cat", "twin< LEFT cat"]); // disconnected
    talk.play(&["bob> SEND bye", "twin< MSG bob bye"]);
    talk.play(&["bob!", "twin< LEFT bob", "bob> JOIN bob", "bob< OK", "twin< JOINED bob"]);
}

/// [simple/error-1] [simple/error-2] [simple/error-4] [simple/error-6] [simple/join-3]
/// [simple/line-1]
/// [common/line-1]
#[test]
fn a_client_that_has_not_joined_is_told_its_error_and_may_go_on() {
    let long = format!("JOIN {}", "x".repeat(33));
    let answers = [
        ("SEND hi", "not-joined"),
        ("SEND", "not-joined"), // before empty-message
        ("LEAVE", "not-joined"),
        ("leave now", "not-joined"),
        ("", "unknown-command"),
        (" JOIN joe", "unknown-command"),
        ("JOINjoe", "unknown-command"),
        ("JOIN\tjoe", "unknown-command"),
        ("QUIT", "unknown-command"),
        ("\0", "unknown-command"),
        ("JOIN", "invalid-username"),
        ("JOIN ", "invalid-username"),
        ("JOIN  joe", "invalid-username"),
        ("JOIN joe ", "invalid-username"),
        ("JOIN ann b", "invalid-username"), // before username-taken
        ("JOIN jos\u{e9}", "invalid-username"),
        (&long, "invalid-username"),
        ("JOIN ann", "username-taken"),
        ("join ann", "username-taken"),
    ];
    let mut talk = Talk::new("simple");
    talk.play(&["ann> JOIN ann", "ann< OK"]);
    for (line, reason) in answers {
        talk.chat("joe").ask(format!("{line}\n"), format!("ERROR {reason}\n"));
    }
    talk.play(&["joe> jOiN Ann", "joe< OK", "ann< JOINED Ann"]); // another name, and not too late
}

/// [simple/join-5] [simple/error-2] [simple/error-4] [simple/error-6] [simple/send-3]
/// [simple/line-1]
#[test]
fn a_mistake_is_answered_and_ends_no_membership() {
    let answers = [
        ("JOIN joe", "already-joined"),
        ("JOIN ann", "already-joined"), // before username-taken
        ("JOIN a b", "already-joined"), // before invalid-username
        ("JOIN", "already-joined"),
        ("SEND", "empty-message"),
        ("SEND ", "empty-message"),
        ("send", "empty-message"),
        ("", "unknown-command"),
        ("hello", "unknown-command"),
        ("SENDhello", "unknown-command"),
        ("\u{ff}", "unknown-command"),
    ];
    let mut talk = Talk::new("simple");
    talk.play(&["ann> JOIN ann", "ann< OK", "joe> JOIN joe", "joe< OK", "ann< JOINED joe"]);
    for (line, reason) in answers {
        talk.chat("joe").ask(format!("{line}\n"), format!("ERROR {reason}\n"));
    }
    talk.play(&["joe> send still here", "ann< MSG joe still here"]);
}

/// [simple/send-1] [common/line-1] [simple/leave-1]
#[test]
fn texts_are_not_trimmed_and_keywords_have_any_case() {
    let mut talk = Talk::new("simple");
    talk.play(&["ann> JOIN ann", "ann< OK", "joe> join joe", "joe< OK", "ann< JOINED joe"]);
    for text in [" ", "  two ", "\t", "LEAVE", "a  b"] {
        talk.chat("joe").send(format!("sEnD {text}\n"));
        talk.chat("ann").expect(format!("MSG joe {text}\n"));
    }
    talk.play(&["joe> leave  whatever", "joe< OK", "joe|", "ann< LEFT joe"]);
}

/// [simple/join-6] [simple/leave-3] [common/eos-6] [common/order-1]
#[test]
fn the_order_of_the_room_is_the_same_for_all_but_the_sender() {
    let mut talk = Talk::new("simple");
    talk.play(&["a> JOIN a", "a< OK", "b> JOIN b", "b< OK", "a< JOINED b"]);
    talk.chat("c").send("JOIN c\nSEND 1\nSEND 2\nSEND\nSEND 3\nJOIN x\nLEAVE\nSEND 4\n");
    let room = ["JOINED c", "MSG c 1", "MSG c 2", "MSG c 3", "LEFT c"];
    for line in room {
        talk.play_steps(&[&format!("a< {line}"), &format!("b< {line}")]);
    }
    talk.play(&["c< OK", "c< ERROR empty-message", "c< ERROR already-joined", "c< OK", "c|"]);
}
