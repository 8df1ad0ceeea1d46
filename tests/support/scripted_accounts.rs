//! Accounts in memory, whose passwords are compared as they are when the caller says so.

use parlance_core::protocol::{Name, Secret};
use parlance_core::registry::{Asked, CallContext, Effort, Inquiry, Registry, Verdict};
use std::collections::BTreeMap;
use std::task::Waker;

/// The accounts, by name.
#[derive(Debug, Default)]
pub(crate) struct ScriptedAccounts(BTreeMap<Name, Secret>);

impl ScriptedAccounts {
    /// Answers everything that is asked: looks for names first, each kind in order.
    pub(crate) fn judge_all(&mut self, registry: &Registry, call: &mut CallContext<'_>) {
        for effort in [Effort::Lookup, Effort::Hash] {
            while let Some(Asked { ticket, inquiry, .. }) =
                registry.next_inquiry(effort, Waker::noop())
            {
                let verdict = if self.judge(inquiry) { Verdict::Yes } else { Verdict::No };
                registry.judged(ticket, verdict, call);
            }
        }
    }

    fn judge(&mut self, inquiry: Inquiry) -> bool {
        match inquiry {
            Inquiry::Exists { name } => self.0.contains_key(&name),
            Inquiry::Verify { name, password } => self.0.get(&name) == Some(&password),
            Inquiry::Register { name, password } => {
                let is_new = !self.0.contains_key(&name);
                if is_new {
                    self.0.insert(name, password);
                }
                is_new
            }
            Inquiry::Change { name, old, new } => match self.0.get_mut(&name) {
                Some(password) if *password == old => {
                    *password = new;
                    true
                }
                _ => false,
            },
        }
    }
}
