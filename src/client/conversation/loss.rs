//! The end of a connection that the user did not ask for.

use super::{Conversation, End, Phase};
use crate::pending::Pending;
use crate::sanitize::sanitize;
use parlance_speech::Entry;

/// Maximum number of lost lines that are shown one by one.
const SHOWN_MAX: usize = 10;

impl Conversation {
    /// Names a reason for an end that the server has not explained.
    pub(crate) fn suspect(&mut self, why: &str) {
        self.complaint.get_or_insert_with(|| why.to_owned());
    }

    /// Takes the end of the connection, orderly or for the reason `why`.
    pub fn closed(&mut self, why: Option<&str>) {
        if self.phase == Phase::Leaving && self.pending.is_empty() {
            return self.finish(End::Left);
        }
        let mut reason = match (why, &self.complaint) {
            (Some(why), _) => format!("the connection is lost: {why}"),
            (None, Some(complaint)) => format!("the server closed the connection: {complaint}"),
            (None, None) => "the server closed the connection without a reason".to_owned(),
        };
        if self.topic.dialect.entry() == Entry::Silent && !self.echoed {
            let user = &self.topic.user;
            reason = format!("{reason}; perhaps it does not take {user} as a name");
        } else if (why, &self.complaint) == (None, &None) && self.phase == Phase::Ready {
            reason += ": it stopped, or this client read too slowly for it";
        }
        self.lose(reason);
    }

    /// Ends a conversation that the user did not end, and says which lines may be lost with it.
    pub(super) fn lose(&mut self, reason: String) {
        if self.end.is_some() {
            return;
        }
        let lost = self.unanswered();
        let more = lost.len().saturating_sub(SHOWN_MAX);
        for text in lost.into_iter().take(SHOWN_MAX) {
            self.fail(format!("it is not known whether this has arrived: {text}"));
        }
        if more > 0 {
            self.fail(format!("it is not known whether {more} more lines have arrived"));
        }
        // Without echoes and answers there is no record, but the bytes are still here.
        if self.pending.is_empty() && !self.unsent.is_empty() {
            let lines = memchr::memchr_iter(b'\n', &self.unsent).count();
            self.fail(format!("lines that are not sent: {lines}"));
        }
        self.finish(match self.phase {
            Phase::Leaving => End::Abandoned(reason),
            Phase::Entering | Phase::Locked | Phase::Ready => End::Lost(reason),
        });
    }

    /// The texts that the server has not answered.
    fn unanswered(&self) -> Vec<String> {
        let text = |pending: &Pending| match pending {
            Pending::Echo(text) | Pending::Told { text, .. } => Some(sanitize(text)),
            _ => None,
        };
        self.pending.iter().filter_map(text).collect()
    }
}
