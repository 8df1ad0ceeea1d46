//! The tasks that have inquiries judged, on threads that may block.

use super::judge::Judge;
use crate::keeping::Wall;
use crate::service::Service;
use crate::transport::Clock;
use parlance_core::registry::{CallContext, Effort};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::SystemTime;

/// The tasks, by what the inquiries cost that each takes: two hashes at a time, and looks into the
/// store that wait for none. [extensions/account-9]
pub const WORKERS: [Effort; 3] = [Effort::Lookup, Effort::Hash, Effort::Hash];

/// Takes inquiries of this `effort` from the registry of `service`, one at a time, for ever.
pub async fn work<C: Clock>(service: Arc<Service<C>>, judge: Arc<Judge>, effort: Effort) {
    loop {
        let next = poll_fn(|cx| match service.registry().next_inquiry(effort, cx.waker()) {
            Some(asked) => Poll::Ready(asked),
            None => Poll::Pending,
        });
        let asked = next.await;
        let (ticket, judge) = (asked.ticket, Arc::clone(&judge));
        let wall = Wall { now: service.clock().now(), millis: millis() };
        let verdict = smol::unblock(move || judge.judge(asked, wall)).await;
        let mut call = CallContext::new(service.clock().now(), Waker::noop());
        service.registry().judged(ticket, verdict, &mut call);
    }
}

/// The time of the calendar.
fn millis() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
