//! Cases as data: the contents of the files of `cases/`, once `reader` has read them.
//!
//! A file is a list of blocks, each of lines; `#` begins a comment line.
//!
//! ```text
//! case rooms/join-4/rejects-third-word      its clause and a name that never changes
//!   says: what is wrong if it fails          one line each
//!   hint: what to look at first
//!   kills: third-word-of-join-ignored        the mutants that it finds, at least one
//!   a joins ann                              the dialect's way in, sent and seen
//!   b > JOIN {room} bob blah\n               sent, see `template`
//!   b < ERROR\n                              exactly this, next; `{..}` is any rest of a line
//!   b closed                                 the end of the stream, or a reset
//!   a fence                                  the next line it sees is its own: nothing else came
//! ```
//!
//! Other steps:
//!
//! - `<<`: as `<`, and proves that nothing else came; `<*`: these lines in any order;
//! - `lists KEY x y\r\n`: a line of these words in any order, where `{..}` is names of other
//!   attempts; `lists-in-order`: in this order;
//! - `ends`: the end of the stream, no reset; `silent`: nothing arrives for a while; `drains`:
//!   all input for a while, or until the end, is ignored;
//! - `connects`, `half-closes`, `closes`, `resets`;
//! - `a ? drops-it: bytes`: one of several allowed readings; with `?!` the case ends there;
//!   `{end}` instead of bytes is the end of the connection, after any lines. Where a clause is
//!   read in more than one respect, a reading is `respect=reading`, and `clause.respect=reading`
//!   in a condition.
//!
//! A step that begins with `[login/msg-2=echo]` or `[login/msg-2!=echo]` is for servers with, or
//! without, that reading.
//!
//! `scene` translates neutral steps into the words of a dialect, which `voice` has: `b says hello`,
//! `b types hel` (no end of the line), `a hears b: hello`, `a echoes hello` (its own line comes
//! back, where it does), `a sees b join`, `a sees b leave`, `a sees too-long`, and others that it
//! lists. They are about clients that came by `joins`. `a may drops-it: hears b: hello` (or `may!`)
//! is an alternative in neutral words; where they have no meaning in the dialect, the alternative
//! is the end of the stream.
//!
//! Instead of steps a case may have `runs: name`, a function of `special`. Other fields:
//!
//! - `whole` exempts it from segmentation, `alone` from running beside others, `slow` from
//!   `--quick`; `minutes` means `--slow` only;
//! - `started` is for servers that the suite has started, `argument` for those whose port is an
//!   argument by itself; `not: lobby simple` leaves it out in these dialects, and
//!   `not: extended` with `--extensions`;
//! - `needs: common/eos-2=departs` requires a reading of a PROFILE clause, or of several, with a
//!   space between; `probe` finds out its reading before all other cases. `needs: left` or `needs:
//!   login/login-3/some-case` says what the case presumes: a failure of it follows from that;
//! - `measured` takes the best of many measurements in one attempt, which is not repeated.
//!
//! Outside of cases: `unjudged ID: reason` (or `unjudged ID (lobby simple): reason`) says why a
//! clause has no case, `control` is the proof that a server works, `reading ID: ours another`
//! names the readings of a clause, ours first, and `word colon lobby/text-3: bare=: space=:\x20`
//! gives the text of `{=colon}` in each of them. `stage left: ID` and `habit greeting: ID` name
//! the case that is about a stage or a habit: the root of what follows from it; `alive ID` names
//! the one about a server that ends. The `words` file of a dialect has the fields of `voice`
//! (`enter`, `say` and so on).

use super::declarations::{Condition, Declared, Word};
use super::habits::Habit;
use super::stage::Stage;
use super::voice::Voice;

