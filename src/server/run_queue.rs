//! The connections that are ready while the executor has enough to do, and whose turn it is.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// So many busy connections have whole shares.
const WHOLE_SHARES: usize = 64;

/// A share is divided by this at most: a read of 64 KiB by it is a page.
const PARTS_MAX: usize = 16;

/// So many busy connections are among the tasks that the executor runs next.
const SLOTS: usize = 64;

/// The connections of an executor that are ready while it has enough to do.
///
/// The executor runs tasks in the order in which they were woken, and is fair by polls, not by
/// time. So at most 64 busy connections, which have used up their share of a poll, are among
/// its tasks. While there are so many, all others wait here, those too that were woken by their
/// clients or by lines for them. One source after the other is let in, so that the many connections
/// of one address cannot delay another one's. Of one source, those that were woken and those that
/// are busy are let in by turns, each in the order in which they came. Since they wait for each
/// other, the share of one shrinks as the number of all grows. [common/prompt-2]
///
/// What a share has left for others, lines to write and a turn to pass on, is done
/// before a connection waits here: clients of other addresses depend on it. It keeps its slot so
/// long, and nobody is let in instead.
#[derive(Debug, Default)]
pub struct RunQueue {
    /// Those in slots and those that wait, whether they were woken or are busy.
    ready: AtomicUsize,
    state: Mutex<Waiting>,
}

/// Where a connection is in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere.
    #[default]
    Idle,
    /// It has a slot.
    Slot,
    /// It waits for a slot, or was given one since it was last polled.
    Waiting,
}

/// Names a connection as long as it is in the queue.
pub(super) type Key = usize;

#[derive(Debug, Default)]
struct Waiting {
    slots_taken: usize,
    /// The tasks of the connections that wait.
    tasks: BTreeMap<Key, Waker>,
    /// The same connections by their source; each has at least one.
    by_source: BTreeMap<Ipv6Addr, Source>,
    /// The sources, the next first.
    sources: VecDeque<Ipv6Addr>,
}

/// Why a connection is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Something happened that it waited for.
    Woken,
    /// It has used up its share of a poll.
    Busy,
    /// Others depend on what its share has left to do.
    Owing,
}

/// The connections of one source that wait.
#[derive(Debug, Default)]
struct Source {
    woken: VecDeque<Key>,
    busy: VecDeque<Key>,
    busy_is_next: bool,
}

impl RunQueue {
    /// Whether a connection that was woken has to wait for its turn.
    pub(super) fn is_full(&self) -> bool {
        self.ready.load(Ordering::Relaxed) >= SLOTS
    }

    /// The connection `key` from `address` is ready: `task` is woken once there is a slot for it.
    pub(super) fn enter(&self, key: Key, address: IpAddr, cause: Cause, task: &Waker) -> Place {
        self.ready.fetch_add(1, Ordering::Relaxed);
        let mut waiting = self.waiting();
        if cause == Cause::Owing || waiting.slots_taken < SLOTS {
            waiting.slots_taken += 1;
            drop(waiting);
            task.wake_by_ref();
            return Place::Slot;
        }
        waiting.push(key, network(address), cause, task.clone());
        Place::Waiting
    }

    /// The connection `key` at `place` is polled. Ready if it may go on, and is nowhere any more: a
    /// task may be woken by others while it waits for a slot.
    pub(super) fn poll_left(&self, key: Key, place: &mut Place) -> Poll<()> {
        if !self.leaves(key, *place) {
            return Poll::Pending;
        }
        *place = Place::Idle;
        Poll::Ready(())
    }

    fn leaves(&self, key: Key, place: Place) -> bool {
        if place == Place::Idle {
            return true;
        }
        let mut waiting = self.waiting();
        if place == Place::Waiting && waiting.tasks.contains_key(&key) {
            return false;
        }
        waiting.slots_taken -= 1;
        // There are more than slots while some of them owe something.
        let next = if waiting.slots_taken < SLOTS { waiting.pop() } else { None };
        drop(waiting);
        self.ready.fetch_sub(1, Ordering::Relaxed);
        if let Some(task) = next {
            task.wake();
        }
        true
    }

