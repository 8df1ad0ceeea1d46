//! Answers as tables.

use super::amounts::{size, span};
use super::conversation::Row;
use super::options::Action;
use parlance_printable::escape;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

/// A column: its heading, and what it has of a row. Numbers stand to the right.
pub(crate) struct Column {
    pub(crate) heading: &'static str,
    pub(crate) cell: fn(&Row) -> String,
    pub(crate) is_number: bool,
}

const fn text(heading: &'static str, cell: fn(&Row) -> String) -> Column {
    Column { heading, cell, is_number: false }
}

const fn number(heading: &'static str, cell: fn(&Row) -> String) -> Column {
    Column { heading, cell, is_number: true }
}

const CLIENTS: [Column; 10] = [
    number("CONN", |row| word(row, "conn")),
    text("NAME", |row| word(row, "name")),
    text("ROOM", |row| word(row, "room")),
    text("DIALECT", |row| word(row, "dialect")),
    text("PEER", |row| word(row, "peer")),
    number("SINCE", |row| span(amount(row, "connected_ms"))),
    number("LINES-IN", |row| word(row, "lines_in")),
    number("LINES-OUT", |row| word(row, "lines_out")),
    number("PENDING", |row| size(amount(row, "pending_bytes"))),
    text("STATE", state),
];

const ROOMS: [Column; 3] = [
    text("ROOM", |row| word(row, "room")),
    text("DIALECT", |row| word(row, "dialect")),
    number("MEMBERS", |row| word(row, "members")),
];

const BANS: [Column; 5] = [
    text("TARGET", |row| word(row, "target")),
    text("KIND", |row| word(row, "kind")),
    text("ENDS", |row| match row.get("left_s").and_then(Value::as_u64) {
        Some(seconds) => format!("in {}", span(seconds.saturating_mul(1000))),
        None => "never".to_owned(),
    }),
    text("FROM", |row| word(row, "from")),
    text("REASON", |row| word(row, "reason")),
];

const CHANGES: [Column; 5] = [
    text("OPTION", |row| word(row, "option")),
    text("FROM", |row| word(row, "from")),
    text("TO", |row| word(row, "to")),
    text("SOURCE", |row| word(row, "source")),
    text("COUNTS FOR", |row| match word(row, "applies").as_str() {
        "-" => "nobody before the next start".to_owned(),
        whom => whom.to_owned(),
    }),
];

const DIALECTS: [Column; 8] = [
    text("DIALECT", |row| word(row, "dialect")),
    number("CLIENTS", |row| word(row, "clients")),
    number("ROOMS", |row| word(row, "rooms")),
    number("LINES-IN", |row| word(row, "lines_in")),
    number("LINES-OUT", |row| word(row, "lines_out")),
    number("OUT", |row| size(amount(row, "bytes_out"))),
    number("HELD", |row| word(row, "held_clients")),
    number("PENDING", |row| size(amount(row, "outbox_bytes"))),
];

/// A value as one word; `-` if there is none.
pub(crate) fn word(row: &Row, key: &str) -> String {
    match row.get(key) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "-".to_owned(),
        Some(Value::String(text)) => escape(text),
        Some(other) => escape(&other.to_string()),
    }
}

pub(crate) fn amount(row: &Row, key: &str) -> u64 {
    row.get(key).and_then(Value::as_u64).unwrap_or(0)
}

fn state(row: &Row) -> String {
    if row.get("closing").and_then(Value::as_bool) == Some(true) {
        return "closing".to_owned();
    }
    match (row.get("held_ms").and_then(Value::as_u64), amount(row, "refuses_ms")) {
        (Some(held), _) => format!("held {}", span(held)),
        (None, 0) => "-".to_owned(),
        (None, refuses) => format!("slow {}", span(refuses)),
    }
}

/// The answer to `action` as text for people, each line with its end.
pub(crate) fn render(action: &Action, rows: &[Row]) -> String {
    match action {
        Action::Clients | Action::Top(_) => list(rows, &CLIENTS, "no client"),
        Action::Rooms => list(rows, &ROOMS, "no room"),
        Action::Bans => list(rows, &BANS, "no ban"),
        Action::Reload => list(rows, &CHANGES, "nothing has changed"),
        Action::Show { .. } => rows.iter().map(pairs).collect(),
        Action::Stats => rows.iter().map(stats).collect(),
        Action::Kick { .. } => lines(rows, |row| format!("kicked {}", named(row))),
        Action::Ban { target, .. } => {
            let ended = lines(rows.get(1..).unwrap_or(&[]), |row| format!("ended {}", named(row)));
            format!("banned {}{}\n{ended}", escape(target), unless_kept(rows))
        }
        Action::Unban { target } => {
            format!("{} is banned no longer{}\n", escape(target), unless_kept(rows))
        }
        Action::Log { .. } => lines(rows, |row| word(row, "filter")),
        Action::Drain => rows.iter().map(drain).collect(),
    }
}

/// What to say where the store does not have what has changed.
fn unless_kept(rows: &[Row]) -> &'static str {
    match rows.first().and_then(|row| row.get("kept")) {
        Some(Value::Bool(false)) => ", but the store has failed: a restart undoes it",
        _ => "",
    }
}

