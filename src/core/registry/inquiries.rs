//! What the registry asks about accounts: a bounded queue of inquiries, and their verdicts.
//!
//! The registry does no I/O and hashes nothing. What a client claims is a value in this queue; the
//! shell takes it, asks its store, and gives the verdict back. The client's request is answered
//! [`Answer::Wait`](crate::protocol::Answer::Wait) meanwhile, and nobody else waits.
//! [extensions/account-9]
//!
//! Its lock is taken with no other, and nothing is locked under it.

use super::call_context::CallContext;
use crate::limits::INQUIRIES_MAX;
use crate::protocol::{Name, Secret};
use crate::sync::{Mutex, MutexGuard, lock};
use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv6Addr;
use std::task::Waker;

/// How a registry treats names that have an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountOptions {
    /// Whether nobody may have a name without an account. [extensions/account-1]
    pub required: bool,
}

/// Something to find out about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inquiry {
    /// Whether there is an account of this name.
    Exists {
        /// The name.
        name: Name,
    },
    /// Whether the account has this password.
    Verify {
        /// The name of the account.
        name: Name,
        /// The password.
        password: Secret,
    },
    /// Whether an account of this name could be made, and now has this password.
    Register {
        /// The name of the account.
        name: Name,
        /// The password.
        password: Secret,
    },
    /// Whether the account had the old password, and now has the new one.
    Change {
        /// The name of the account.
        name: Name,
        /// The password that it has.
        old: Secret,
        /// The password that it is to have.
        new: Secret,
    },
}

/// What an inquiry costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// A look into the store.
    Lookup,
    /// A hash of a password, or two.
    Hash,
}

impl Inquiry {
    /// What it costs.
    pub fn effort(&self) -> Effort {
        match self {
            Inquiry::Exists { .. } => Effort::Lookup,
            Inquiry::Verify { .. } | Inquiry::Register { .. } | Inquiry::Change { .. } => {
                Effort::Hash
            }
        }
    }
}

/// An inquiry on its way.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    /// Goes back with the verdict.
    pub ticket: u64,
    /// The network of the client that waits; `None` for one that no rate concerns.
    pub origin: Option<Ipv6Addr>,
    /// What is to be found out.
    pub inquiry: Inquiry,
}

/// The answer to an inquiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// It was not looked at: there were too many attempts. [extensions/account-8]
    TooMany,
    /// It cannot be found out: the store fails.
    Unavailable,
}

/// A request that waits for a verdict.
#[derive(Debug)]
struct Waiting {
    client: Waker,
    verdict: Option<Verdict>,
}

/// The queue, and what waits for verdicts.
#[derive(Debug)]
pub(super) struct Inquiries {
    pub(super) options: AccountOptions,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    next_ticket: u64,
    lookups: Line,
    hashes: Line,
    waiting: BTreeMap<u64, Waiting>,
}

/// Inquiries of one effort, in the order in which they were asked.
#[derive(Debug, Default)]
struct Line {
    asked: VecDeque<Asked>,
    /// Tasks of the shell that sleep until there is one.
    performers: Vec<Waker>,
}

impl Queue {
    fn line(&mut self, effort: Effort) -> &mut Line {
        match effort {
            Effort::Lookup => &mut self.lookups,
            Effort::Hash => &mut self.hashes,
        }
    }
}

impl Inquiries {
    pub(super) fn new(options: AccountOptions) -> Inquiries {
        Inquiries { options, queue: Mutex::default() }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }

    /// Asks for the caller, which is woken once there is a verdict; returns the ticket, or `None`
    /// if too many passwords wait already. [extensions/account-9]
    pub(super) fn ask(
        &self,
        inquiry: Inquiry,
        origin: Option<Ipv6Addr>,
        call: &mut CallContext<'_>,
    ) -> Option<u64> {
        let mut queue = self.queue();
        let ticket = queue.next_ticket;
        let effort = inquiry.effort();
        let line = queue.line(effort);
        // Looks into the store are cheap, and there is one for each client at most.
        if effort == Effort::Hash && line.asked.len() >= INQUIRIES_MAX {
            return None;
        }
        line.asked.push_back(Asked { ticket, origin, inquiry });
        call.senders.extend(line.performers.pop());
        queue.next_ticket += 1;
        queue.waiting.insert(ticket, Waiting { client: call.caller.clone(), verdict: None });
        Some(ticket)
    }

    /// The verdict that `ticket` waits for, once there is one.
    pub(super) fn verdict(&self, ticket: u64) -> Option<Verdict> {
        self.queue().waiting.get(&ticket)?.verdict
    }

    /// Nobody waits for this verdict any more. What is still in the queue is not looked at.
    pub(super) fn forget(&self, ticket: u64) {
        let mut queue = self.queue();
        if queue.waiting.remove(&ticket).is_some_and(|waiting| waiting.verdict.is_none()) {
            for effort in [Effort::Lookup, Effort::Hash] {
                queue.line(effort).asked.retain(|asked| asked.ticket != ticket);
            }
        }
    }

    /// The next inquiry of this effort; if there is none, `performer` is woken when there is.
    pub(super) fn next(&self, effort: Effort, performer: &Waker) -> Option<Asked> {
        let mut queue = self.queue();
        let line = queue.line(effort);
        let next = line.asked.pop_front();
        if next.is_none() && !line.performers.iter().any(|waker| waker.will_wake(performer)) {
            line.performers.push(performer.clone());
        }
        next
    }

    /// The verdict on `ticket`: whoever waits for it goes on.
    pub(super) fn judged(&self, ticket: u64, verdict: Verdict, call: &mut CallContext<'_>) {
        if let Some(waiting) = self.queue().waiting.get_mut(&ticket) {
            waiting.verdict = Some(verdict);
            call.senders.push(waiting.client.clone());
        }
    }
}
