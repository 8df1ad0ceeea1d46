//! What the bytes that everyone received must be.

use super::play::{Actor, Leaving, Session};
use super::wire::End;
use std::collections::BTreeMap;

/// Checks a session: what the anchor of a room heard is that room's order; the order obeys the
/// rules; and everyone was sent exactly its part of it.
///
/// A client that broke off, or that may have been evicted because it did not read, may have been
/// sent less, but only at the end.
pub(crate) fn check(session: &Session) {
    for anchor in session.actors.iter().filter(|actor| actor.anchor) {
        let members = session.actors.iter().filter(|actor| actor.room == anchor.room);
        let members: BTreeMap<&str, &Actor> =
            members.map(|actor| (actor.name.as_str(), actor)).collect();
        let order = text(anchor);
        let spans = replay(&order, &members);
        for member in members.values() {
            let span = spans.get(member.name.as_str());
            check_part(member, span, &order, session.crowded);
        }
    }
}

/// Where in the order, in bytes, a membership begins and ends, and how many lines it has.
#[derive(Clone, Copy)]
struct Span {
    from: usize,
    to: Option<usize>,
    said: usize,
}

fn text(actor: &Actor) -> String {
    String::from_utf8(actor.client.received()).expect("everyone sends text")
}

/// Goes through a room's order: every line is by a member, while it is one, and its next; everyone
/// joins and leaves at most once.
fn replay<'a>(order: &str, members: &BTreeMap<&'a str, &Actor>) -> BTreeMap<&'a str, Span> {
    let mut spans: BTreeMap<&str, Span> = BTreeMap::new();
    let mut at = 0;
    assert!(order.ends_with('\n'), "the order ends within a line");
    for line in order.lines() {
        let end = at + line.len() + 1;
        let name = line.split([':', ' ']).next().unwrap_or_default();
        let found = members.get_key_value(name);
        let (name, actor) = found.unwrap_or_else(|| panic!("{line:?} is of no one in this room"));
        let span = spans.get_mut(name).filter(|span| span.to.is_none());
        match (&line[name.len()..], span) {
            (" has joined", None) => {
                let twice = spans.insert(name, Span { from: at, to: None, said: 0 });
                assert!(twice.is_none(), "{name} joined twice");
            }
            (" has left", Some(span)) => span.to = Some(at),
            (said, Some(span)) => {
                let next = actor.said.get(span.said).map(|text| format!(": {text}"));
                assert_eq!(Some(said), next.as_deref(), "{name}'s line {} is wrong", span.said);
                span.said += 1;
            }
            (_, None) => panic!("{line:?} is by someone who is not a member"),
        }
        at = end;
    }
    spans
}

/// Compares what `actor` received with its part of the order, byte by byte.
///
/// In a crowded room members that depart together are not told of each other: the last notices
/// before its own may be missing. [common/flow-8]
fn check_part(actor: &Actor, span: Option<&Span>, order: &str, crowded: bool) {
    let (name, received) = (&actor.name, text(actor));
    let whole = !actor.stalled_ever && actor.leaving != Some(Leaving::Reset);
    let farewell = if actor.leaving == Some(Leaving::Error) { "ERROR\n" } else { "" };
    let Some(span) = span else {
        assert!(!whole || !actor.joined, "{name} never joined");
        assert!(farewell.starts_with(&received), "{name} was sent {received:?} and never joined");
        assert!(!whole || received == farewell, "{name} was not told why it had to go");
        return;
    };
    assert_eq!(span.to.is_some(), !actor.anchor, "each departure is told, once: {name}'s");
    let wanted = format!("{}{farewell}", &order[span.from..span.to.unwrap_or(order.len())]);
    if whole {
        assert_eq!(span.said, actor.said.len(), "{name} said more than the room heard");
        let rest = wanted.strip_prefix(&received);
        let together = |rest: &str| crowded && rest.lines().all(|line| line.ends_with(" has left"));
        let sent = rest.is_some_and(|rest| rest.is_empty() || together(rest));
        assert!(sent, "{name} was not sent its part: {received:?}, not {wanted:?}");
        assert_eq!(actor.client.end(), End::Closed, "{name}'s connection was reset");
    } else {
        assert!(wanted.starts_with(&received), "{name} was sent {received:?}, not {wanted:?}");
    }
}