    /// The connection `key` at `place` is dropped.
    pub(super) fn dropped(&self, key: Key, place: Place) {
        if !self.leaves(key, place) {
            self.waiting().tasks.remove(&key);
            self.ready.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// The share of one poll of what a connection may do in one at most.
    pub(super) fn share_of(&self, whole: usize) -> usize {
        whole / (self.ready.load(Ordering::Relaxed) / WHOLE_SHARES).clamp(1, PARTS_MAX)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn push(&mut self, key: Key, network: Ipv6Addr, cause: Cause, task: Waker) {
        self.tasks.insert(key, task);
        let source = self.by_source.entry(network).or_default();
        if source.is_empty() {
            self.sources.push_back(network);
        }
        match cause {
            Cause::Woken => source.woken.push_back(key),
            Cause::Busy | Cause::Owing => source.busy.push_back(key),
        }
    }

    /// Gives a slot to the first connection of the next source that has one.
    fn pop(&mut self) -> Option<Waker> {
        loop {
            let network = self.sources.pop_front()?;
            let source = self.by_source.get_mut(&network)?;
            let key = source.pop();
            if source.is_empty() {
                self.by_source.remove(&network);
            } else {
                self.sources.push_back(network);
            }
            // It is gone if it was dropped while it waited.
            if let Some(task) = key.and_then(|key| self.tasks.remove(&key)) {
                self.slots_taken += 1;
                return Some(task);
            }
        }
    }
}

impl Source {
    fn is_empty(&self) -> bool {
        self.woken.is_empty() && self.busy.is_empty()
    }

    fn pop(&mut self) -> Option<Key> {
        self.busy_is_next = !self.busy_is_next;
        let (first, second) = if self.busy_is_next {
            (&mut self.woken, &mut self.busy)
        } else {
            (&mut self.busy, &mut self.woken)
        };
        first.pop_front().or_else(|| second.pop_front())
    }
}

/// The source that `address` belongs to: IPv4 whole, IPv6 by its network of 64 bits, because a
/// single host usually has one of those to itself.
pub(super) fn network(address: IpAddr) -> Ipv6Addr {
    const NETWORK: u128 = !(u64::MAX as u128);
    match address.to_canonical() {
        // No network looks like this: the bits behind the first 64 are not all zero.
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Key, Place, RunQueue, SLOTS};
    use std::net::IpAddr;
    use std::sync::{Arc, Mutex};
    use std::task::{Wake, Waker};

    /// A queue, and the keys of the tasks that it woke.
    #[derive(Default)]
    struct Scene {
        queue: RunQueue,
        woken: Arc<Mutex<Vec<Key>>>,
    }

    struct Task {
        key: Key,
        woken: Arc<Mutex<Vec<Key>>>,
    }

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.woken.lock().expect("a lock").push(self.key);
        }
    }

    impl Scene {
        fn enter(&self, key: Key, last_byte: u8) -> Place {
            self.enter_for(Cause::Busy, key, last_byte)
        }

        fn enter_for(&self, cause: Cause, key: Key, last_byte: u8) -> Place {
            let task = Waker::from(Arc::new(Task { key, woken: Arc::clone(&self.woken) }));
            self.queue.enter(key, IpAddr::from([192, 0, 2, last_byte]), cause, &task)
        }

        fn woken(&self) -> Vec<Key> {
            std::mem::take(&mut self.woken.lock().expect("a lock"))
        }
    }

    /// [common/prompt-2]
    #[test]
    fn a_share_shrinks_with_the_number_of_busy_connections() {
        let Scene { queue, .. } = Scene::default();
        let enter = |key| queue.enter(key, IpAddr::from([0; 4]), Cause::Busy, Waker::noop());
        let mut places = Vec::new();
        for (number, share) in [(0, 65_536), (127, 65_536), (128, 32_768), (1_024, 4_096)] {
            (places.len()..number).for_each(|key| places.push(enter(key)));
            assert_eq!(queue.share_of(65_536), share);
        }
        (1_024..10_024).for_each(|key| places.push(enter(key)));
        assert_eq!(queue.share_of(65_536), 4_096, "there is always something to do");
        (64..10_024).rev().for_each(|key| queue.dropped(key, places[key]));
        assert_eq!(queue.share_of(65_536), 65_536);
    }

    /// [common/prompt-2]
    #[test]
    fn so_many_are_woken_at_once_and_the_next_when_one_of_them_is_polled() {
        let scene = Scene::default();
        for key in 0..SLOTS {
            assert_eq!(scene.enter(key, 1), Place::Slot);
        }
        assert_eq!(scene.woken().len(), SLOTS);
        for key in SLOTS..SLOTS + 2 {
            assert_eq!(scene.enter(key, 1), Place::Waiting);
        }
        assert!(!scene.queue.leaves(SLOTS, Place::Waiting), "woken by somebody else");
        assert!(scene.woken().is_empty());
        assert!(scene.queue.leaves(3, Place::Slot));
        assert_eq!(scene.woken(), [SLOTS]);
        assert!(scene.queue.leaves(SLOTS, Place::Waiting));
        assert_eq!(scene.woken(), [SLOTS + 1]);
    }

    /// [common/prompt-2]
    #[test]
    fn a_second_source_waits_for_one_connection_of_the_first_and_not_for_all() {
        let scene = Scene::default();
        (0..SLOTS + 10).for_each(|key| {
            scene.enter(key, 1);
        });
        for key in [100, 101] {
            assert_eq!(scene.enter(key, 2), Place::Waiting);
        }
        scene.woken();
        (0..4).for_each(|key| assert!(scene.queue.leaves(key, Place::Slot)));
        assert_eq!(scene.woken(), [SLOTS, 100, SLOTS + 1, 101]);
    }

    /// [common/prompt-2]
    #[test]
    fn of_one_source_those_that_were_woken_and_those_that_are_busy_take_turns() {
        let scene = Scene::default();
        (0..SLOTS - 1).for_each(|key| {
            scene.enter(key, 1);
        });
        assert!(!scene.queue.is_full());
        scene.enter(SLOTS - 1, 1);
        assert!(scene.queue.is_full());
        (100..103).for_each(|key| {
            scene.enter(key, 1);
        });
        for key in [200, 201] {
            scene.enter_for(Cause::Woken, key, 1);
        }
        scene.woken();
        (0..5).for_each(|key| assert!(scene.queue.leaves(key, Place::Slot)));
        assert_eq!(scene.woken(), [200, 100, 201, 101, 102]);
    }

    /// [common/prompt-2]
    #[test]
    fn one_that_owes_something_has_a_slot_in_place_of_the_next() {
        let scene = Scene::default();
        (0..SLOTS + 2).for_each(|key| {
            scene.enter(key, 1);
        });
        scene.woken();
        assert!(scene.queue.leaves(0, Place::Slot));
        assert_eq!(scene.woken(), [SLOTS]);
        assert_eq!(scene.enter_for(Cause::Owing, 0, 1), Place::Slot);
        assert_eq!(scene.woken(), [0]);
        assert!(scene.queue.leaves(1, Place::Slot));
        assert!(scene.woken().is_empty(), "there are as many as slots");
        assert!(scene.queue.leaves(0, Place::Slot));
        assert_eq!(scene.woken(), [SLOTS + 1]);
    }

    #[test]
    fn a_dropped_connection_passes_its_slot_on_and_takes_none() {
        let scene = Scene::default();
        (0..SLOTS + 3).for_each(|key| {
            scene.enter(key, 1);
        });
        scene.woken();
        scene.queue.dropped(SLOTS, Place::Waiting);
        scene.queue.dropped(0, Place::Slot);
        assert_eq!(scene.woken(), [SLOTS + 1]);
        scene.queue.dropped(SLOTS + 1, Place::Waiting);
        assert_eq!(scene.woken(), [SLOTS + 2]);
        scene.queue.dropped(SLOTS + 2, Place::Waiting);
        (1..SLOTS).for_each(|key| scene.queue.dropped(key, Place::Slot));
        assert_eq!(scene.enter(0, 1), Place::Slot);
        assert_eq!(scene.queue.share_of(SLOTS), SLOTS);
    }
}
