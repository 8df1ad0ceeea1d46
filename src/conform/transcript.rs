//! The actions and the input of all clients of one attempt, in one column.

use super::escapes::shown;
use super::text::{clipped, harmless};
use std::time::{Duration, Instant};

/// One event.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) at: Duration,
    pub(super) who: String,
    pub(super) what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Sent(Vec<u8>),
    Got(Vec<u8>),
    Note(String),
    /// Several `Sent` in a row, in their displayed form.
    Segments(String),
}

/// The events since the attempt began.
#[derive(Clone, Debug)]
pub(super) struct Transcript {
    pub(super) begun: Instant,
    pub(super) events: Vec<Event>,
}

/// The client name for lines of the server's standard error.
const STDERR: &str = "stderr";

/// Maximum number of events that a page shows, half of them from each end.
const SHOWN_EVENTS: usize = 40;
/// Maximum lines of standard error among them, and maximum characters of one line.
const SHOWN_STDERR: usize = 12;
const SHOWN_CHARACTERS: usize = 200;
/// How long after the last event a line of standard error may still be about it.
const AFTERWORDS: Duration = Duration::from_millis(50);

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

    /// Inserts the server's lines of standard error by time: the last lines from the time of the
    /// events. A talkative server must not push the clients off the page, and lines after that time
    /// are about other attempts.
    pub(super) fn interleave(&mut self, lines: Vec<(Instant, String)>) {
        let end = self.events.last().map_or(Duration::ZERO, |event| event.at) + AFTERWORDS;
        let timed = |(when, line): (Instant, String)| {
            Some((when.checked_duration_since(self.begun)?, line))
        };
        let lines: Vec<_> =
            lines.into_iter().filter_map(timed).filter(|(at, _)| *at <= end).collect();
        let left_out = lines.len().saturating_sub(SHOWN_STDERR);
        let mut note = |at, line: String| {
            self.events.push(Event {
                at,
                who: STDERR.to_owned(),
                what: What::Note(harmless(&line)),
            });
        };
        if let Some((at, _)) = lines.get(left_out).filter(|_| left_out > 0) {
            note(*at, format!("… {left_out} lines before this …"));
        }
        for (at, line) in lines.into_iter().skip(left_out) {
            let short: String = line.chars().take(SHOWN_CHARACTERS).collect();
            note(at, if short.len() < line.len() { short + "…" } else { short });
        }
        self.events.sort_by_key(|event| event.at);
    }

    /// The lines of a page; the caret is below the last bytes that its client got.
    pub(super) fn lines(&self, caret: Option<&Caret<'_>>) -> Vec<String> {
        let events = &gathered(&self.events);
        let marked = caret.and_then(|caret| {
            let got = |event: &Event| event.who == caret.who && matches!(event.what, What::Got(_));
            events.iter().rposition(got)
        });
        let half = SHOWN_EVENTS / 2;
        let (mut head, mut tail) = (events.len(), events.len());
        if events.len() > SHOWN_EVENTS {
            // The marked event is shown, however many lines a talkative server writes after it.
            let last = marked.map_or(usize::MAX, |marked| marked.saturating_sub(half / 2));
            (head, tail) = (half, (events.len() - half).min(last.max(half)));
        }
        let mut lines = Vec::new();
        for (index, event) in events.iter().enumerate() {
            if index == head && tail > head {
                lines.push(format!("              … {} more …", tail - head));
            }
            if (head..tail).contains(&index) {
                continue;
            }
            if index >= tail + half {
                lines.push(format!("              … {} more …", events.len() - index));
                break;
            }
            match caret.filter(|_| marked == Some(index)) {
                Some(caret) => lines.extend(caret.below(event)),
                None => lines.push(line(event)),
            }
        }
        lines
    }
}

/// A mark below bytes that a client got.
#[derive(Clone, Debug)]
pub(super) struct Caret<'a> {
    pub(super) who: &'a str,
    /// Number of columns before the marked byte.
    pub(super) width: usize,
    pub(super) note: String,
}

/// Maximum number of columns before a marked byte, and how many are left of more.
const BEFORE_MAX: usize = 200;
const BEFORE_LEFT: usize = 60;
/// Maximum number of columns from there on.
const FROM_MAX: usize = 140;

impl Caret<'_> {
    /// The line of the event, and the mark below it.
    fn below(&self, event: &Event) -> [String; 2] {
        let What::Got(bytes) = &event.what else { return [line(event), String::new()] };
        let (mut text, mut width) = (shown(bytes), self.width);
        if width > BEFORE_MAX {
            let left = width - BEFORE_LEFT;
            text = ['…'].into_iter().chain(text.chars().skip(left)).collect();
            width = BEFORE_LEFT + 1;
        }
        if let Some((end, _)) = text.char_indices().nth(width + FROM_MAX) {
            text.truncate(end);
            text.push('…');
        }
        let column = margin(self.who) + width;
        let event = Event { what: What::Segments(format!("< {text}")), ..event.clone() };
        [line(&event), format!("{:column$}^ {}", "", self.note)]
    }
}

/// The events, with consecutive segments of one client on one line, and equal lines of the server's
/// standard error on one line.
fn gathered(events: &[Event]) -> Vec<Event> {
    let mut lines: Vec<Event> = Vec::with_capacity(events.len());
    let mut equal = 0;
    for (index, event) in events.iter().enumerate() {
        if event.who == STDERR && index > 0 && same(&events[index - 1], event) {
            equal += 1;
            if let Some(Event { what: What::Note(note), .. }) = lines.last_mut()
                && let What::Note(text) = &event.what
            {
                *note = format!("{text} ({} times)", equal + 1);
            }
            continue;
        }
        equal = 0;
        let What::Sent(bytes) = &event.what else {
            lines.push(event.clone());
            continue;
        };
        let segment = segment(bytes);
        match lines.last_mut() {
            Some(Event { who, what: What::Segments(before), .. }) if *who == event.who => {
                *before += " | ";
                *before += &segment;
            }
            _ => {
                lines.push(Event { what: What::Segments(format!("> {segment}")), ..event.clone() });
            }
        }
    }
    lines
}

fn same(one: &Event, other: &Event) -> bool {
    one.who == other.who && one.what == other.what
}

/// A segment between bars, with quotation marks where its spaces would be invisible.
fn segment(bytes: &[u8]) -> String {
    let text = shown(bytes);
    if text.starts_with(' ') || text.ends_with(' ') { format!("\"{text}\"") } else { text }
}

/// Number of columns before the bytes of an event.
fn margin(who: &str) -> usize {
    format!("{:>9.1} ms  {who:<6} < ", 0.0).chars().count()
}

fn line(event: &Event) -> String {
    let at = event.at.as_secs_f64() * 1000.0;
    let who = &event.who;
    match &event.what {
        What::Sent(bytes) => format!("{at:>9.1} ms  {who:<6} > {}", clipped(&shown(bytes))),
        What::Got(bytes) => format!("{at:>9.1} ms  {who:<6} < {}", clipped(&shown(bytes))),
        What::Segments(text) => format!("{at:>9.1} ms  {who:<6} {}", clipped(text)),
        What::Note(note) => format!("{at:>9.1} ms  {who:<6} · {note}"),
    }
}
