//! `top`: who sends most, as the difference between two looks.

use super::amounts::size;
use super::conversation::{Conversation, Row};
use super::options::Top;
use super::output::print;
use super::table::{Column, amount, list, word};
use parlance_printable::escape_json;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::thread;
use std::time::{Duration, Instant};

/// Clears a terminal.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

const COLUMNS: [Column; 7] = [
    Column { heading: "CONN", cell: |row| word(row, "conn"), is_number: true },
    Column { heading: "NAME", cell: |row| word(row, "name"), is_number: false },
    Column { heading: "ROOM", cell: |row| word(row, "room"), is_number: false },
    Column { heading: "PEER", cell: |row| word(row, "peer"), is_number: false },
    Column { heading: "LINES-IN/s", cell: |row| word(row, "lines_in_per_s"), is_number: true },
    Column { heading: "IN/s", cell: |row| size(amount(row, "bytes_in_per_s")), is_number: true },
    Column { heading: "OUT/s", cell: |row| size(amount(row, "bytes_out_per_s")), is_number: true },
];

/// Looks as often as `top` says, and prints after each look but the first.
pub(crate) fn watch(server: &mut Conversation, top: &Top, json: bool) -> Result<(), String> {
    let at_terminal = io::stdout().is_terminal() && !json;
    let count = top.count.or((!at_terminal).then_some(1));
    let (mut before, mut looked_at) = (server.ask("clients")?, Instant::now());
    let mut looks = 0;
    while count.is_none_or(|count| looks < count) {
        thread::sleep(top.interval);
        let after = server.ask("clients")?;
        let span = looked_at.elapsed();
        looked_at = Instant::now();
        let mut rows = rates(&before, &after, span);
        rows.truncate(top.lines);
        let shown = if json {
            let rows = Value::Array(rows.into_iter().map(Value::Object).collect());
            escape_json(&rows.to_string()) + "\n"
        } else {
            list(&rows, &COLUMNS, "no client")
        };
        print(&format!("{}{shown}", if at_terminal { CLEAR } else { "" }))?;
        (before, looks) = (after, looks + 1);
    }
    Ok(())
}

/// What each client of `after` has done in `span`, since `before` or since it came; who has sent
/// most bytes comes first.
fn rates(before: &[Row], after: &[Row], span: Duration) -> Vec<Row> {
    let known: BTreeMap<u64, &Row> = before.iter().map(|row| (amount(row, "conn"), row)).collect();
    let millis = span.as_millis().max(1);
    let rate = |row: &Row, key: &str| {
        let past = known.get(&amount(row, "conn")).map_or(0, |past| amount(past, key));
        let more = u128::from(amount(row, key).saturating_sub(past));
        u64::try_from(more * 1000 / millis).unwrap_or(u64::MAX)
    };
    let mut rows: Vec<Row> = after
        .iter()
        .map(|row| {
            let mut shown = Row::new();
            for key in ["conn", "name", "room", "dialect", "peer"] {
                shown.insert(key.to_owned(), row.get(key).cloned().unwrap_or_default());
            }
            for key in ["lines_in", "bytes_in", "lines_out", "bytes_out"] {
                shown.insert(format!("{key}_per_s"), json!(rate(row, key)));
            }
            shown
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(amount(row, "bytes_in_per_s")));
    rows
}

#[cfg(test)]
mod tests {
    use super::rates;
    use crate::conversation::Row;
    use crate::table::amount;
    use serde_json::json;
    use std::time::Duration;

    fn client(conn: u64, bytes_in: u64) -> Row {
        json!({"conn": conn, "bytes_in": bytes_in}).as_object().expect("a row").clone()
    }

    #[test]
    fn those_that_send_most_since_the_look_before_come_first() {
        let before = [client(1, 1_000_000), client(2, 500)];
        let after = [client(1, 1_000_100), client(2, 4_500), client(3, 1_000)];
        let rows = rates(&before, &after, Duration::from_secs(2));
        let shown = rows.iter().map(|row| (amount(row, "conn"), amount(row, "bytes_in_per_s")));
        assert_eq!(shown.collect::<Vec<_>>(), [(2, 2_000), (3, 500), (1, 50)]);
    }
}
