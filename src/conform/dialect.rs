//! The dialects that the suite knows: each is a row here and a folder of case files.

use crate::mutants::{self, Mutation};

/// A dialect, as the engine needs it besides the cases.
#[derive(Debug)]
pub(super) struct Dialect {
    pub(super) name: &'static str,
    /// The name of the dialect in the model.
    pub(super) model: parlance_model::Dialect,
    pub(super) spec: &'static str,
    /// The cases that each mutant fails: the output of `--self-test=full`.
    pub(super) fails: &'static str,
    /// The case files, each with its name.
    pub(super) files: &'static [(&'static str, &'static str)],
}

/// The clauses that hold in every dialect.
pub(super) const COMMON: &str = include_str!("../../spec/common.md");

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("cases/", $name, ".cases")))),+]
    };
}

/// The case files of all dialects. They are read with the `words` of each dialect.
pub(super) const COMMON_FILES: &[(&str, &str)] = files![
    "common/control",
    "common/framing",
    "common/name",
    "common/eos",
    "common/close",
    "common/order",
    "common/reply",
    "common/limit",
    "common/misuse",
];

/// The `words` file comes first: the other files are read with it.
const DIALECTS: &[Dialect] = &[
    Dialect {
        name: "rooms",
        model: parlance_model::Dialect::Rooms,
        spec: include_str!("../../spec/rooms.md"),
        fails: include_str!("../../tests/generated/fails/rooms.table"),
        files: files![
            "rooms/words",
            "rooms/join",
            "rooms/text",
            "rooms/leave",
            "rooms/error",
            "rooms/room",
            "rooms/daemon",
            "rooms/common",
        ],
    },
    Dialect {
        name: "lobby",
        model: parlance_model::Dialect::Lobby,
        spec: include_str!("../../spec/lobby.md"),
        fails: include_str!("../../tests/generated/fails/lobby.table"),
        files: files!["lobby/words", "lobby/name", "lobby/text", "lobby/hear", "lobby/error"],
    },
    Dialect {
        name: "simple",
        model: parlance_model::Dialect::Simple,
        spec: include_str!("../../spec/simple.md"),
        fails: include_str!("../../tests/generated/fails/simple.table"),
        files: files![
            "simple/words",
            "simple/common",
            "simple/join",
            "simple/send",
            "simple/leave",
            "simple/error",
        ],
    },
    Dialect {
        name: "channels",
        model: parlance_model::Dialect::Channels,
        spec: include_str!("../../spec/channels.md"),
        fails: include_str!("../../tests/generated/fails/channels.table"),
        files: files![
            "channels/words",
            "channels/common",
            "channels/line",
            "channels/name",
            "channels/join",
            "channels/move",
            "channels/leave",
            "channels/msg",
            "channels/tell",
            "channels/list",
            "channels/history",
            "channels/error",
            "channels/room",
            "channels/session",
        ],
    },
    Dialect {
        name: "login",
        model: parlance_model::Dialect::Login,
        spec: include_str!("../../spec/login.md"),
        fails: include_str!("../../tests/generated/fails/login.table"),
        files: files![
            "login/words",
            "login/common",
            "login/login",
            "login/message",
            "login/optional",
            "login/leave",
            "login/error",
            "login/daemon",
        ],
    },
];

/// The dialect called `name`.
pub(super) fn dialect(name: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.name == name)
}

/// The names of all dialects, for the options.
pub(super) fn names() -> Vec<&'static str> {
    DIALECTS.iter().map(|dialect| dialect.name).collect()
}

/// The mutants of a dialect.
pub(super) fn mutations_of(dialect: &str) -> impl Iterator<Item = &'static Mutation> {
    let here = self::dialect(dialect).map(|dialect| dialect.model);
    let has = move |mutation: &&Mutation| here.is_some_and(|it| mutation.dialects.contains(&it));
    mutants::mutations().filter(has)
}
