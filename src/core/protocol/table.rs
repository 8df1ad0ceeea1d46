//! The states of a session and what each event does to them, as one table.
//!
//! `tests/core/grid.rs` prints the whole grid, illegal pairs included, and compares it with the one
//! committed in `spec/session-grid.txt`.

use super::dialect::Stage;

/// The state of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Takes lines.
    Open(Stage),
    /// Made a request to the registry; waits for the answer.
    Asking(Stage),
    /// Answered *wait*; holds its request and takes no input.
    Held(Stage),
    /// Requested to depart; waits for the answer and discards input.
    Departing,
    /// Final; discards input.
    Over,
}

/// An event of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A line, or a run of them, that needs the registry.
    Ask,
    /// A line that ends the connection, as a fault or as a command.
    Quit,
    /// The client will send nothing more.
    EndOfStream,
    /// The connection is broken.
    Reset,
    /// A line did not come in time.
    Late,
    /// A held request may be made again.
    Retry,
    /// The registry's answers, as in [`Answer`](super::Answer).
    Named,
    /// See [`Named`](Event::Named).
    Entered,
    /// See [`Named`](Event::Named).
    Left,
    /// See [`Named`](Event::Named).
    Published,
    /// See [`Named`](Event::Named).
    Done,
    /// See [`Named`](Event::Named).
    Refused,
    /// See [`Named`](Event::Named).
    Wait,
    /// See [`Named`](Event::Named).
    Departed,
    /// See [`Named`](Event::Named).
    Gone,
    /// See [`Named`](Event::Named).
    LoggedOut,
}

impl State {
    /// Every state, in the order of the grid.
    pub const ALL: [State; 11] = [
        State::Open(Stage::Fresh),
        State::Open(Stage::Named),
        State::Open(Stage::Member),
        State::Asking(Stage::Fresh),
        State::Asking(Stage::Named),
        State::Asking(Stage::Member),
        State::Held(Stage::Fresh),
        State::Held(Stage::Named),
        State::Held(Stage::Member),
        State::Departing,
        State::Over,
    ];

    /// The state after `event`, or `None` if the event cannot happen in this state.
    ///
    /// ```
    /// use parlance_core::protocol::dialect::Stage;
    /// use parlance_core::protocol::table::{Event, State};
    ///
    /// let asking = State::Asking(Stage::Fresh);
    /// assert_eq!(State::Open(Stage::Fresh).after(Event::Ask), Some(asking));
    /// assert_eq!(asking.after(Event::Refused), Some(State::Open(Stage::Fresh))); // as it was
    /// assert_eq!(asking.after(Event::Published), None); // not in a room yet
    /// ```
    pub const fn after(self, event: Event) -> Option<State> {
        use Event as E;
        use Stage::{Fresh, Member, Named};
        use State as S;
        Some(match (self, event) {
            (S::Open(stage), E::Ask) | (S::Held(stage), E::Retry) => S::Asking(stage),
            (S::Open(_), E::Quit | E::EndOfStream | E::Reset | E::Late)
            | (S::Held(_), E::Reset) => S::Departing,
            (S::Asking(Fresh), E::Named) | (S::Asking(Member), E::Left) => S::Open(Named),
            (S::Asking(_), E::Entered) | (S::Asking(Member), E::Published) => S::Open(Member),
            (S::Asking(stage), E::Done | E::Refused) => S::Open(stage),
            (S::Asking(stage), E::Wait) => S::Held(stage),
            (S::Departing, E::Departed) => S::Over,
            (from, E::Gone) if !matches!(from, S::Over) => S::Over,
            (S::Asking(Named | Member), E::LoggedOut) => S::Open(Fresh),
            _ => return None,
        })
    }

    /// Whether a request waits to be made again.
    pub const fn is_held(self) -> bool {
        matches!(self, State::Held(_))
    }
}

impl Event {
    /// Every event, in the order of the grid.
    pub const ALL: [Event; 16] = [
        Event::Ask,
        Event::Quit,
        Event::EndOfStream,
        Event::Reset,
        Event::Late,
        Event::Retry,
        Event::Named,
        Event::Entered,
        Event::Left,
        Event::LoggedOut,
        Event::Published,
        Event::Done,
        Event::Refused,
        Event::Wait,
        Event::Departed,
        Event::Gone,
    ];
}

/// The grid as text: a row per event, a column per state, `-` where the event cannot happen.
pub fn grid() -> String {
    let header = row("", State::ALL.map(short));
    let rows = Event::ALL.map(|event| {
        let cell = |state: State| state.after(event).map_or("-".to_owned(), short);
        row(&format!("{event:?}"), State::ALL.map(cell))
    });
    header + &rows.concat()
}

/// `Open(Fresh)` as `Open:Fresh`.
fn short(state: State) -> String {
    format!("{state:?}").replace('(', ":").replace(')', "")
}

fn row(first: &str, cells: [String; State::ALL.len()]) -> String {
    let cells = cells.map(|cell| format!(" {cell:<13}"));
    format!("{first:<11}{}", cells.concat()).trim_end().to_owned() + "\n"
}
