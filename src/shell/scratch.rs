//! Memory that every poll of a thread uses in turn, so that no connection keeps any of its own.

use crate::limits::READ_BYTES_MAX;
use crate::registry::{BATCH_ENTRIES_MAX, Entry};
use std::cell::RefCell;
use std::task::Waker;

/// Empty between polls, but for its capacity and stale bytes in `input`.
pub(super) struct Scratch {
    pub(super) input: Box<[u8]>,
    pub(super) batch: Vec<Entry>,
    pub(super) wakers: Vec<Waker>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::new());
}

impl Scratch {
    fn new() -> Scratch {
        Scratch {
            input: vec![0; READ_BYTES_MAX].into_boxed_slice(),
            batch: Vec::with_capacity(BATCH_ENTRIES_MAX),
            wakers: Vec::new(),
        }
    }
}

/// Lends the thread's scratch memory to `poll`, or fresh memory if it is lent already: a waker may
/// do anything, even poll another connection.
pub(super) fn with_scratch<T>(poll: impl FnOnce(&mut Scratch) -> T) -> T {
    SCRATCH.with(|shared| match shared.try_borrow_mut() {
        Ok(mut scratch) => {
            // A panic in an earlier poll may have left entries behind.
            scratch.batch.clear();
            poll(&mut scratch)
        }
        Err(_) => poll(&mut Scratch::new()),
    })
}
