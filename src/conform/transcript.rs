//! What all clients of one attempt did and saw, in one column.

use super::template::shown;
use super::text::harmless;
use std::time::{Duration, Instant};

/// One thing that happened.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) at: Duration,
    pub(super) who: String,
    pub(super) what: What,
}

/// What it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Sent(Vec<u8>),
    Got(Vec<u8>),
    Note(String),
    /// Several of the first kind, as they are shown.
    Segments(String),
}

/// The events since the attempt began.
#[derive(Clone, Debug)]
pub(super) struct Transcript {
    pub(super) begun: Instant,
    pub(super) events: Vec<Event>,
}

/// What a page shows of a transcript at most, from both ends.
const SHOWN_EVENTS: usize = 40;

impl Transcript {
    pub(super) fn new() -> Transcript {
        Transcript { begun: Instant::now(), events: Vec::new() }
    }

    pub(super) fn note(&mut self, who: &str, note: impl Into<String>) {
        self.add(who, What::Note(note.into()));
    }

    pub(super) fn sent(&mut self, who: &str, bytes: &[u8]) {
        self.add(who, What::Sent(bytes.to_vec()));
    }

    pub(super) fn got(&mut self, who: &str, bytes: &[u8]) {
        self.add(who, What::Got(bytes.to_vec()));
    }

    fn add(&mut self, who: &str, what: What) {
        self.events.push(Event { at: self.begun.elapsed(), who: who.to_owned(), what });
    }

    /// Puts what a server said on its standard error where it belongs.
    pub(super) fn interleave(&mut self, lines: Vec<(Instant, String)>) {
        for (when, line) in lines.into_iter().filter(|(when, _)| *when >= self.begun) {
            let at = when - self.begun;
            self.events.push(Event {
                at,
                who: "stderr".to_owned(),
                what: What::Note(harmless(&line)),
            });
        }
        self.events.sort_by_key(|event| event.at);
    }

    /// The lines of a page, without the last event if it is the wrong one.
    pub(super) fn lines(&self) -> Vec<String> {
        let events = &gathered(&self.events);
        if events.len() <= SHOWN_EVENTS {
            return events.iter().map(line).collect();
        }
        let (first, last) =
            (&events[..SHOWN_EVENTS / 2], &events[events.len() - SHOWN_EVENTS / 2..]);
        let mut lines: Vec<String> = first.iter().map(line).collect();
        lines.push(format!("              … {} more …", events.len() - SHOWN_EVENTS));
        lines.extend(last.iter().map(line));
        lines
    }

    /// What each client sent, joined, in order of its first appearance.
    pub(super) fn scripts(&self) -> Vec<(String, Vec<Vec<u8>>)> {
        let mut scripts: Vec<(String, Vec<Vec<u8>>)> = Vec::new();
        for event in &self.events {
            let What::Sent(bytes) = &event.what else { continue };
            match scripts.iter_mut().find(|(who, _)| *who == event.who) {
                Some((_, parts)) => parts.push(bytes.clone()),
                None => scripts.push((event.who.clone(), vec![bytes.clone()])),
            }
        }
        scripts
    }
}

/// The events, with segments that one client sent one after another on one line.
fn gathered(events: &[Event]) -> Vec<Event> {
    let mut lines: Vec<Event> = Vec::with_capacity(events.len());
    for event in events {
        let What::Sent(bytes) = &event.what else {
            lines.push(event.clone());
            continue;
        };
        let text = format!("> {}", shown(bytes));
        match lines.last_mut() {
            Some(Event { who, what: What::Segments(before), .. }) if *who == event.who => {
                *before += " | ";
                *before += &text[2..];
            }
            _ => lines.push(Event { what: What::Segments(text), ..event.clone() }),
        }
    }
    lines
}

/// How many columns stand before the bytes of an event.
pub(super) fn margin(who: &str) -> usize {
    format!("{:>9.1} ms  {who:<6} < ", 0.0).chars().count()
}

fn line(event: &Event) -> String {
    let at = event.at.as_secs_f64() * 1000.0;
    let who = &event.who;
    match &event.what {
        What::Sent(bytes) => format!("{at:>9.1} ms  {who:<6} > {}", shown(bytes)),
        What::Got(bytes) => format!("{at:>9.1} ms  {who:<6} < {}", shown(bytes)),
        What::Segments(text) => format!("{at:>9.1} ms  {who:<6} {text}"),
        What::Note(note) => format!("{at:>9.1} ms  {who:<6} · {note}"),
    }
}