fn lines(rows: &[Row], line: impl Fn(&Row) -> String) -> String {
    rows.iter().fold(String::new(), |text, row| text + &line(row) + "\n")
}

fn named(row: &Row) -> String {
    let (name, conn, peer) = (word(row, "name"), word(row, "conn"), word(row, "peer"));
    let name = if name == "-" { "a client without a name".to_owned() } else { name };
    format!("{name} (connection {conn}, {peer})")
}

fn drain(row: &Row) -> String {
    let until = match row.get("seconds_max").and_then(Value::as_f64) {
        Some(seconds) => format!("{seconds} s are over"),
        None => "it is told to".to_owned(),
    };
    format!("draining: the server stops when the clients have gone, or when {until}\n")
}

fn stats(row: &Row) -> String {
    let because = match row.get("not_ready_because").and_then(Value::as_array) {
        Some(reasons) if !reasons.is_empty() => {
            let reasons: Vec<_> = reasons.iter().filter_map(Value::as_str).map(escape).collect();
            format!("no ({})", reasons.join(", "))
        }
        _ => "yes".to_owned(),
    };
    let head = format!(
        "version {}, process {}, up {}, ready: {because}\n\n",
        word(row, "version"),
        word(row, "pid"),
        span(amount(row, "uptime_s").saturating_mul(1000)),
    );
    let dialects = row.get("dialects").and_then(Value::as_array);
    let dialects = dialects.into_iter().flatten().filter_map(Value::as_object);
    head + &list(&dialects.cloned().collect::<Vec<Row>>(), &DIALECTS, "no dialect")
}

/// One row, a line for each key.
fn pairs(row: &Row) -> String {
    let width = row.keys().map(String::len).max().unwrap_or(0);
    let line = |key: &String| format!("{:width$}  {}\n", escape(key), word(row, key));
    row.keys().fold(String::new(), |text, key| text + &line(key))
}

/// A table of `rows`, or the words for none.
pub(crate) fn list(rows: &[Row], columns: &[Column], none: &str) -> String {
    if rows.is_empty() {
        return format!("{none}\n");
    }
    let headings = columns.iter().map(|column| column.heading.to_owned()).collect();
    let cells = |row| columns.iter().map(|column| (column.cell)(row)).collect();
    let lines: Vec<Vec<String>> = std::iter::once(headings).chain(rows.iter().map(cells)).collect();
    let width = |index: usize| lines.iter().map(|line| line[index].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let mut shown = String::new();
        for ((cell, width), column) in line.iter().zip(&widths).zip(columns) {
            let space = " ".repeat(width - cell.width());
            let (before, behind) = if column.is_number { (&*space, "") } else { ("", &*space) };
            shown.extend([before, cell, behind, "  "]);
        }
        text.push_str(shown.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Row, render};
    use crate::options::Action;
    use serde_json::json;

    fn rows(value: &serde_json::Value) -> Vec<Row> {
        let rows = value.as_array().expect("a list").iter();
        rows.map(|row| row.as_object().expect("a row").clone()).collect()
    }

    #[test]
    fn clients_are_a_table_with_numbers_to_the_right() {
        let rows = rows(&json!([
            {"conn": 7, "name": "joe", "room": null, "dialect": "rooms", "peer": "192.0.2.1:9",
             "connected_ms": 61_000, "lines_in": 3, "lines_out": 12, "pending_bytes": 2048,
             "held_ms": null, "refuses_ms": 1500},
            {"conn": 12, "name": null, "room": null, "dialect": "rooms", "peer": "[::1]:1",
             "connected_ms": 5, "lines_in": 0, "lines_out": 0, "pending_bytes": 0,
             "held_ms": 20, "refuses_ms": 0},
        ]));
        let shown = render(&Action::Clients, &rows);
        assert_eq!(
            shown,
            "CONN  NAME  ROOM  DIALECT  PEER         SINCE  LINES-IN  LINES-OUT  PENDING  STATE\n\
             \u{20}  7  joe   -     rooms    192.0.2.1:9  1m01s         3         12   2.0KiB  \
             slow 1s\n\
             \u{20} 12  -     -     rooms    [::1]:1        5ms         0          0       0B  \
             held 20ms\n"
        );
        assert_eq!(render(&Action::Clients, &[]), "no client\n");
    }

    #[test]
    fn text_that_steers_a_terminal_is_shown_and_not_obeyed() {
        let rows = rows(&json!([{"target": "joe", "reason": "a\u{1b}[2Jb", "kind": "name"}]));
        let shown = render(&Action::Bans, &rows);
        assert!(!shown.contains('\u{1b}') && shown.contains("[2Jb"), "{shown}");
    }

    #[test]
    fn stats_say_why_a_server_is_not_ready() {
        let rows = rows(&json!([{
            "version": "0.1.0", "pid": 1, "uptime_s": 3600, "not_ready_because": ["draining"],
            "dialects": [{"dialect": "rooms", "clients": 2, "bytes_out": 1024}],
        }]));
        let shown = render(&Action::Stats, &rows);
        assert!(shown.starts_with("version 0.1.0, process 1, up 1h00m, ready: no (draining)\n"));
        assert!(shown.contains("1.0KiB"), "{shown}");
    }
}
