//! How a thread that wakes another one ends its wait, and none is slept over.
//!
//! Each side says something and then looks at what the other has said, with a fence between: so one
//! of the two sees the other. Loom explores it (`scripts/loom`).

#[cfg(parlance_loom)]
use loom::sync::atomic::{AtomicBool, Ordering, fence};
#[cfg(not(parlance_loom))]
use std::sync::atomic::{AtomicBool, Ordering, fence};

/// Between the thread that waits for the kernel and those that have news for it.
#[derive(Debug)]
pub(crate) struct Doorbell {
    has_news: AtomicBool,
    is_asleep: AtomicBool,
}

impl Doorbell {
    pub(crate) fn new() -> Doorbell {
        Doorbell { has_news: AtomicBool::new(false), is_asleep: AtomicBool::new(false) }
    }

    /// There is news. Whether the caller must end the wait: the thread is asleep, or about to be,
    /// and nobody has seen to it yet.
    pub(crate) fn ring(&self) -> bool {
        !self.has_news.swap(true, Ordering::AcqRel) && self.is_asleep()
    }

    /// Whether a change that the caller has made before may be slept over.
    pub(crate) fn is_asleep(&self) -> bool {
        fence(Ordering::SeqCst);
        self.is_asleep.load(Ordering::Relaxed)
    }

    /// The thread is about to wait. Whether it may: there is no news. What it looks at afterwards
    /// has every change whose author is not told that it is asleep.
    pub(crate) fn fall_asleep(&self) -> bool {
        self.is_asleep.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        !self.has_news.load(Ordering::Relaxed)
    }

    /// The thread does not wait any more.
    pub(crate) fn wake_up(&self) {
        self.is_asleep.store(false, Ordering::Relaxed);
    }

    /// The thread looks at the news now. What is told from here on is news again.
    pub(crate) fn take_news(&self) {
        self.has_news.swap(false, Ordering::AcqRel);
    }
}

impl Default for Doorbell {
    fn default() -> Doorbell {
        Doorbell::new()
    }
}

/// That a future is to be polled, and where its thread waits for that.
#[derive(Debug)]
pub(crate) struct Call {
    is_made: AtomicBool,
    is_at_the_reactor: AtomicBool,
}

impl Call {
    /// It is to be polled for the first time.
    pub(crate) fn new() -> Call {
        Call { is_made: AtomicBool::new(true), is_at_the_reactor: AtomicBool::new(false) }
    }

    /// The future is to be polled. Whether its thread waits at the reactor, if it waits.
    pub(crate) fn make(&self) -> bool {
        self.is_made.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
        self.is_at_the_reactor.load(Ordering::Relaxed)
    }

    /// From now on the thread waits at the reactor. It looks for calls before it does.
    pub(crate) fn waits_at_the_reactor(&self) {
        self.is_at_the_reactor.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
    }

    /// Whether the future is to be polled.
    pub(crate) fn is_made(&self) -> bool {
        self.is_made.load(Ordering::Acquire)
    }

    /// Whether the future is to be polled, which the caller does.
    pub(crate) fn take(&self) -> bool {
        self.is_made.swap(false, Ordering::AcqRel)
    }
}

impl Default for Call {
    fn default() -> Call {
        Call::new()
    }
}

#[cfg(all(test, parlance_loom))]
mod tests {
    use super::{Call, Doorbell};
    use loom::sync::Arc;
    use loom::sync::atomic::{AtomicBool, Ordering};
    use loom::thread;

    /// Something that is looked for before a wait, and whether the wait was ended.
    struct Scene {
        doorbell: Doorbell,
        call: Call,
        change: AtomicBool,
        is_ended: AtomicBool,
    }

    fn scene() -> Arc<Scene> {
        let [change, is_ended] = [(); 2].map(|()| AtomicBool::new(false));
        let scene = Scene { doorbell: Doorbell::new(), call: Call::new(), change, is_ended };
        Arc::new(scene)
    }

    fn end_the_wait(scene: &Scene) {
        scene.is_ended.store(true, Ordering::Release);
    }

    #[test]
    fn no_ring_is_slept_over() {
        loom::model(|| {
            let scene = scene();
            let others: Vec<_> = (0..2)
                .map(|_| {
                    let scene = Arc::clone(&scene);
                    thread::spawn(move || {
                        if scene.doorbell.ring() {
                            end_the_wait(&scene);
                        }
                    })
                })
                .collect();
            let sleeps = scene.doorbell.fall_asleep();
            for other in others {
                other.join().expect("it rings");
            }
            assert!(!sleeps || scene.is_ended.load(Ordering::Acquire));
        });
    }

    #[test]
    fn no_change_is_slept_over() {
        loom::model(|| {
            let scene = scene();
            let other = Arc::clone(&scene);
            let other = thread::spawn(move || {
                other.change.store(true, Ordering::Relaxed);
                if other.doorbell.is_asleep() {
                    end_the_wait(&other);
                }
            });
            let sleeps = scene.doorbell.fall_asleep() && !scene.change.load(Ordering::Relaxed);
            other.join().expect("it changes something");
            assert!(!sleeps || scene.is_ended.load(Ordering::Acquire));
        });
    }

    /// The thread takes its place at the reactor while somebody calls.
    #[test]
    fn no_call_is_slept_over() {
        loom::model(|| {
            let scene = scene();
            assert!(scene.call.take(), "the first poll");
            let other = Arc::clone(&scene);
            let other = thread::spawn(move || {
                if other.call.make() && other.doorbell.ring() {
                    end_the_wait(&other);
                }
            });
            scene.call.waits_at_the_reactor();
            scene.doorbell.take_news();
            let sleeps = !scene.call.take() && scene.doorbell.fall_asleep();
            other.join().expect("it calls");
            assert!(!sleeps || scene.is_ended.load(Ordering::Acquire));
        });
    }
}
