//! Signs of life, which the service manager restarts the daemon without.

use crate::transport::{Clock, Timer};
use std::convert::Infallible;
use std::ffi::OsString;
use std::future::{Future, poll_fn};
use std::process;
use std::time::Duration;

/// How often a sign of life is sent: twice in the time that the service manager gives for
/// one. Nothing, if it asks for none, or for one of another process.
pub(super) fn interval(
    microseconds: Option<OsString>,
    process: Option<OsString>,
) -> Result<Option<Duration>, String> {
    let Some(given) = microseconds else { return Ok(None) };
    if process.is_some_and(|process| process != *process::id().to_string()) {
        return Ok(None);
    }
    let number = given.to_str().and_then(|text| text.parse::<u64>().ok());
    let number = number.filter(|number| *number >= 2);
    let number = number.ok_or_else(|| {
        format!("WATCHDOG_USEC is {:?}, and no time in µs", given.display().to_string())
    })?;
    Ok(Some(Duration::from_micros(number / 2)))
}

/// Calls `say` at once and then each time `interval` is over, but only after what `progress`
/// returned has come to its end: this may be polled while nothing else goes on.
/// [common/service-3]
pub(super) async fn keep_alive<C: Clock, F: Future>(
    clock: C,
    interval: Duration,
    progress: impl Fn() -> F,
    say: impl Fn(),
) -> Infallible {
    loop {
        progress().await;
        say();
        let mut timer = clock.timer(clock.now() + interval);
        poll_fn(|cx| timer.poll_fired(cx)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::{interval, keep_alive};
    use crate::transport::{Clock, Timer};
    use futures_lite::future::{self, poll_once};
    use parlance_core::time::Time;
    use std::cell::Cell;
    use std::process;
    use std::task::{Context, Poll};
    use std::time::Duration;

    /// Every timer of this clock fires at once.
    #[derive(Clone, Copy)]
    struct Hurried;

    impl Clock for Hurried {
        type Timer = Over;

        fn now(&self) -> Time {
            Time::ZERO
        }

        fn timer(&self, at: Time) -> Over {
            assert_eq!(at, Time::ZERO + Duration::from_secs(5));
            Over
        }
    }

    struct Over;

    impl Timer for Over {
        fn poll_fired(&mut self, _: &mut Context<'_>) -> Poll<()> {
            Poll::Ready(())
        }
    }

    /// [common/service-3]
    #[test]
    fn an_executor_that_stands_still_gives_no_sign_of_life() {
        let (asked, said) = (Cell::new(0), Cell::new(0));
        let progress = || {
            asked.set(asked.get() + 1);
            let stands_still = asked.get() > 3;
            async move {
                if stands_still {
                    future::pending::<()>().await;
                }
            }
        };
        let say = || {
            said.set(said.get() + 1);
            assert!(said.get() <= 3, "no task has run since");
        };
        let alive = keep_alive(Hurried, Duration::from_secs(5), progress, say);
        assert!(future::block_on(poll_once(alive)).is_none());
        assert_eq!((asked.get(), said.get()), (4, 3));
    }

    /// [common/service-3]
    #[test]
    fn signs_of_life_come_twice_in_the_time_that_is_waited_for_them() {
        let ten_seconds = || Some("10000000".into());
        let half = Ok(Some(Duration::from_secs(5)));
        assert_eq!(interval(ten_seconds(), None), half);
        assert_eq!(interval(ten_seconds(), Some(process::id().to_string().into())), half);
        assert_eq!(interval(ten_seconds(), Some("1".into())), Ok(None), "another process");
        assert_eq!(interval(None, None), Ok(None));
        for wrong in ["1", "-1", "10s", "99999999999999999999"] {
            assert!(interval(Some(wrong.into()), None).is_err(), "{wrong}");
        }
    }
}
