//! The rows of a comparison, and their goals.

/// One shape of load.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) load: Load,
    /// The goal.
    pub(super) goal: Goal,
}

/// The work of the server.
#[derive(Clone, Copy, Debug)]
pub(super) enum Load {
    /// A closed loop with one sender in each room.
    Busy { rooms: u32, members: u32, window: u32, size: u32 },
    /// Idle clients.
    Idle { clients: u32 },
}

/// The goal.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    /// A minimum of deliveries per second, and a maximum of CPU time per delivery, both as
    /// multiples of the baseline's. CPU time alone counts where the generator is the limit.
    Ratio { rate: f64, cpu: Option<f64> },
    /// A maximum of bytes for each client.
    Bytes(f64),
}

/// All rows, in the order of printing.
pub(super) const ROWS: [Row; 8] = [
    busy("one busy room", [1, 100, 1, 64], 1.0, Some(1.05)),
    busy("pipelined", [1, 100, 64, 64], 1.2, Some(0.9)),
    busy("mixed", [10, 10, 16, 64], 1.1, None),
    busy("crowd", [1, 1_000, 1, 64], 1.1, None),
    busy("pairs", [500, 2, 1, 64], 1.0, None),
    busy("long lines", [1, 100, 4, 19_000], 1.3, None),
    busy("wide", [90, 100, 1, 64], 1.5, None),
    Row { name: "idle", load: Load::Idle { clients: 9_000 }, goal: Goal::Bytes(1_000.0) },
];

const fn busy(name: &'static str, shape: [u32; 4], rate: f64, cpu: Option<f64>) -> Row {
    let [rooms, members, window, size] = shape;
    Row { name, load: Load::Busy { rooms, members, window, size }, goal: Goal::Ratio { rate, cpu } }
}

impl Row {
    /// The row with this name; the error lists all names.
    pub(super) fn by_name(name: &str) -> Result<Row, String> {
        ROWS.into_iter()
            .find(|row| row.name == name)
            .ok_or_else(|| format!("`{name}` is none of {}", ROWS.map(|row| row.name).join(", ")))
    }

    /// Its load in words: the rooms, and the lines.
    pub(super) fn words(&self) -> [String; 2] {
        let counted = |count, one: &str| {
            if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
        };
        match self.load {
            Load::Busy { rooms, members, window, size } => [
                format!("{} of {members} members,", counted(rooms, "room")),
                format!("{} of {size} bytes in flight", counted(window, "line")),
            ],
            Load::Idle { clients } => [format!("{clients} clients"), "in rooms of 100".to_owned()],
        }
    }

    /// Its shape, short.
    pub(super) fn shape(&self) -> String {
        match self.load {
            Load::Busy { rooms, members, window, size } => {
                format!("{rooms} x {members}, window {window}, {size} bytes")
            }
            Load::Idle { clients } => format!("{clients} clients in rooms of 100"),
        }
    }
}
