//! Memory that every poll of a thread uses in turn, so that no connection keeps any of its own.

use crate::transport::Clock;
use parlance_core::limits::READ_BYTES_MAX;
use parlance_core::registry::{BATCH_ENTRIES_MAX, Entry};
use parlance_core::time::Time;
use std::cell::{Cell, RefCell};
use std::task::Waker;

/// Empty between polls, but for its capacity and stale bytes in `input`.
pub(crate) struct Scratch {
    pub(crate) input: Box<[u8]>,
    pub(super) wakers: Vec<Waker>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::new());
    static MOMENT: Cell<Option<Time>> = const { Cell::new(None) };
    static BATCH: Cell<Vec<Entry>> = const { Cell::new(Vec::new()) };
}

impl Scratch {
    fn new() -> Scratch {
        Scratch { input: vec![0; READ_BYTES_MAX].into_boxed_slice(), wakers: Vec::new() }
    }
}

/// Lends the thread's scratch memory to `poll`, or fresh memory if it is lent already: a waker may
/// do anything, even poll another connection.
pub(crate) fn with_scratch<T>(poll: impl FnOnce(&mut Scratch) -> T) -> T {
    SCRATCH.with(|shared| match shared.try_borrow_mut() {
        Ok(mut scratch) => poll(&mut scratch),
        Err(_) => poll(&mut Scratch::new()),
    })
}

/// Lends the thread's batch, which is empty, to `write`; to a write within a write a fresh one.
pub(crate) fn with_batch<T>(write: impl FnOnce(&mut Vec<Entry>) -> T) -> T {
    let mut batch = BATCH.take();
    batch.reserve(BATCH_ENTRIES_MAX);
    let written = write(&mut batch);
    debug_assert!(batch.is_empty(), "the batch was not settled");
    BATCH.set(batch);
    written
}

/// Calls all `wakers`, which all see the time of the call: reading the clock for each would cost
/// more than the rest of the call. So they should be few.
pub(crate) fn wake_all(wakers: impl Iterator<Item = Waker>, clock: &impl Clock) {
    struct Passes;
    impl Drop for Passes {
        fn drop(&mut self) {
            MOMENT.set(None); // after a panic as well
        }
    }
    let mut wakers = wakers.peekable();
    if wakers.peek().is_some() {
        let _passes = Passes;
        MOMENT.set(Some(clock.now()));
        wakers.for_each(Waker::wake);
    }
}

/// What time it is during [`wake_all`].
pub(crate) fn moment() -> Option<Time> {
    MOMENT.get()
}
