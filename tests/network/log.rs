//! What the server logs while something happens.

use super::lock;
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, LazyLock, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

/// Keeps the events of one thread up to a level, each with its fields.
#[derive(Clone)]
struct Events {
    level: Level,
    kept: Arc<Mutex<Vec<String>>>,
}

/// A subscriber that lasts as long as the program and keeps nothing. `tracing` remembers of each
/// event whether anybody wants it, and can miss a subscriber that begins while a thread comes to
/// the event for the first time; with this one there is always somebody to ask.
static LASTING: LazyLock<Dispatch> =
    LazyLock::new(|| Dispatch::new(Events { level: Level::ERROR, kept: Arc::default() }));

/// Has events be asked for each time. To be called before a server runs.
pub(crate) fn ask_each_time() {
    LazyLock::force(&LASTING);
}

/// The warnings of this thread while `act` runs.
pub(crate) fn warnings_in(act: impl FnOnce()) -> Vec<String> {
    events_in(Level::WARN, act)
}

/// The events of this thread at `level` and above while `act` runs, as `message="..." name=value`.
pub(crate) fn events_in(level: Level, act: impl FnOnce()) -> Vec<String> {
    ask_each_time();
    let events = Events { level, kept: Arc::default() };
    tracing::subscriber::with_default(events.clone(), act);
    std::mem::take(&mut lock(&events.kept))
}

impl Subscriber for Events {
    /// See [`LASTING`].
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

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
