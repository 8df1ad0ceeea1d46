//! What the server logs while something happens.

use super::lock;
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Keeps the events of one thread up to a level, each with its fields.
#[derive(Clone)]
struct Events {
    level: Level,
    kept: Arc<Mutex<Vec<String>>>,
}

/// The warnings of this thread while `act` runs.
pub(crate) fn warnings_in(act: impl FnOnce()) -> Vec<String> {
    events_in(Level::WARN, act)
}

/// The events of this thread at `level` and above while `act` runs, as `message="..." name=value`.
pub(crate) fn events_in(level: Level, act: impl FnOnce()) -> Vec<String> {
    let events = Events { level, kept: Arc::default() };
    tracing::subscriber::with_default(events.clone(), act);
    std::mem::take(&mut lock(&events.kept))
}

impl Subscriber for Events {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        lock(&self.kept).push(text.0);
    }

    // The server has no spans.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").expect("a string takes everything");
    }
}
