//! An executor of one thread whose order is drawn from a seed.

use super::lock;
use super::random::Random;
use parlance_server::transport::Spawn;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Wake, Waker};

/// More polls than any scenario needs before everything sleeps: somebody spins.
const POLLS_MAX: usize = 1_000_000;

/// Polls one ready task at a time, whichever the seed names. Every task has one waker for life.
#[derive(Clone)]
pub(crate) struct Executor(Arc<Mutex<State>>);

struct State {
    random: Random,
    tasks: BTreeMap<u64, Task>,
    /// Each woken task once.
    ready: Vec<u64>,
    tasks_made: u64,
    polls: usize,
}

type Body = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Task {
    /// Absent while it is polled.
    body: Option<Body>,
    waker: Waker,
}

struct Bell {
    task: u64,
    executor: Weak<Mutex<State>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        if let Some(state) = self.executor.upgrade() {
            lock(&state).make_ready(self.task);
        }
    }
}

impl State {
    fn make_ready(&mut self, task: u64) {
        if self.tasks.contains_key(&task) && !self.ready.contains(&task) {
            self.ready.push(task);
        }
    }
}

impl Executor {
    pub(crate) fn new(random: Random) -> Executor {
        Executor(Arc::new(Mutex::new(State {
            random,
            tasks: BTreeMap::new(),
            ready: Vec::new(),
            tasks_made: 0,
            polls: 0,
        })))
    }

    /// Adds a task and returns its number, by which it can be cancelled.
    pub(crate) fn start(&self, task: impl Future<Output = ()> + Send + 'static) -> u64 {
        let mut state = lock(&self.0);
        state.tasks_made += 1;
        let number = state.tasks_made;
        let bell = Bell { task: number, executor: Arc::downgrade(&self.0) };
        let waker = Waker::from(Arc::new(bell));
        state.tasks.insert(number, Task { body: Some(Box::pin(task)), waker });
        state.make_ready(number);
        number
    }

    /// Drops a task. What its destructors wake is polled as usual.
    pub(crate) fn cancel(&self, number: u64) {
        let task = lock(&self.0).tasks.remove(&number);
        drop(task); // after the lock
    }

    /// Drops the task that was added last.
    pub(crate) fn cancel_newest(&self) {
        let newest = lock(&self.0).tasks_made;
        self.cancel(newest);
    }

    /// Drops every task.
    pub(crate) fn clear(&self) {
        let tasks = std::mem::take(&mut lock(&self.0).tasks);
        drop(tasks); // after the lock
    }

    /// Polls one ready task; false if there is none.
    pub(crate) fn step(&self) -> bool {
        let mut state = lock(&self.0);
        if state.ready.is_empty() {
            return false;
        }
        let choices = state.ready.len();
        let chosen = state.random.below(choices);
        let number = state.ready.swap_remove(chosen);
        let Some(task) = state.tasks.get_mut(&number) else {
            return true;
        };
        let mut body = task.body.take().expect("one thread polls, so nobody else has it");
        let waker = task.waker.clone();
        state.polls += 1;
        drop(state);
        let poll = body.as_mut().poll(&mut Context::from_waker(&waker));
        let mut state = lock(&self.0);
        if poll.is_pending()
            && let Some(task) = state.tasks.get_mut(&number)
        {
            task.body = Some(body);
        } else {
            let task = state.tasks.remove(&number);
            drop(state);
            drop((body, task)); // after the lock: destructors wake
        }
        true
    }

    /// Polls until every task sleeps.
    pub(crate) fn run(&self) {
        for _ in 0..POLLS_MAX {
            if !self.step() {
                return;
            }
        }
        panic!("some task spins: {POLLS_MAX} polls and no rest");
    }

    /// Wakes some task for no reason.
    pub(crate) fn nudge(&self) {
        let mut state = lock(&self.0);
        if !state.tasks.is_empty() {
            let choices = state.tasks.len();
            let chosen = state.random.below(choices);
            let number = *state.tasks.keys().nth(chosen).expect("it is below the number of tasks");
            state.make_ready(number);
        }
    }

    /// How many tasks are ready.
    pub(crate) fn ready(&self) -> usize {
        lock(&self.0).ready.len()
    }

    /// How many polls there were so far.
    pub(crate) fn polls(&self) -> usize {
        lock(&self.0).polls
    }
}

impl Spawn for Executor {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.start(task);
    }
}
