//! The entries of one outbox, in order.

use super::entry::Entry;
use std::collections::VecDeque;

/// A queue that keeps its first entry in place: with one pending line at a time, as for most
/// clients, it neither allocates nor keeps memory.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Present unless the queue is empty.
    first: Option<Entry>,
    rest: Option<Box<Rest>>,
}

/// Boxed, because otherwise an idle client would keep three words more.
#[derive(Debug, Default)]
struct Rest(VecDeque<Entry>);

impl Queue {
    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.as_ref().map_or(0, |rest| rest.0.len())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(super) fn push_back(&mut self, entry: Entry) {
        match self.first {
            None => self.first = Some(entry),
            Some(_) => self.rest.get_or_insert_default().0.push_back(entry),
        }
    }

    pub(super) fn push_front(&mut self, entry: Entry) {
        if let Some(second) = self.first.replace(entry) {
            self.rest.get_or_insert_default().0.push_front(second);
        }
    }

    /// Moves the first `count` entries, or all if there are fewer, to the end of `batch`.
    pub(super) fn move_to(&mut self, batch: &mut Vec<Entry>, count: usize) {
        if count == 0 {
            return;
        }
        batch.extend(self.first.take());
        if let Some(Rest(rest)) = self.rest.as_deref_mut() {
            batch.extend(rest.drain(..rest.len().min(count - 1)));
            self.first = rest.pop_front();
        }
    }

    /// Frees the memory if the queue is empty: a burst must not cost an idle client memory for
    /// ever.
    pub(super) fn shrink(&mut self) {
        if self.is_empty() {
            self.rest = None;
        }
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::Queue;
    use crate::registry::chunk::{Chunk, Ledger};
    use crate::registry::entry::{Class, Entry};
    use proptest::prelude::*;
    use std::collections::VecDeque;

    /// With an entry left it keeps its memory, which would be allocated again.
    #[test]
    fn an_empty_queue_frees_its_memory_on_request() {
        let ledger = Ledger::new();
        let mut queue = Queue::default();
        for number in 0..3 {
            queue.push_back(Entry::new(Chunk::new(vec![number], &ledger), Class::Room));
        }
        queue.move_to(&mut Vec::new(), 2);
        queue.shrink();
        assert!(queue.rest.is_some(), "one is left");
        queue.move_to(&mut Vec::new(), 1);
        queue.shrink();
        assert!(queue.rest.is_none());
    }

    proptest! {
        /// Every operation has the same result as on a plain queue.
        #[test]
        fn it_agrees_with_a_plain_queue(
            acts in prop::collection::vec((0..4_u8, 0..5_usize), 0..40),
        ) {
            let ledger = Ledger::new();
            let (mut queue, mut plain) = (Queue::default(), VecDeque::new());
            for (number, (act, count)) in (0_u8..).zip(acts) {
                let entry = || Entry::new(Chunk::new(vec![number], &ledger), Class::Room);
                match act {
                    0 => {
                        queue.push_back(entry());
                        plain.push_back(number);
                    }
                    1 => {
                        queue.push_front(entry());
                        plain.push_front(number);
                    }
                    2 => {
                        let mut batch = Vec::new();
                        queue.move_to(&mut batch, count);
                        let moved: Vec<u8> = batch.iter().map(|entry| entry.bytes()[0]).collect();
                        let expected: Vec<u8> = plain.drain(..count.min(plain.len())).collect();
                        prop_assert_eq!(moved, expected);
                    }
                    _ => queue.shrink(),
                }
                prop_assert_eq!(queue.len(), plain.len());
                prop_assert_eq!(queue.is_empty(), plain.is_empty());
            }
        }
    }
}
