//! Runs a future on a thread that waits for its events itself.

use super::doorbell::Call;
use super::reactor::{Reactor, Turn, reactor};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// The thread that runs the future.
struct Runner {
    call: Call,
    reactor: &'static Reactor,
    thread: Thread,
}

impl Wake for Runner {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.call.make() {
            // It has the reactor, and waits there if it waits.
            self.reactor.ring();
        } else {
            self.thread.unpark();
        }
    }
}

/// Runs `future` to its end. Between two polls the thread waits for sources and timers; if another
/// thread does that already, it only waits to be woken, and takes over at the other's end.
///
/// Not to be called by a future that is run by it: the inner one would wait for ever.
///
/// # Panics
/// Panics if the system has no descriptor for the reactor.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let reactor = reactor().expect("a process that serves has descriptors");
    let runner = Arc::new(Runner { call: Call::new(), reactor, thread: thread::current() });
    let waker = Waker::from(Arc::clone(&runner));
    let mut future = pin!(future);
    loop {
        if let Some(turn) = reactor.try_turn() {
            // In this order: the turn is over before it is handed over.
            let _hand_over = HandOver(reactor);
            let mut turn = turn;
            runner.call.waits_at_the_reactor();
            return drive(&runner, &mut turn, future, &waker);
        }
        if runner.call.take()
            && let Poll::Ready(end) = future.as_mut().poll(&mut Context::from_waker(&waker))
        {
            return end;
        }
        // It stands on the list before it looks again, so that no end of a turn is missed.
        reactor.awaits_a_turn(thread::current());
        if !reactor.is_free() && !runner.call.is_made() {
            thread::park();
        }
    }
}

