//! Moves between the rooms of channels.
//!
//! Goal: a client that moves between rooms is never in two, and both rooms hear it once. Method:
//! conversations of an observer in each room and one that moves. Limits: one order of events.

use super::talk::Talk;
use crate::process::Chat;

/// An observer in each of `#a` and `#b`, and joe in `#a`.
fn two_rooms() -> Talk {
    let mut talk = Talk::new("channels");
    for (name, room) in [("ann", "#a"), ("bob", "#b")] {
        talk.chat(name).ask(format!("USERNAME {name}\n"), format!("OK Welcome, {name}!\r\n"));
        talk.chat(name).ask(format!("JOIN {room}\n"), format!("OK Joined {room} (0 users)\r\n"));
    }
    talk.play_steps(&["joe> USERNAME joe", "joe< OK Welcome, joe!", "joe> JOIN #a"]);
    talk.play(&["joe< OK Joined #a (1 users)", "joe< JOIN #a ann", "ann< JOIN #a joe"]);
    talk
}

/// [channels/move-1] [channels/move-2] [channels/leave-2] [channels/room-1] [common/eos-6]
#[test]
fn a_move_is_one_departure_one_join_and_one_ok() {
    let mut talk = two_rooms();
    talk.play_steps(&["joe> JOIN #b", "joe< OK Joined #b (1 users)", "joe< JOIN #b bob"]);
    talk.play(&["ann< LEAVE #a joe", "bob< JOIN #b joe"]);
    talk.play(&["ann> MSG joe?", "ann< ROOM #a ann joe?"]); // nothing of the old room
    talk.play(&["bob> MSG joe!", "bob< ROOM #b bob joe!", "joe< ROOM #b bob joe!"]);
    talk.play(&["ann> USERS", "ann< USERLIST ann", "bob> USERS", "bob< USERLIST bob joe"]);
}

/// [channels/error-2] [channels/join-3] [channels/join-7]
#[test]
fn a_refused_join_leaves_the_old_room_untouched() {
    let mut talk = two_rooms();
    talk.play(&["joe> JOIN #b c", "joe< ERROR Invalid room"]);
    talk.play(&["joe> JOIN #a", "joe< ERROR Already in #a"]);
    talk.play(&["joe> MSG here", "joe< ROOM #a joe here", "ann< ROOM #a joe here"]);
    talk.play(&["ann> USERS", "ann< USERLIST ann joe"]);
}

/// Every round trips in one burst; what each hears is the whole order of its room.
///
/// [channels/move-2] [common/order-1] [common/order-3] [channels/leave-1]
#[test]
fn a_burst_of_moves_is_heard_in_order_by_everyone() {
    let mut talk = two_rooms();
    let round = "MSG 1\nJOIN #b\nMSG 2\nLEAVE\nMSG lost\nJOIN #a\n";
    talk.chat("joe").send(round.repeat(3));
    let (mut old, mut own) = (String::new(), String::new());
    for round in 0..3 {
        talk.play_steps(&["ann< ROOM #a joe 1", "ann< LEAVE #a joe", "ann< JOIN #a joe"]);
        talk.play_steps(&["bob< JOIN #b joe", "bob< ROOM #b joe 2", "bob< LEAVE #b joe"]);
        own += "ROOM #a joe 1\r\nOK Joined #b (1 users)\r\nJOIN #b bob\r\n";
        own += &"ROOM #b joe 2\r\n".repeat(round); // replayed
        own += "ROOM #b joe 2\r\nOK Left #b\r\nERROR Not in a room\r\n";
        old += "ROOM #a joe 1\r\n";
        own += "OK Joined #a (1 users)\r\nJOIN #a ann\r\n";
        own += &old;
    }
    talk.chat("joe").expect(own);
    talk.expect_quiet();
}

/// [channels/room-2] [channels/move-1]
#[test]
fn the_last_one_out_takes_the_room_with_it() {
    let mut talk = two_rooms();
    talk.play(&["ann> LEAVE", "ann< OK Left #a", "joe< LEAVE #a ann"]);
    talk.play_steps(&["joe> JOIN #b", "joe< OK Joined #b (1 users)", "joe< JOIN #b bob"]);
    talk.play(&["bob< JOIN #b joe", "ann> ROOMS", "ann< ROOMLIST #b"]);
    talk.play(&["ann> JOIN #a", "ann< OK Joined #a (0 users)"]);
}

/// [common/unique-1] [common/unique-2] [channels/leave-1] [channels/name-4]
#[test]
fn a_name_stays_taken_between_rooms_and_is_free_after_the_goodbye() {
    let mut talk = two_rooms();
    talk.play(&["joe> LEAVE", "joe< OK Left #a", "ann< LEAVE #a joe"]);
    talk.play(&["twin> USERNAME joe", "twin< ERROR Username taken"]);
    for _ in 0..50 {
        let mut chat = Chat::connect(talk.daemon.address());
        chat.ask("USERNAME sam\nQUIT\n", "OK Welcome, sam!\r\nOK Goodbye!\r\n");
    }
    talk.play(&["joe> QUIT", "joe< OK Goodbye!", "joe|"]);
    talk.play(&["twin> USERNAME joe", "twin< OK Welcome, joe!"]);
}
