//! Events as JSON, one object a line, for scripts.

use super::render::{Kind, Shown};
use parlance_printable::escape_json;
use serde_json::{Value, json};

/// The event as one line without its end. Bytes that are not UTF-8 become U+FFFD, and hidden
/// characters are escaped as JSON has it, because the line may be shown by a terminal.
pub(super) fn line(shown: &Shown, time: &str) -> String {
    let mut value = event(shown);
    if let Some(object) = value.as_object_mut() {
        object.insert("time".to_owned(), time.into());
    }
    escape_json(&value.to_string())
}

fn event(shown: &Shown) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match shown {
        Shown::Said { from, text: said, kind } => json!({
            "event": "said",
            "from": text(from),
            "text": text(said),
            "own": *kind == Kind::Own,
            "mention": *kind == Kind::Mention,
            "replayed": *kind == Kind::Replayed,
        }),
        Shown::Told { from, text: said } => {
            json!({ "event": "private", "from": text(from), "text": text(said) })
        }
        Shown::ToldByYou { to, text: said } => {
            json!({ "event": "private", "to": text(to), "text": text(said) })
        }
        Shown::Did { user, what } => {
            let event = if *what == "is here" { "present" } else { what };
            json!({ "event": event, "user": text(user) })
        }
        Shown::You { did, room } => json!({ "event": format!("you-{did}"), "room": text(room) }),
        Shown::List { of, items } => {
            let items = text(items);
            let items: Vec<_> = items.split(' ').filter(|item| !item.is_empty()).collect();
            json!({ "event": of, "names": items })
        }
        Shown::Past { id, at, from, text: said } => json!({
            "event": "past",
            "id": text(id),
            "at": text(at),
            "from": text(from),
            "text": text(said),
        }),
        Shown::Topic(Some((from, topic))) => {
            json!({ "event": "topic", "from": text(from), "text": text(topic) })
        }
        Shown::Topic(None) => json!({ "event": "topic" }),
        Shown::Strange(line) => json!({ "event": "unknown", "line": text(line) }),
        Shown::Help(line) => json!({ "event": "help", "text": line }),
        Shown::Notice(words) => json!({ "event": "notice", "text": words }),
        Shown::Error(words) => json!({ "event": "error", "text": words }),
    }
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::render::{Kind, Shown};
    use serde_json::{Value, json};

    #[test]
    fn a_line_is_an_object_with_its_time() {
        let (from, text) = (b"eve".to_vec(), "a\u{9b}\u{e0041}\u{1b}\"".into());
        let said = line(&Shown::Said { from, text, kind: Kind::Mention }, "now");
        assert!(!said.contains(['\u{9b}', '\u{e0041}', '\u{1b}', '\n']), "{said}");
        let wanted = json!({
            "event": "said", "from": "eve", "text": "a\u{9b}\u{e0041}\u{1b}\"", "own": false,
            "mention": true, "replayed": false, "time": "now",
        });
        assert_eq!(serde_json::from_str::<Value>(&said).expect("JSON"), wanted);
    }

    #[test]
    fn each_kind_of_event_has_its_name() {
        let name = |shown| {
            let value: Value = serde_json::from_str(&line(&shown, "")).expect("JSON");
            value["event"].as_str().expect("a name").to_owned()
        };
        let user = b"u".to_vec();
        assert_eq!(name(Shown::Did { user: user.clone(), what: "left" }), "left");
        assert_eq!(name(Shown::Did { user: user.clone(), what: "is here" }), "present");
        assert_eq!(name(Shown::You { did: "joined", room: user.clone() }), "you-joined");
        assert_eq!(name(Shown::Told { from: user.clone(), text: user }), "private");
        assert_eq!(name(Shown::List { of: "rooms", items: b"a b".to_vec() }), "rooms");
        assert_eq!(name(Shown::Error("x".into())), "error");
    }
}
