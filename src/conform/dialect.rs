//! The dialects that the suite knows: each is a row here and a folder of case files.

/// What the engine has to know of a dialect beside its cases.
#[derive(Debug)]
pub(super) struct Dialect {
    pub(super) name: &'static str,
    pub(super) spec: &'static str,
    /// What a client sends to join, with `{room}` and `{user}`, and what it sees then.
    pub(super) join: (&'static str, &'static str),
    /// What a member sends that comes back to it, with `{text}`, and how it comes back: a fence.
    pub(super) say: (&'static str, &'static str),
    /// The case files, each with its name.
    pub(super) files: &'static [(&'static str, &'static str)],
}

/// The clauses that hold in every dialect.
pub(super) const COMMON: &str = include_str!("../../spec/common.md");

macro_rules! files {
    ($folder:literal: $($name:literal),+) => {
        &[$((
            concat!($folder, "/", $name),
            include_str!(concat!("cases/", $folder, "/", $name, ".cases")),
        )),+]
    };
}

const DIALECTS: &[Dialect] = &[Dialect {
    name: "rooms",
    spec: include_str!("../../spec/rooms.md"),
    join: (r"JOIN {room} {user}\n", r"{user} has joined\n"),
    say: (r"{text}\n", r"{user}: {text}\n"),
    files: files!("rooms": "join", "text", "leave", "error", "room", "daemon",
        "framing", "name", "eos", "order", "limit"),
}];

/// The dialect called `name`.
pub(super) fn dialect(name: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.name == name)
}

/// The names of all dialects, for the options.
pub(super) fn names() -> Vec<&'static str> {
    DIALECTS.iter().map(|dialect| dialect.name).collect()
}
