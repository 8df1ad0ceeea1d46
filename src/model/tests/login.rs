//! Login.

use super::*;

fn login() -> Model {
    Model::new(Config::default(), Dialect::Login)
}

fn said(lines: &str) -> String {
    answers(Dialect::Login, lines.as_bytes())
}

// [login/login-1] [login/login-5] [login/login-9] [login/msg-1] [login/msg-2] [login/leave-1]
#[test]
fn the_documents_scenarios() {
    let mut model = login();
    let a = client(&mut model, "LOGIN Alice\n");
    says(&mut model, a, "MSG Hello everyone!\n");
    let b = client(&mut model, "LOGIN Bob\nMSG Hi Alice!\n");
    assert_eq!(heard(&model, a), "OK\nMSG Alice Hello everyone!\nMSG Bob Hi Alice!\n");
    let c = client(&mut model, "LOGIN Alice\n");
    assert_eq!(heard(&model, c), "ERR username-taken\n");
    model.reset(a, 0);
    drain(&mut model, 0);
    assert_eq!(heard(&model, b), "OK\nMSG Bob Hi Alice!\nINFO Alice disconnected\n");
    says(&mut model, c, "LOGIN Alice\n");
    assert_eq!(heard(&model, c), "ERR username-taken\nOK\n");
}

// [login/line-1] [login/login-2] [login/login-3] [login/login-4] [login/login-6] [login/login-7]
// [login/login-8] [login/msg-3] [login/error-1] [login/error-3] [login/error-5] [login/dm-2]
// [login/dm-3]
#[test]
fn errors_are_answered() {
    assert_eq!(said(&format!("LoGiN {}\n", "x".repeat(32))), "OK\n");
    for name in ["", "a b", "a ", " a", "\u{7F}", &"x".repeat(33)] {
        assert_eq!(said(&format!("LOGIN {name}\n")), "ERR invalid-username\n", "{name:?}");
    }
    for line in ["MSG hi", "WHO", "DM a b", "PING", "", "EAT", "MSG"] {
        assert_eq!(said(&format!("{line}\n")), "ERR not-logged-in\n");
    }
    let logged_in = [
        ("LOGIN a", "ERR already-logged-in\n"),
        ("LOGIN", "ERR already-logged-in\n"),
        ("MSG", "ERR empty-message\n"),
        ("MSG ", "ERR empty-message\n"),
        ("msg  ", "MSG u  \n"),
        ("", "ERR unknown-command\n"),
        ("QUIT", "ERR unknown-command\n"),
        (" MSG hi", "ERR unknown-command\n"),
        ("DM", "ERR empty-message\n"),
        ("DM u", "ERR empty-message\n"),
        ("DM u ", "ERR empty-message\n"),
        ("DM nobody ", "ERR empty-message\n"),
        ("DM nobody hi", "ERR user-not-found\n"),
        ("DM  hi", "ERR user-not-found\n"),
        ("dm u hi  you", "DM u hi  you\n"),
        ("ping me", "PONG\n"),
        ("who is", "USER u\n"),
    ];
    for (line, answer) in logged_in {
        assert_eq!(said(&format!("LOGIN u\n{line}\n")), format!("OK\n{answer}"), "{line:?}");
    }
}

// [login/who-1] [login/dm-1] [common/reply-1]
#[test]
fn lists_and_private_lines() {
    let mut model = login();
    let b = client(&mut model, "LOGIN b\n");
    let a = client(&mut model, "LOGIN a\n");
    let c = client(&mut model, "");
    model.receive(a, b"WHO\n", 0);
    assert_eq!(model.charge(a), 14 + 64, "one entry");
    says(&mut model, a, "DM b psst\n");
    assert_eq!(heard(&model, a), "OK\nUSER b\nUSER a\n");
    assert_eq!((heard(&model, b).as_str(), heard(&model, c).as_str()), ("OK\nDM a psst\n", ""));
}

// [login/error-2]
#[test]
fn a_long_line_is_a_departure() {
    let mut model = login();
    let a = client(&mut model, "LOGIN a\n");
    let b = client(&mut model, "LOGIN b\n");
    model.receive(a, &vec![b'x'; 20_000], 0);
    says(&mut model, b, "MSG still here\n");
    assert_eq!(heard(&model, a), "OK\nERR line-too-long\n");
    assert_eq!(heard(&model, b), "OK\nINFO a disconnected\nMSG b still here\n");
}

// [login/idle-1] [common/idle-1] [common/idle-2] [common/limit-1]
#[test]
fn an_idle_client_is_disconnected() {
    let mut model = login();
    let a = model.connect(0);
    let b = model.connect(0);
    assert_eq!(model.deadline(a), Some(60 * SEC), "and not 30");
    model.receive(a, b"LOGIN a\nMS", 10 * SEC);
    model.receive(a, b"G", 30 * SEC);
    assert_eq!(model.deadline(a), Some(70 * SEC), "half a line is none");
    model.receive(b, b"nonsense\n", 59 * SEC);
    assert_eq!(model.deadline(b), Some(119 * SEC), "a refused line is one");
    model.receive(b, b"LOGIN b\n", 69 * SEC);
    drain(&mut model, 69 * SEC);
    let mut in_time = model.clone();
    model.tick(a, 70 * SEC - 1);
    assert!(matches!(model.outbox_state(a), OutboxState::Member { .. }));
    model.tick(a, 70 * SEC);
    drain(&mut model, 70 * SEC);
    assert_eq!(heard(&model, a), "OK\nERR idle-timeout\n");
    assert_eq!(*model.outbox_state(a), LINGERING);
    assert_eq!(heard(&model, b), "ERR not-logged-in\nOK\nINFO a disconnected\n");
    in_time.receive(a, b" hi\n", 70 * SEC);
    in_time.tick(a, 70 * SEC);
    assert_eq!(in_time.deadline(a), Some(130 * SEC));
    let config = Config { idle: Duration::ZERO, ..Config::default() };
    let mut patient = Model::new(config, Dialect::Login);
    let c = patient.connect(0);
    assert_eq!(patient.deadline(c), None);
}
