//! A scripted store: in memory, performed when a scenario says so, and failing as it says.

use super::house::House;
use parlance_core::limits::Limits;
use parlance_core::registry::ArchiveOptions;
use parlance_server::keeping::{Keeper, Wall};
use parlance_store::{
    Ban, BanKind, Bans, Failure, Kept, Kind, Line, Millis, Recall, Record, Retention, Store, Topic,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// What the store does with the next call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    #[default]
    Works,
    /// No space is left: nothing is stored, and everything can be read.
    Full,
    /// Nothing can be stored or read.
    Broken,
}

/// What is stored. Clones are the same shelf, so that it outlives a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) mood: Mood,
    /// The room and the line, in the order in which they were stored.
    pub(crate) lines: Vec<(Vec<u8>, Line)>,
    pub(crate) topics: Vec<(Vec<u8>, Topic)>,
    /// How often something was to be stored.
    pub(crate) tries: usize,
}

impl Shelf {
    pub(crate) fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().expect("no test panics while it looks")
    }

    /// The texts that are stored, in order.
    pub(crate) fn texts(&self) -> Vec<String> {
        let content = self.content();
        let text = |line: &Line| String::from_utf8(line.text.clone()).expect("tests say text");
        content.lines.iter().map(|(_, line)| text(line)).collect()
    }

    fn content_if(&self, works: impl Fn(Mood) -> bool) -> Result<MutexGuard<'_, Content>, Failure> {
        let content = self.content();
        match content.mood {
            mood if works(mood) => Ok(content),
            Mood::Full => Err(Failure::new(Kind::Full, "no space is left")),
            _ => Err(Failure::new(Kind::Other, "the disk is gone")),
        }
    }
}

impl Store for Shelf {
    fn next_id(&mut self) -> Result<u64, Failure> {
        Ok(self.content().lines.last().map_or(1, |(_, line)| line.id + 1))
    }

    fn append(&mut self, records: &mut dyn Iterator<Item = Record<'_>>) -> Result<(), Failure> {
        self.content().tries += 1;
        let mut content = self.content_if(|mood| mood == Mood::Works)?;
        for record in records {
            match record {
                Record::Line { id, room, sender, at, text } => {
                    let last = content.lines.last().map_or(0, |(_, line)| line.id);
                    assert!(id > last, "line {id} comes after line {last}");
                    let line = Line { id, at, sender: sender.to_vec(), text: text.to_vec() };
                    content.lines.push((room.to_vec(), line));
                }
                Record::Topic { room, sender, text, .. } => {
                    content.topics.retain(|(of, _)| of != room);
                    let topic = Topic { sender: sender.to_vec(), text: text.to_vec() };
                    if !text.is_empty() {
                        content.topics.push((room.to_vec(), topic));
                    }
                }
            }
        }
        Ok(())
    }

    fn recall(&mut self, room: &[u8], asked: &Recall) -> Result<Vec<Line>, Failure> {
        let content = self.content_if(|mood| mood != Mood::Broken)?;
        let of_room =
            content.lines.iter().filter(|(of, line)| of == room && line.id < asked.before);
        let mut lines: Vec<Line> =
            of_room.rev().take(asked.lines_max).map(|(_, line)| line.clone()).collect();
        lines.reverse();
        Ok(lines)
    }

    fn kept(&mut self, room: &[u8], asked: &Recall) -> Result<Kept, Failure> {
        let lines = self.recall(room, asked)?;
        let content = self.content();
        let topic = content.topics.iter().find(|(of, _)| of == room);
        Ok(Kept { lines, topic: topic.map(|(_, topic)| topic.clone()) })
    }

    fn prune(&mut self, _retention: &Retention, _now: Millis) -> Result<bool, Failure> {
        Ok(false)
    }
}

impl Bans for Shelf {
    fn bans(&mut self) -> Result<Vec<Ban>, Failure> {
        Ok(Vec::new())
    }

    fn add_ban(&mut self, _ban: &Ban) -> Result<(), Failure> {
        Ok(())
    }

    fn remove_ban(&mut self, _kind: BanKind, _value: &str) -> Result<bool, Failure> {
        Ok(false)
    }
}

/// The time in a house. The calendar begins with the clock.
pub(crate) fn wall_of(house: &House) -> Wall {
    let now = house.now();
    let millis = Millis::try_from(now.as_nanos() / 1_000_000).expect("tests are short");
    Wall { now, millis }
}

/// A house whose rooms are kept on a shelf, and what keeps them.
pub(crate) struct KeptHouse {
    pub(crate) house: House,
    keeper: Keeper,
    /// Whether the store has failed, as far as the server is told.
    pub(crate) has_failed: Arc<AtomicBool>,
}

impl KeptHouse {
    /// `stores_first` as [`ArchiveOptions`] has it.
    pub(crate) fn on(shelf: &Shelf, stores_first: bool) -> KeptHouse {
        let next_id = shelf.clone().next_id().expect("it can always be read");
        let archive = ArchiveOptions { lines: 50, next_id, stores_first };
        let has_failed = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&has_failed);
        let on_change = move |failed| told.store(failed, Ordering::Relaxed);
        let keeper = Keeper::new(Box::new(shelf.clone()), Retention::default(), on_change);
        KeptHouse { house: House::keeping(Limits::default(), archive), keeper, has_failed }
    }

    /// Performs what is asked for by now, once, and lets everything happen that follows.
    pub(crate) fn perform(&mut self, reads_max: usize) {
        let wall = wall_of(&self.house);
        let effects = self.house.service.registry().take_effects(reads_max);
        self.keeper.perform(&self.house.service, effects, wall);
        self.house.settle();
    }

    /// Performs until nothing is asked for any more.
    pub(crate) fn perform_all(&mut self) {
        for _ in 0..64 {
            self.perform(usize::MAX);
        }
    }
}
