//! What the kernel is to tell of one descriptor: a state machine that makes no call.

use std::task::Waker;

/// The two directions of a descriptor, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Directions {
    pub(crate) input: bool,
    pub(crate) output: bool,
}

impl Directions {
    pub(crate) const NONE: Directions = Directions { input: false, output: false };

    pub(crate) fn is_none(self) -> bool {
        self == Directions::NONE
    }
}

/// One direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Input,
    Output,
}

/// What the kernel must be told now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// To tell of these directions, which are the first.
    Add(Directions),
    /// To tell of these instead.
    Modify(Directions),
    /// To tell nothing: even without an interest it would tell of a broken connection, again and
    /// again.
    Remove,
}

/// How often a busy thread is told of input that the task which was woken has not asked for yet,
/// before the kernel is told to be silent. The task asks soon if it is about to be run, and then
/// two calls are saved; that of a client which waits for others does not. A thread that has nothing
/// else to do is told once: its wait would end for nothing.
const UNASKED_MAX: u8 = 8;

/// What waits for one direction.
#[derive(Debug, Default)]
struct Half {
    waiter: Option<Waker>,
    /// How often the kernel has told that it is ready since a task asked last.
    told: u8,
}

/// The interest in one descriptor.
#[derive(Debug, Default)]
pub(crate) struct Interest {
    input: Half,
    output: Half,
    /// What the kernel tells of.
    told: Directions,
}

impl Interest {
    fn half(&mut self, direction: Direction) -> (&mut Half, &mut bool) {
        match direction {
            Direction::Input => (&mut self.input, &mut self.told.input),
            Direction::Output => (&mut self.output, &mut self.told.output),
        }
    }

    /// A task asks whether a direction is ready. If not, it waits, and the kernel may have to be
    /// told of it.
    pub(crate) fn asks(&mut self, direction: Direction, waker: &Waker) -> (bool, Option<Change>) {
        let before = self.told;
        let (half, told) = self.half(direction);
        if std::mem::take(&mut half.told) > 0 {
            return (true, None);
        }
        match &mut half.waiter {
            Some(waiter) => waiter.clone_from(waker),
            None => half.waiter = Some(waker.clone()),
        }
        *told = true;
        (false, self.change_from(before))
    }

    /// The kernel tells that these directions are ready, to a thread that has slept or `is_busy`.
    /// Returns whom to wake.
    ///
    /// The interest in input stays while tasks ask for it: it is told once for many reads. That in
    /// output ends each time, because a socket is nearly always ready for it.
    pub(crate) fn is_ready(
        &mut self,
        ready: Directions,
        is_busy: bool,
    ) -> ([Option<Waker>; 2], Option<Change>) {
        let before = self.told;
        let mut woken = [None, None];
        if ready.input {
            woken[0] = self.input.waiter.take();
            self.input.told = self.input.told.saturating_add(1);
            self.told.input &= woken[0].is_some() || is_busy && self.input.told < UNASKED_MAX;
        }
        if ready.output {
            woken[1] = self.output.waiter.take();
            self.output.told = 1;
            self.told.output = false;
        }
        (woken, self.change_from(before))
    }

    /// The kernel could not be told. Returns who waits for what it will not tell.
    pub(crate) fn forget(&mut self) -> [Option<Waker>; 2] {
        let Interest { input, output, .. } = std::mem::take(self);
        [input.waiter, output.waiter]
    }

    /// The descriptor is to be closed.
    pub(crate) fn ends(&mut self) -> Option<Change> {
        let before = std::mem::take(&mut self.told);
        self.change_from(before)
    }

