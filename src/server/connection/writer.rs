//! The half of a connection that others may use: who has something for its client writes it.

use super::scratch::{moment, with_batch};
use crate::service::Service;
use crate::transport::{Accepted, Clock, Stream};
use parlance_core::registry::{CallContext, Entry, OutboxState, Outlet, Taken};
use parlance_core::time::Time;
use std::io;
use std::sync::{Arc, OnceLock};
use std::task::{Wake, Waker};

/// Maximum batches per call. After them the client's own task continues, so that other tasks on the
/// thread run in between.
const BATCHES_MAX: usize = 4;

/// Maximum bytes offered to the stream per call, as many as one read brings: a list of all rooms
/// must not delay the other tasks by its whole length. [common/prompt-2]
const WRITE_BYTES_MAX: usize = 64 * 1024;

/// Writes the pending lines of one client.
///
/// It is also the waker that the registry calls when lines become pending for an idle client.
/// Waking it writes at once, on the thread of the caller, which saves a switch to the client's task
/// for each line. The task is woken for the rest: a socket that refuses or is broken, and a client
/// that is to be closed.
pub(super) struct Writer<S, C: Clock> {
    pub(super) stream: S,
    outlet: Outlet,
    service: Arc<Service<C>>,
    /// Wakes the connection's task; known from its first poll on.
    task: OnceLock<Waker>,
}

/// What writing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// All of it; the client stands like this.
    All(OutboxState),
    /// Somebody else is at it, and wakes the task if there is more to do than writing.
    Elsewhere(OutboxState),
    /// The socket takes no more at the moment.
    Refused,
    /// As much as one may write; there is more.
    Enough,
    /// The socket is broken.
    Broken,
}

impl<S: Stream, C: Clock> Writer<S, C> {
    pub(super) fn new(stream: S, outlet: Outlet, service: Arc<Service<C>>) -> Arc<Writer<S, C>> {
        Arc::new(Writer { stream, outlet, service, task: OnceLock::new() })
    }

    /// The task that `waker` wakes is the connection's. A task keeps its waker for life on our
    /// executors, so the first one stays.
    pub(super) fn belongs_to(&self, waker: &Waker) {
        self.task.get_or_init(|| waker.clone());
    }

    /// Writes up to [`BATCHES_MAX`] batches and [`WRITE_BYTES_MAX`] bytes. `own` is this writer's
    /// waker.
    pub(super) fn write(&self, now: Time, own: &Waker) -> Written {
        let mut call = CallContext::new(now, own);
        let mut left = WRITE_BYTES_MAX;
        with_batch(|batch| {
            for _ in 0..BATCHES_MAX {
                match self.outlet.take(batch, own) {
                    Taken::Nothing(outbox_state) => return Written::All(outbox_state),
                    Taken::Elsewhere(outbox_state) => return Written::Elsewhere(outbox_state),
                    Taken::Batch => {}
                }
                let Ok(Accepted { bytes, all }) = offer(&self.stream, batch, left) else {
                    self.outlet.settle(batch, 0, false, &mut call);
                    return Written::Broken;
                };
                let more = self.outlet.settle(batch, bytes, !all, &mut call);
                if !all {
                    return Written::Refused;
                }
                if !more {
                    return Written::All(OutboxState::Open);
                }
                left -= bytes;
                if left == 0 {
                    break;
                }
            }
            Written::Enough
        })
    }
}

/// One write of the first `bytes_max` bytes of `batch`.
fn offer<S: Stream>(stream: &S, batch: &[Entry], bytes_max: usize) -> io::Result<Accepted> {
    loop {
        match stream.try_write_entries(batch, bytes_max) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Ok(Accepted { bytes: 0, all: false });
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            written => return written,
        }
    }
}

impl<S: Stream, C: Clock> Wake for Writer<S, C> {
    fn wake(self: Arc<Self>) {
        let now = moment().unwrap_or_else(|| self.service.clock.now());
        let own = Waker::from(Arc::clone(&self));
        match self.write(now, &own) {
            Written::All(OutboxState::Open) | Written::Elsewhere(_) => {}
            Written::All(_) | Written::Refused | Written::Enough | Written::Broken => {
                if let Some(task) = self.task.get() {
                    task.wake_by_ref();
                }
            }
        }
    }
}