/// One case: its steps or its function, and what must come of it.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) clause: String,
    pub(super) says: String,
    pub(super) hint: String,
    /// The mutants that it must find.
    pub(super) kills: Vec<String>,
    pub(super) steps: Vec<Step>,
    /// The function that plays it, if steps cannot express it.
    pub(super) runs: Option<String>,
    pub(super) whole: bool,
    pub(super) alone: bool,
    pub(super) slow: bool,
    /// Whether it takes minutes by its nature.
    pub(super) minutes: bool,
    /// Whether it is about the process, and so only for a server that the suite has started.
    pub(super) started: bool,
    /// Whether it starts the server with another argument in place of the port.
    pub(super) argument: bool,
    /// Whether other cases depend on the reading that it finds out.
    pub(super) probe: bool,
    /// Whether one attempt takes many measurements, so that its failure is not due to chance.
    pub(super) measured: bool,
    /// The readings of PROFILE clauses that it requires.
    pub(super) needs: Vec<Condition>,
    /// What it presumes: its own failure says nothing where that fails.
    pub(super) presumes: Vec<Presumed>,
    /// The dialects that it does not apply to.
    pub(super) not: Vec<String>,
}

/// What a case takes for granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Presumed {
    /// That the server masters this stage.
    Stage(Stage),
    /// That the case with this id does not fail.
    Case(String),
}

/// One line of a script.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) who: String,
    /// The reading that it applies to.
    pub(super) when: Option<Condition>,
    /// What it is about, if it is one that most cases have.
    pub(super) stage: Option<Stage>,
    pub(super) action: Action,
}

/// What a client does or must see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Connect,
    Send(String),
    Expect {
        bytes: String,
        proves: bool,
    },
    /// Lines in any order.
    ExpectAll(String),
    /// A line of a keyword and names; in any order, unless `ordered`.
    List {
        line: String,
        ordered: bool,
    },
    /// Proves that nothing else arrived, in the way of the dialect; `user` is the name of the
    /// client.
    Fence {
        user: String,
        text: String,
    },
    OneOf(Vec<Reading>),
    Ends,
    Closed,
    Silent,
    /// Reads and ignores everything for a while, the end of the stream included; for answers that
    /// no document fixes.
    Drain,
    HalfClose,
    Close,
    Reset,
}

/// One of several allowed behaviours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) name: String,
    pub(super) bytes: String,
    /// Whether the rest of the case does not apply to it.
    pub(super) last: bool,
}

/// The contents of the files of a dialect.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// The name of the dialect.
    pub(super) dialect: &'static str,
    pub(super) cases: Vec<Case>,
    /// Clauses without a case, each with the reason.
    pub(super) unjudged: Vec<(String, String)>,
    pub(super) control: Vec<Step>,
    /// The case that is about each stage, first of all.
    pub(super) stages: Vec<(Stage, String)>,
    /// The case that is about a server that ends, or answers nobody any more.
    pub(super) alive: String,
    /// The case that is about each habit.
    pub(super) habits: Vec<(Habit, String)>,
    pub(super) voice: Voice,
    pub(super) readings: Vec<Declared>,
    pub(super) words: Vec<Word>,
}

impl Book {
    /// The id of the case that is about a habit, if there is one in this dialect.
    pub(super) fn about(&self, habit: Habit) -> Option<&str> {
        let id = match habit {
            Habit::Without(stage) => {
                self.stages.iter().find(|(of, _)| *of == stage).map(|it| &it.1)
            }
            _ => self.habits.iter().find(|(of, _)| *of == habit).map(|it| &it.1),
        };
        id.map(String::as_str)
    }

    /// The habits that a case is about, which it does not look past.
    pub(super) fn matters_of(&self, case: &Case) -> Vec<Habit> {
        let stages = self.stages.iter().map(|(stage, id)| (Habit::Without(*stage), id));
        let habits = self.habits.iter().map(|(habit, id)| (*habit, id));
        let its = stages.chain(habits).filter(|(_, id)| **id == case.id);
        its.map(|(habit, _)| habit).collect()
    }

    /// The case with this id.
    pub(super) fn case(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id)
    }
}
