//! The login dialect.
//!
//! Goal: the scenarios of the login document to the letter, and what `spec/login.md` adds. Method:
//! whole conversations and tables of lines. Limits: the idle rule is tested under virtual time.

use super::talk::Talk;

/// Scenario 1, two users chatting: each command as the document types it, each line that it
/// expects. Between them stands what the document does not show: a sender hears itself too.
///
/// [login/login-1] [login/msg-1] [login/msg-2] [login/login-9]
#[test]
fn two_users_chat_as_in_the_documents_first_scenario() {
    let mut talk = Talk::new("login");
    talk.play(&["Alice> LOGIN Alice", "Alice< OK"]);
    talk.play(&["Alice> MSG Hello everyone!", "Alice< MSG Alice Hello everyone!"]);
    talk.play(&["Bob> LOGIN Bob", "Bob< OK"]);
    talk.play(&["Bob> MSG Hi Alice!", "Bob< MSG Bob Hi Alice!", "Alice< MSG Bob Hi Alice!"]);
}

/// Scenario 2, username collision. [login/login-5] [common/unique-1]
#[test]
fn a_name_collides_as_in_the_documents_second_scenario() {
    let mut talk = Talk::new("login");
    talk.play(&["one> LOGIN Alice", "one< OK"]);
    talk.play(&["two> LOGIN Alice", "two< ERR username-taken"]);
    talk.play(&["two> LOGIN Bob", "two< OK"]); // refused, not cut off
}

/// Scenario 3, disconnection, by the end of the stream and "Ctrl+C". [login/leave-1] [common/eos-6]
#[test]
fn a_departure_is_told_as_in_the_documents_third_scenario() {
    let mut talk = Talk::new("login");
    talk.play(&["Bob> LOGIN Bob", "Bob< OK", "Alice> LOGIN Alice", "Alice< OK"]);
    talk.play(&["Alice.", "Bob< INFO Alice disconnected"]);
    talk.play(&["Alice> LOGIN Alice", "Alice< OK", "Alice!", "Bob< INFO Alice disconnected"]);
}

/// [login/login-6] [login/login-7] [login/login-4] [login/login-3] [login/error-5] [common/line-1]
#[test]
fn before_login_nothing_else_works_and_no_client_is_disconnected() {
    let long = format!("LOGIN {}", "x".repeat(33));
    let answers = [
        ("MSG hi", "not-logged-in"),
        ("MSG", "not-logged-in"),
        ("WHO", "not-logged-in"),
        ("DM ann hi", "not-logged-in"),
        ("DM", "not-logged-in"),
        ("PING", "not-logged-in"),
        ("", "not-logged-in"), // before unknown-command
        ("HELLO", "not-logged-in"),
        (" LOGIN joe", "not-logged-in"),
        ("\u{ff}\0", "not-logged-in"),
        ("LOGIN", "invalid-username"),
        ("LOGIN ", "invalid-username"),
        ("LOGIN  joe", "invalid-username"),
        ("LOGIN joe ", "invalid-username"),
        ("LOGIN ann b", "invalid-username"), // before username-taken
        ("LOGIN a\u{7f}", "invalid-username"),
        (&long, "invalid-username"),
        ("LOGIN ann", "username-taken"),
        ("login ann", "username-taken"),
    ];
    let mut talk = Talk::new("login");
    talk.play(&["ann> LOGIN ann", "ann< OK"]);
    for (line, reason) in answers {
        talk.chat("joe").ask(format!("{line}\n"), format!("ERR {reason}\n"));
    }
    talk.play(&["ann> WHO", "ann< USER ann"]); // and nothing of it counted
    talk.play(&["joe> lOgIn ANN", "joe< OK", "ann> who", "ann< USER ann", "ann< USER ANN"]);
}