    fn change_from(&self, before: Directions) -> Option<Change> {
        match (before.is_none(), self.told.is_none()) {
            _ if before == self.told => None,
            (true, _) => Some(Change::Add(self.told)),
            (_, true) => Some(Change::Remove),
            _ => Some(Change::Modify(self.told)),
        }
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{Change, Direction, Directions, Interest, UNASKED_MAX};
    use proptest::prelude::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A kernel that tells by level, and a task for each direction.
    #[derive(Default)]
    struct Scene {
        interest: Interest,
        /// What the kernel was told, as it counts.
        watched: Option<Directions>,
        ready: Directions,
        broken: bool,
        counts: [Arc<Count>; 2],
        /// Whether each task waits: it was told that its direction is not ready, and not woken.
        waits: [bool; 2],
    }

    impl Scene {
        fn change(&mut self, change: Option<Change>) {
            match change {
                None => {}
                Some(Change::Add(directions)) => {
                    assert_eq!(self.watched.replace(directions), None, "it is known already");
                    assert!(!directions.is_none());
                }
                Some(Change::Modify(directions)) => {
                    assert!(self.watched.replace(directions).is_some(), "it is not known");
                    assert!(!directions.is_none());
                }
                Some(Change::Remove) => {
                    assert!(self.watched.take().is_some(), "it is not known");
                }
            }
        }

        fn asks(&mut self, direction: Direction) {
            let index = usize::from(direction == Direction::Output);
            let waker = Waker::from(Arc::clone(&self.counts[index]));
            let (is_ready, change) = self.interest.asks(direction, &waker);
            self.change(change);
            self.waits[index] = !is_ready;
        }

        /// One wait; whether the kernel had anything to tell.
        fn wait(&mut self, is_busy: bool) -> bool {
            let Some(watched) = self.watched else { return false };
            let told = Directions {
                input: self.broken || self.ready.input && watched.input,
                output: self.broken || self.ready.output && watched.output,
            };
            if told.is_none() {
                return false;
            }
            let before = self.counts.each_ref().map(|count| count.0.load(Ordering::Relaxed));
            let (wakers, change) = self.interest.is_ready(told, is_busy);
            wakers.into_iter().flatten().for_each(Waker::wake);
            self.change(change);
            for (index, is_told) in [told.input, told.output].into_iter().enumerate() {
                let woken = self.counts[index].0.load(Ordering::Relaxed) - before[index];
                assert_eq!(woken, usize::from(is_told && self.waits[index]));
                self.waits[index] &= !is_told;
            }
            true
        }
    }

    proptest! {
        /// A task that waits is woken by the next wait once its direction is ready, once; the
        /// kernel is told nothing that it does not expect; and what nobody asks for is told a few
        /// times and then no more.
        #[test]
        fn each_waiting_task_is_woken_and_unread_input_is_told_a_few_times(
            acts in prop::collection::vec(0..8_u8, 0..60),
            is_busy: bool,
        ) {
            let mut scene = Scene::default();
            for act in acts {
                match act {
                    0 => scene.asks(Direction::Input),
                    1 => scene.asks(Direction::Output),
                    2 | 3 => drop(scene.wait(act == 2)),
                    4 => scene.ready.input ^= true,
                    5 => scene.ready.output ^= true,
                    6 => scene.broken = true,
                    _ => scene.ready = Directions::NONE,
                }
            }
            let both = [Direction::Input, Direction::Output];
            for (index, direction) in both.into_iter().enumerate() {
                let is_ready = [scene.ready.input, scene.ready.output][index] || scene.broken;
                if scene.waits[index] && is_ready {
                    let before = scene.counts[index].0.load(Ordering::Relaxed);
                    scene.wait(false);
                    let woken = scene.counts[index].0.load(Ordering::Relaxed) - before;
                    prop_assert_eq!(woken, 1, "{:?} is slept over", direction);
                }
            }
            scene.ready = Directions { input: true, output: true };
            let waits = (0..1000).take_while(|_| scene.wait(is_busy)).count();
            let most = if is_busy { usize::from(UNASKED_MAX) } else { 1 };
            prop_assert!(waits <= most + 1, "{} waits", waits);
        }
    }
}
