//! Lines and topics in the database.

use super::bytes::{Bytes, Owned};
use super::connection::Database;
use crate::Store;
use crate::failure::Failure;
use crate::record::{Kept, Line, Millis, Recall, Record, Retention, Topic};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use std::collections::BTreeMap;

/// How many lines one step of pruning forgets, at most: some milliseconds.
const PRUNED_AT_ONCE: i64 = 5_000;

impl Store for Database {
    fn next_id(&mut self) -> Result<u64, Failure> {
        self.run(next_id)
    }

    fn append(&mut self, records: &mut dyn Iterator<Item = Record<'_>>) -> Result<(), Failure> {
        self.run_mut(|connection| {
            let transaction = connection.transaction()?;
            append(&transaction, records)?;
            transaction.commit()
        })
    }

    fn recall(&mut self, room: &[u8], asked: &Recall) -> Result<Vec<Line>, Failure> {
        self.run(|connection| lines(connection, room, asked))
    }

    fn kept(&mut self, room: &[u8], asked: &Recall) -> Result<Kept, Failure> {
        self.run(|connection| {
            Ok(Kept { lines: lines(connection, room, asked)?, topic: topic(connection, room)? })
        })
    }

    fn prune(&mut self, retention: &Retention, now: Millis) -> Result<bool, Failure> {
        self.run_mut(|connection| {
            let oldest_kept = retention.age_max.map(|age| now.saturating_sub(age));
            let old = oldest_kept.map_or(Ok(0), |before| forget(connection, before))?;
            let over = match retention.bytes_max {
                Some(bytes_max) if bytes_used(connection)? > bytes_max => {
                    forget(connection, Millis::MAX)?
                }
                _ => 0,
            };
            Ok(old > 0 || over > 0)
        })
    }
}

fn next_id(connection: &Connection) -> rusqlite::Result<u64> {
    let query = "SELECT max(ifnull((SELECT max(id) + 1 FROM line), 1),
        ifnull((SELECT value FROM state WHERE key = 'next_id'), 1))";
    connection.query_row(query, [], |row| row.get(0))
}

fn append(
    transaction: &Transaction<'_>,
    records: &mut dyn Iterator<Item = Record<'_>>,
) -> rusqlite::Result<()> {
    let mut insert = transaction
        .prepare_cached("INSERT INTO line (id, room, at, sender, text) VALUES (?, ?, ?, ?, ?)")?;
    let mut set = transaction.prepare_cached(
        "UPDATE room SET topic = ?2, topic_sender = ?3, topic_at = ?4 WHERE id = ?1",
    )?;
    let mut rooms = BTreeMap::new();
    for record in records {
        let (Record::Line { room, .. } | Record::Topic { room, .. }) = record;
        let number = match rooms.get(room) {
            Some(number) => *number,
            None => *rooms.entry(room.to_vec()).or_insert(room_number(transaction, room)?),
        };
        match record {
            Record::Line { id, at, sender, text, .. } => {
                insert.execute((id, number, at, Bytes(sender), Bytes(text)))?;
            }
            Record::Topic { at, sender, text, .. } => {
                let text = (!text.is_empty()).then_some(Bytes(text));
                set.execute((number, text, Bytes(sender), at))?;
            }
        }
    }
    Ok(())
}

/// The number of a room, which is added if there is none.
fn room_number(transaction: &Transaction<'_>, room: &[u8]) -> rusqlite::Result<i64> {
    let mut add = transaction
        .prepare_cached("INSERT INTO room (name) VALUES (?) ON CONFLICT (name) DO NOTHING")?;
    add.execute([Bytes(room)])?;
    let mut find = transaction.prepare_cached("SELECT id FROM room WHERE name = ?")?;
    find.query_row([Bytes(room)], |row| row.get(0))
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    let (Owned(sender), Owned(text)) = (row.get(2)?, row.get(3)?);
    Ok(Line { id: row.get(0)?, at: row.get(1)?, sender, text })
}

fn lines(connection: &Connection, room: &[u8], asked: &Recall) -> rusqlite::Result<Vec<Line>> {
    let mut newest = connection.prepare_cached(
        "SELECT id, at, sender, text FROM line
        WHERE room = (SELECT id FROM room WHERE name = ?1) AND id < ?2
        ORDER BY id DESC LIMIT ?3",
    )?;
    // SQLite's numbers have a sign.
    let before = i64::try_from(asked.before).unwrap_or(i64::MAX);
    let lines_max = i64::try_from(asked.lines_max).unwrap_or(i64::MAX);
    let (mut found, mut bytes) = (Vec::new(), 0);
    for line in newest.query_map((Bytes(room), before, lines_max), line)? {
        let line = line?;
        bytes += line.sender.len() + line.text.len();
        if bytes > asked.bytes_max && !found.is_empty() {
            break;
        }
        found.push(line);
    }
    found.reverse();
    Ok(found)
}

fn topic(connection: &Connection, room: &[u8]) -> rusqlite::Result<Option<Topic>> {
    let mut find = connection.prepare_cached(
        "SELECT topic_sender, topic FROM room WHERE name = ? AND topic IS NOT NULL",
    )?;
    let topic = find.query_row([Bytes(room)], |row| {
        let (Owned(sender), Owned(text)) = (row.get(0)?, row.get(1)?);
        Ok(Topic { sender, text })
    });
    topic.optional()
}

/// The bytes of all pages that are in use.
fn bytes_used(connection: &Connection) -> rusqlite::Result<u64> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
    Ok((pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")?)
}

/// Forgets the oldest lines that were said before a moment, and rooms of which nothing is left.
/// Returns how many lines.
fn forget(connection: &mut Connection, before: Millis) -> rusqlite::Result<usize> {
    let transaction = connection.transaction()?;
    let next = next_id(&transaction)?;
    let forgotten = transaction
        .prepare_cached(
            "DELETE FROM line
            WHERE id IN (SELECT id FROM line ORDER BY id LIMIT ?1) AND at < ?2",
        )?
        .execute((PRUNED_AT_ONCE, before))?;
    if forgotten > 0 {
        // The numbers of lines that are forgotten are not given out again.
        transaction
            .prepare_cached("INSERT OR REPLACE INTO state (key, value) VALUES ('next_id', ?)")?
            .execute([next])?;
        transaction
            .prepare_cached(
                "DELETE FROM room WHERE topic IS NULL
                AND NOT EXISTS (SELECT 1 FROM line WHERE line.room = room.id)",
            )?
            .execute([])?;
    }
    transaction.commit()?;
    Ok(forgotten)
}