/// [login/login-8] [login/msg-3] [login/dm-2] [login/dm-3] [login/error-1] [login/error-3]
/// [login/error-5] [login/ping-1] [common/tell-4]
#[test]
fn after_login_each_mistake_has_its_answer_and_no_other_effect() {
    let answers = [
        ("LOGIN joe", "ERR already-logged-in"),
        ("LOGIN ann", "ERR already-logged-in"), // before username-taken
        ("LOGIN a b", "ERR already-logged-in"), // before invalid-username
        ("LOGIN", "ERR already-logged-in"),
        ("MSG", "ERR empty-message"),
        ("MSG ", "ERR empty-message"),
        ("DM", "ERR empty-message"),
        ("DM ann", "ERR empty-message"),
        ("DM ann ", "ERR empty-message"),
        ("DM nobody", "ERR empty-message"), // before user-not-found
        ("DM nobody hi", "ERR user-not-found"),
        ("DM ANN hi", "ERR user-not-found"),
        ("DM  ann", "ERR user-not-found"), // nobody has the empty name
        ("DM a\u{7f} hi", "ERR user-not-found"),
        ("", "ERR unknown-command"),
        ("hello", "ERR unknown-command"),
        ("MSGhello", "ERR unknown-command"),
        ("QUIT", "ERR unknown-command"),
        ("PING", "PONG"),
        ("ping are you there", "PONG"),
    ];
    let mut talk = Talk::new("login");
    talk.play(&["ann> LOGIN ann", "ann< OK", "joe> LOGIN joe", "joe< OK"]);
    for (line, answer) in answers {
        talk.chat("joe").ask(format!("{line}\n"), format!("{answer}\n"));
    }
    talk.play(&["joe> MSG still here", "joe< MSG joe still here", "ann< MSG joe still here"]);
}

/// [login/msg-1] [login/dm-1] [login/line-1] [common/line-1]
#[test]
fn texts_are_not_trimmed_and_keywords_have_any_case() {
    let mut talk = Talk::new("login");
    talk.play(&["ann> LOGIN ann", "ann< OK", "joe> login joe", "joe< OK"]);
    for text in [" ", "  two ", "\t", "PING", "ann hi"] {
        talk.chat("joe").ask(format!("mSg {text}\n"), format!("MSG joe {text}\n"));
        talk.chat("ann").expect(format!("MSG joe {text}\n"));
        talk.chat("joe").send(format!("dM ann {text}\n"));
        talk.chat("ann").expect(format!("DM joe {text}\n"));
    }
    talk.expect_quiet();
}

/// [login/dm-1] [common/tell-1]
#[test]
fn a_private_message_reaches_its_target_alone_and_its_sender_nothing() {
    let mut talk = Talk::new("login");
    for name in ["ann", "bob", "cat"] {
        talk.chat(name).ask(format!("LOGIN {name}\n"), "OK\n");
    }
    talk.chat("fresh");
    talk.play(&["ann> DM bob psst", "bob< DM ann psst"]); // nobody hears more, ann included
    talk.play(&["bob> DM bob note", "bob< DM bob note"]);
    talk.play(&["ann> DM bob 1", "ann> DM cat 2", "bob< DM ann 1", "cat< DM ann 2"]);
    talk.play(&["bob.", "ann< INFO bob disconnected", "cat< INFO bob disconnected"]);
    talk.play(&["ann> DM bob gone", "ann< ERR user-not-found"]);
}

/// [login/who-1] [common/reply-1]
#[test]
fn the_list_is_in_order_of_login_for_every_client() {
    let mut talk = Talk::new("login");
    talk.chat("zed"); // connected first, logged in last
    for name in ["cat", "ann", "bob"] {
        talk.chat(name).ask(format!("LOGIN {name}\n"), "OK\n");
    }
    talk.chat("zed").ask("LOGIN zed\n", "OK\n");
    talk.play(&["ann> WHO", "ann< USER cat", "ann< USER ann", "ann< USER bob", "ann< USER zed"]);
    talk.play_steps(&["cat.", "ann< INFO cat disconnected"]);
    talk.play(&["bob< INFO cat disconnected", "zed< INFO cat disconnected"]);
    talk.play(&["cat> LOGIN cat", "cat< OK"]);
    talk.play(&["cat> WHO x", "cat< USER ann", "cat< USER bob", "cat< USER zed", "cat< USER cat"]);
}

/// [login/room-1]
#[test]
fn ten_clients_talk_at_the_same_time() {
    let mut talk = Talk::new("login");
    let names: Vec<String> = (0..10).map(|number| format!("user{number}")).collect();
    for name in &names {
        talk.chat(name).ask(format!("LOGIN {name}\n"), "OK\n");
    }
    for speaker in &names {
        talk.chat(speaker).send("MSG hello\n");
        for name in &names {
            talk.chat(name).expect(format!("MSG {speaker} hello\n"));
        }
    }
    talk.expect_quiet();
}
