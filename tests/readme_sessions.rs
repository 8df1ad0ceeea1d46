//! Goal: the sessions that docs/sessions.md shows are real.
//!
//! Method: each is played on the daemon, line by line and to the byte: `>` sends a line, `<` is the
//! very next line that arrives, `^` ends a connection. At the end no unread line may be left.
//!
//! Limits: a line shown too early for one person, but in her own order, is not noticed.

use crate::process::{Chat, Daemon, Wire};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[test]
fn every_session_that_is_shown_is_real() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sessions.md");
    let page = fs::read_to_string(path).expect("there is a page of sessions");
    let mut played = Vec::new();
    for block in page.split("```session ").skip(1) {
        let (session, _) = block.split_once("\n```").expect("a block ends");
        let (dialect, lines) = session.split_once('\n').expect("a block has lines");
        play(dialect, lines);
        played.push(dialect);
    }
    let dialects: Vec<&str> = Wire::all().iter().map(|wire| wire.dialect).collect();
    assert_eq!(played, dialects, "one session for each dialect");
}

fn play(dialect: &str, lines: &str) {
    let daemon = Daemon::serving(&[dialect], &[]);
    let line_end = if dialect == "channels" { "\r\n" } else { "\n" };
    let mut people: BTreeMap<&str, Chat> = BTreeMap::new();
    for line in lines.lines() {
        let (person, rest) = line.split_once(' ').expect("somebody does something");
        let chat = people.entry(person).or_insert_with(|| Chat::connect(daemon.address()));
        match rest.split_once(' ').unwrap_or((rest, "")) {
            (">", text) => chat.send(format!("{text}\n")),
            ("<", text) => chat.expect(format!("{text}{line_end}")),
            ("^", "") => {
                let gone = people.remove(person).expect("she was there");
                assert_eq!(gone.leave(), b"", "{dialect}: {person} has unread lines");
            }
            _ => panic!("{dialect}: {line:?} is no line of a session"),
        }
    }
    for (person, chat) in people {
        let more = chat.leave();
        let notice = String::from_utf8_lossy(&more);
        let departures = ["left", "LEFT", "INFO", "LEAVE"];
        let only_departures =
            notice.lines().all(|line| departures.iter().any(|word| line.contains(word)));
        assert!(only_departures, "{dialect}: {person} also receives {notice:?}");
    }
}
