//! The dialects that the suite knows: each is a row here and a folder of case files.

use crate::mutants::{self, Mutation};

/// A dialect, as the engine needs it besides the cases.
#[derive(Debug)]
pub(super) struct Dialect {
    pub(super) name: &'static str,
    /// The name of the dialect in the model.
    pub(super) model: parlance_model::Dialect,
    pub(super) spec: &'static str,
    /// Whether it is more than its document.
    pub(super) is_extended: bool,
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

macro_rules! channels_files {
    ($($more:literal),*) => {
        files![
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
            $($more),*
        ]
    };
}

/// The `words` file comes first: the other files are read with it.
const DIALECTS: &[Dialect] = &[
    Dialect {
        name: "rooms",
        model: parlance_model::Dialect::Rooms,
        spec: include_str!("../../spec/rooms.md"),
        is_extended: false,
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
        is_extended: false,
        fails: include_str!("../../tests/generated/fails/lobby.table"),
        files: files!["lobby/words", "lobby/name", "lobby/text", "lobby/hear", "lobby/error"],
    },
    Dialect {
        name: "simple",
        model: parlance_model::Dialect::Simple,
        spec: include_str!("../../spec/simple.md"),
        is_extended: false,
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
        is_extended: false,
        fails: include_str!("../../tests/generated/fails/channels.table"),
        files: channels_files!(),
    },
    Dialect {
        name: "login",
        model: parlance_model::Dialect::Login,
        spec: include_str!("../../spec/login.md"),
        is_extended: false,
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

/// Channels with its extensions.
static EXTENDED: Dialect = Dialect {
    name: "channels",
    model: parlance_model::Dialect::Channels,
    spec: concat!(
        include_str!("../../spec/channels.md"),
        "\n",
        include_str!("../../spec/extensions.md")
    ),
    is_extended: true,
    fails: include_str!("../../tests/generated/fails/channels.table"),
    files: channels_files!("channels/extensions"),
};

/// The dialect called `name` with its extensions, if it has any.
pub(super) fn extended(name: &str) -> Option<&'static Dialect> {
    (name == EXTENDED.name).then_some(&EXTENDED)
}

/// The dialect called `name`.
pub(super) fn dialect(name: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.name == name)
}

/// The names of all dialects, for the options.
pub(super) fn names() -> Vec<&'static str> {
    DIALECTS.iter().map(|dialect| dialect.name).collect()
}

impl Dialect {
    /// The mutants on which its cases are tried: of an extended one, those of the extensions.
    pub(super) fn mutants(&self) -> Box<dyn Iterator<Item = &'static Mutation>> {
        if self.is_extended {
            Box::new(mutants::extension_mutations())
        } else {
            Box::new(mutations_of(self.name))
        }
    }
}

/// The mutants of a dialect without extensions.
pub(super) fn mutations_of(dialect: &str) -> impl Iterator<Item = &'static Mutation> {
    let here = self::dialect(dialect).map(|dialect| dialect.model);
    let has = move |mutation: &&Mutation| here.is_some_and(|it| mutation.dialects.contains(&it));
    mutants::mutations().filter(has)
}
