//! Requests of a client that concern accounts.

use super::account_state::AccountState;
use super::awaited::Awaited;
use super::call_context::CallContext;
use super::client::Client;
use super::inquiries::{Inquiry, Verdict};
use super::outbox::OutboxState;
use super::room::Membership;
use super::shared::Removal;
use crate::limits::HELD_INTERVAL;
use crate::protocol::{AccountFault, Answer, CloseReason, Fault, Name, Request, Secret};
use crate::sync::Arc;
use std::net::Ipv6Addr;

impl Client {
    /// Attempts to log in count for this network. A client of none is exempt from rates, as one of
    /// this machine is. [extensions/account-8]
    pub fn comes_from(&mut self, origin: Option<Ipv6Addr>) {
        self.account_mut().origin = origin;
    }

    /// Why the client was last refused something that concerns accounts.
    pub fn take_refusal(&mut self) -> Option<AccountFault> {
        self.account.as_mut()?.refusal.take()
    }

    fn account_mut(&mut self) -> &mut AccountState {
        self.account.get_or_insert_default()
    }

    /// The name that the client has logged in to and has. [extensions/account-5]
    fn logged_in(&self) -> Option<Name> {
        let proof = self.account.as_ref()?.proof.as_ref()?;
        self.peer.name().filter(|name| name == proof)
    }

    fn refuse_account(&mut self, fault: AccountFault) -> Answer {
        let answer = self.refuse(&Fault::Account(fault));
        self.account_mut().refusal = Some(fault);
        answer
    }

    /// The verdict on what the client claims, once there is one; until then, and if there will be
    /// none, the answer. The inquiry is made once, and the secrets in it are kept nowhere else.
    fn verdict(
        &mut self,
        inquiry: Option<Inquiry>,
        again: impl FnOnce() -> Request,
        call: &mut CallContext<'_>,
    ) -> Result<bool, Answer> {
        let shared = Arc::clone(&self.shared);
        let Some(inquiries) = &shared.inquiries else {
            return Err(self.refuse(&Fault::UnknownCommand));
        };
        let ticket = match (self.awaited.as_deref(), inquiry) {
            (Some(Awaited::Verdict(ticket)), _) => *ticket,
            (_, Some(inquiry)) => {
                let origin = self.account.as_ref().and_then(|account| account.origin);
                let Some(ticket) = inquiries.ask(inquiry, origin, call) else {
                    return Err(self.refuse_account(AccountFault::Busy)); // [extensions/account-9]
                };
                self.awaited = Some(Box::new(Awaited::Verdict(ticket)));
                ticket
            }
            (_, None) => return Err(Answer::Gone), // it waits for nothing, so it was ended
        };
        match inquiries.verdict(ticket) {
            Some(Verdict::Yes) => Ok(true),
            Some(Verdict::No) => Ok(false),
            Some(Verdict::TooMany) => Err(self.refuse_account(AccountFault::TooManyAttempts)),
            Some(Verdict::Unavailable) => Err(self.refuse_account(AccountFault::Unavailable)),
            None if self.outbox_state() == OutboxState::Open => {
                Err(Answer::Wait { request: again(), until: call.now + HELD_INTERVAL })
            }
            None => Err(Answer::Gone),
        }
    }

    /// Takes a name without a password: one that has no account. [extensions/account-1]
    pub(super) fn take_free_name(&mut self, name: &Name, call: &mut CallContext<'_>) -> Answer {
        let Some(inquiries) = &self.shared.inquiries else { return self.take_name(name) };
        if inquiries.options.required {
            return self.refuse_account(AccountFault::PasswordRequired);
        }
        let inquiry = Some(Inquiry::Exists { name: name.clone() });
        let again = || Request::Name { name: name.clone() };
        match self.verdict(inquiry, again, call) {
            Ok(false) => self.take_name(name),
            Ok(true) => self.refuse_account(AccountFault::PasswordRequired),
            Err(answer) => answer,
        }
    }

    /// Takes the name of an account by its password. [extensions/account-2]
    pub(super) fn log_in(
        &mut self,
        name: &Name,
        password: Option<Secret>,
        call: &mut CallContext<'_>,
    ) -> Answer {
        let inquiry = password.map(|password| Inquiry::Verify { name: name.clone(), password });
        let again = || Request::LogIn { name: name.clone(), password: None };
        match self.verdict(inquiry, again, call) {
            Ok(true) => self.take_proven_name(name),
            Ok(false) => self.refuse_account(AccountFault::WrongPassword),
            Err(answer) => answer,
        }
    }

