//! The states of a session and what each event does to them, as one table.
//!
//! `tests/grid.rs` prints the whole grid, illegal pairs included, and compares it with the one
//! committed in `spec/session-grid.txt`.

/// What a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Connected; waits for the first valid line.
    Fresh,
    /// Asked to enter a room; waits for the answer.
    Entering,
    /// In a room; takes lines.
    Member,
    /// Asked to publish; waits for the answer.
    Publishing,
    /// Told to wait; holds its request and takes no input.
    Held,
    /// Asked to depart; waits for the answer and discards input.
    Departing,
    /// Nothing more will happen; discards input.
    Over,
}

/// What can happen to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A line asked to enter a room.
    Enter,
    /// A line of text.
    Say,
    /// A line that cannot be served.
    Fault,
    /// The client will send nothing more.
    EndOfStream,
    /// The connection is broken.
    Reset,
    /// The first valid line did not come in time.
    Late,
    /// A held request may be made again.
    Retry,
    /// The registry's answers.
    Entered,
    /// As [`Answer::Published`](super::Answer::Published).
    Published,
    /// As [`Answer::Wait`](super::Answer::Wait).
    Wait,
    /// As [`Answer::Departed`](super::Answer::Departed).
    Departed,
    /// As [`Answer::Gone`](super::Answer::Gone).
    Gone,
}

impl State {
    /// Every state, in the order of the grid.
    pub const ALL: [State; 7] = [
        State::Fresh,
        State::Entering,
        State::Member,
        State::Publishing,
        State::Held,
        State::Departing,
        State::Over,
    ];

    /// The state after `event`, or `None` if the event cannot happen in this state.
    ///
    /// ```
    /// use parlance::protocol::table::{Event, State};
    ///
    /// assert_eq!(State::Fresh.after(Event::Enter), Some(State::Entering));
    /// assert_eq!(State::Fresh.after(Event::Say), None); // not in a room yet
    /// ```
    pub const fn after(self, event: Event) -> Option<State> {
        use Event as E;
        use State as S;
        Some(match (self, event) {
            (S::Fresh, E::Enter) => S::Entering,
            (S::Member, E::Say) | (S::Held, E::Retry) => S::Publishing,
            (S::Fresh, E::Late)
            | (S::Fresh | S::Member, E::Fault | E::EndOfStream | E::Reset)
            | (S::Held, E::Reset) => S::Departing,
            (S::Entering, E::Entered) | (S::Publishing, E::Published) => S::Member,
            (S::Publishing, E::Wait) => S::Held,
            (S::Departing, E::Departed) => S::Over,
            (from, E::Gone) if !matches!(from, S::Over) => S::Over,
            _ => return None,
        })
    }
}

impl Event {
    /// Every event, in the order of the grid.
    pub const ALL: [Event; 12] = [
        Event::Enter,
        Event::Say,
        Event::Fault,
        Event::EndOfStream,
        Event::Reset,
        Event::Late,
        Event::Retry,
        Event::Entered,
        Event::Published,
        Event::Wait,
        Event::Departed,
        Event::Gone,
    ];
}

/// The grid as text: a row per event, a column per state, `-` where the event cannot happen.
pub fn grid() -> String {
    let header = row("", State::ALL.map(|state| format!("{state:?}")));
    let rows = Event::ALL.map(|event| {
        let cell = |state: State| state.after(event).map_or("-".to_owned(), |to| format!("{to:?}"));
        row(&format!("{event:?}"), State::ALL.map(cell))
    });
    header + &rows.concat()
}

fn row(first: &str, cells: [String; State::ALL.len()]) -> String {
    let cells = cells.map(|cell| format!(" {cell:<10}"));
    format!("{first:<12}{}", cells.concat()).trim_end().to_owned() + "\n"
}