/// Hands the turn over when it is dropped: also if the future panics.
struct HandOver(&'static Reactor);

impl Drop for HandOver {
    fn drop(&mut self) {
        self.0.hand_over();
    }
}

/// As [`block_on`], for the thread whose turn it is.
fn drive<F: Future>(
    runner: &Runner,
    turn: &mut Turn,
    mut future: Pin<&mut F>,
    waker: &Waker,
) -> F::Output {
    let mut context = Context::from_waker(waker);
    loop {
        // In this order: whoever calls after the look rings anew.
        runner.reactor.take_news();
        if runner.call.take()
            && let Poll::Ready(end) = future.as_mut().poll(&mut context)
        {
            return end;
        }
        runner.reactor.wait(turn);
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::block_on;
    use crate::{Source, Timer};
    use std::future::poll_fn;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc::channel;
    use std::task::Poll;
    use std::thread;
    use std::time::{Duration, Instant};

    fn connection() -> (TcpStream, Source<TcpStream>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let client = TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens");
        let (accepted, _) = listener.accept().expect("it connects");
        accepted.set_nonblocking(true).expect("a socket");
        (client, Source::new(accepted).expect("a reactor"))
    }

    fn read(source: &Source<TcpStream>) -> Vec<u8> {
        let mut buffer = [0; 64];
        block_on(poll_fn(|cx| {
            loop {
                match source.get_ref().read(&mut buffer) {
                    Ok(count) => return Poll::Ready(buffer[..count].to_vec()),
                    Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
                }
                if source.poll_readable(cx).is_pending() {
                    return Poll::Pending;
                }
            }
        }))
    }

    #[test]
    fn input_that_comes_later_wakes_the_thread_each_time() {
        let (mut client, server) = connection();
        let (ask, asked) = channel::<()>();
        let writer = thread::spawn(move || {
            while asked.recv().is_ok() {
                client.write_all(b"word").expect("it is open");
            }
        });
        for _ in 0..50 {
            ask.send(()).expect("it waits");
            assert_eq!(read(&server), b"word");
        }
        drop(ask);
        writer.join().expect("it only writes");
        assert_eq!(read(&server), b"", "the end is told too");
    }

    /// What is left behind by a read is told again, however often nobody asked.
    #[test]
    fn input_that_was_not_read_is_told_again() {
        let (mut client, server) = connection();
        client.write_all(b"ab").expect("it is open");
        let mut byte = [0];
        for expected in [b"a", b"b"] {
            block_on(poll_fn(|cx| server.poll_readable(cx)));
            server.get_ref().read_exact(&mut byte).expect("it has one");
            assert_eq!(&byte, expected);
        }
    }

    /// A reset that nobody waits for is told once: the kernel would tell it in every wait.
    #[test]
    fn a_broken_connection_that_nobody_waits_for_keeps_no_thread_busy() {
        let (mut client, server) = connection();
        client.write_all(b"unread").expect("it is open");
        assert_eq!(read(&server), b"unread");
        let mut asked = false;
        block_on(poll_fn(|cx| {
            let pending =
                !std::mem::replace(&mut asked, true) && server.poll_readable(cx).is_pending();
            if pending { Poll::Ready(()) } else { Poll::Pending }
        }));
        server.get_ref().write_all(b"unread too").expect("it is open");
        drop(client);
        let begun = Instant::now();
        let mut timer = Timer::at(begun + Duration::from_millis(30));
        let mut polls = 0;
        block_on(poll_fn(|cx| {
            polls += 1;
            timer.poll_fired(cx)
        }));
        assert!(polls <= 4, "{polls} polls");
    }

    #[test]
    fn output_is_told_once_the_peer_reads() {
        let (mut client, server) = connection();
        let chunk = vec![b'x'; 1 << 20];
        let mut sent = 0;
        while let Ok(count) = server.get_ref().write(&chunk) {
            sent += count;
        }
        let reader = thread::spawn(move || {
            let mut taken = vec![0; sent];
            client.read_exact(&mut taken).expect("so much was sent");
            client
        });
        block_on(poll_fn(|cx| server.poll_writable(cx)));
        assert!(server.get_ref().write(b"x").is_ok());
        reader.join().expect("it only reads");
    }

    #[test]
    fn each_timer_fires_and_not_early() {
        let begun = Instant::now();
        let mut timers: Vec<(Instant, Timer)> = [9, 3, 6]
            .map(|millis| begun + Duration::from_millis(millis))
            .map(|at| (at, Timer::at(at)))
            .into();
        block_on(poll_fn(|cx| {
            timers.retain_mut(|(at, timer)| {
                let is_over = timer.poll_fired(cx).is_ready();
                assert!(!is_over || Instant::now() >= *at);
                !is_over
            });
            if timers.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        }));
        let mut never = Timer::never();
        block_on(poll_fn(|cx| {
            assert!(never.poll_fired(cx).is_pending());
            Poll::Ready(())
        }));
    }

    /// A timer of another thread that is earlier than all others is not slept over.
    #[test]
    fn a_thread_that_waits_learns_of_an_earlier_timer() {
        let begun = Instant::now();
        let (tell, told) = channel();
        let sleeper = thread::spawn(move || {
            let mut late = Timer::at(begun + Duration::from_secs(60));
            let mut waker = None;
            block_on(poll_fn(|cx| {
                let is_woken = waker.replace(cx.waker().clone()).is_some();
                assert!(late.poll_fired(cx).is_pending());
                tell.send(cx.waker().clone()).expect("somebody listens");
                if is_woken { Poll::Ready(()) } else { Poll::Pending }
            }));
        });
        let waker = told.recv().expect("it runs");
        let mut early = Timer::at(Instant::now() + Duration::from_millis(5));
        let mut context = std::task::Context::from_waker(&waker);
        assert!(early.poll_fired(&mut context).is_pending());
        told.recv().expect("the early timer wakes it");
        sleeper.join().expect("it ends");
        assert!(begun.elapsed() < Duration::from_secs(50));
    }

    /// A file cannot be watched, and neither can a socket that the kernel has no memory for: what
    /// waits for it looks now and then, and keeps no thread busy.
    #[test]
    fn a_descriptor_that_cannot_be_watched_is_looked_at_now_and_then() {
        let file = std::fs::File::open(env!("CARGO_MANIFEST_PATH")).expect("it is there");
        let source = Source::new(file).expect("a reactor");
        let (mut polls, begun) = (0, Instant::now());
        block_on(poll_fn(|cx| {
            polls += 1;
            let is_over = begun.elapsed() >= Duration::from_millis(120);
            if !is_over {
                assert!(source.poll_readable(cx).is_pending());
            }
            if is_over { Poll::Ready(()) } else { Poll::Pending }
        }));
        assert!((3..=5).contains(&polls), "{polls} polls");
    }

    /// The turn of a future that panics is over too.
    #[test]
    fn a_panic_hands_the_turn_over() {
        let panicked =
            thread::spawn(|| block_on(poll_fn(|_| -> Poll<()> { panic!("as planned") })));
        assert!(panicked.join().is_err());
        let mut timer = Timer::at(Instant::now() + Duration::from_millis(1));
        block_on(poll_fn(|cx| timer.poll_fired(cx)));
    }

    /// The thread that waits for its turn takes over when the other's future ends.
    #[test]
    fn many_threads_share_the_reactor() {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                thread::spawn(move || {
                    let (mut client, server) = connection();
                    let mut timer = Timer::at(Instant::now() + Duration::from_millis(number));
                    block_on(poll_fn(|cx| timer.poll_fired(cx)));
                    client.write_all(&[b'0' + u8::try_from(number).unwrap_or(0)]).expect("open");
                    assert_eq!(read(&server).len(), 1);
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("it is served");
        }
    }
}