    /// The client has shown that the name is its own. If another has it, it can be told to go.
    /// [extensions/account-3]
    fn take_proven_name(&mut self, name: &Name) -> Answer {
        self.account_mut().proof = Some(name.clone());
        let answer = self.take_name(name);
        if answer == Answer::Refused {
            self.account_mut().refusal = Some(AccountFault::NameTaken);
        }
        answer
    }

    /// Ends the connection that has the name of the client's account, and takes the name.
    /// [extensions/account-3]
    pub(super) fn ghost(&mut self, name: &Name, call: &mut CallContext<'_>) -> Answer {
        let proof = self.account.as_ref().and_then(|account| account.proof.as_ref());
        if proof != Some(name) {
            return self.refuse_account(AccountFault::PasswordRequired);
        }
        let shared = Arc::clone(&self.shared);
        let holder = shared.delivery.names.lock().holder(name).cloned();
        if let Some(holder) = holder {
            shared.kick(
                &[&holder],
                (CloseReason::Ghosted, &Fault::Account(AccountFault::Ghosted)),
                call,
            );
            // Another thread may be ending it, and has not come to its name yet.
            shared.remove_evicted(&[&holder], call);
        }
        self.take_proven_name(name)
    }

    /// Makes an account of the name that the client has, or of one that nobody has.
    /// [extensions/account-4]
    pub(super) fn register(
        &mut self,
        name: Name,
        password: Option<Secret>,
        call: &mut CallContext<'_>,
    ) -> Answer {
        let is_named = self.peer.has_name();
        if !is_named && self.awaited.is_none() {
            let is_taken = self.shared.delivery.names.lock().holder(&name).is_some();
            if is_taken {
                return self.refuse_account(AccountFault::NameTaken);
            }
        }
        let inquiry = password.map(|password| Inquiry::Register { name: name.clone(), password });
        let again = || Request::Register { name: name.clone(), password: None };
        match self.verdict(inquiry, again, call) {
            Ok(true) if is_named => {
                let mut lines = Vec::new();
                self.shared.delivery.dialect.registered(&name, &mut lines);
                self.account_mut().proof = Some(name);
                self.reply(lines, Answer::Done)
            }
            Ok(true) => self.take_proven_name(&name),
            Ok(false) => self.refuse_account(AccountFault::AccountExists),
            Err(answer) => answer,
        }
    }

    /// Changes the password of the client's account. [extensions/account-5]
    pub(super) fn change_password(
        &mut self,
        secrets: Option<(Secret, Secret)>,
        call: &mut CallContext<'_>,
    ) -> Answer {
        let Some(name) = self.logged_in() else {
            return self.refuse_account(AccountFault::NotLoggedIn);
        };
        let inquiry = secrets.map(|(old, new)| Inquiry::Change { name, old, new });
        match self.verdict(inquiry, || Request::ChangePassword { secrets: None }, call) {
            Ok(true) => {
                let mut lines = Vec::new();
                self.shared.delivery.dialect.password_changed(&mut lines);
                self.reply(lines, Answer::Done)
            }
            Ok(false) => self.refuse_account(AccountFault::WrongPassword),
            Err(answer) => answer,
        }
    }

    /// Leaves the room and gives the name back. [extensions/account-5]
    pub(super) fn log_out(&mut self, call: &mut CallContext<'_>) -> Answer {
        if self.logged_in().is_none() {
            return self.refuse_account(AccountFault::NotLoggedIn);
        }
        if let Some(until) = self.held_in_its_room(call) {
            return Answer::Wait { request: Request::LogOut, until };
        }
        self.account_mut().proof = None;
        let mut goodbye = Vec::new();
        self.shared.delivery.dialect.logged_out(&mut goodbye);
        let Some(Membership { room, number }) = self.membership.take() else {
            self.shared.delivery.names.release(&self.peer);
            return self.reply(goodbye, Answer::LoggedOut);
        };
        let mut answer = Answer::Gone;
        let mut turns = self.turns.take();
        let removal = Removal::log_out(&mut turns);
        self.shared.remove_member(&room, number, &self.peer, removal, call, |_| {
            answer = self.reply(goodbye, Answer::LoggedOut);
        });
        self.turns = turns;
        answer
    }
}
