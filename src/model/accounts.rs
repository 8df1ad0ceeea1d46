//! Accounts, for a server where names can have one. Passwords are compared as they are.
//!
//! When inquiries about accounts are answered is the caller's choice ([`Model::perform_store`]).
//! What the model leaves out: how often a client may try [extensions/account-8], and how much may
//! wait [extensions/account-9].

use super::act::Act;
use super::config::AccountRules;
use super::{ClientId, Model, OutboxState, Parting, lines};

/// Something that a client waits to be told; `verdict` once it is known.
#[derive(Clone, Debug)]
struct Inquiry {
    client: ClientId,
    verdict: Option<bool>,
}

/// All accounts, and what is asked about them.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    /// Names and passwords.
    all: Vec<(String, Vec<u8>)>,
    /// In the order in which they were asked.
    inquiries: Vec<Inquiry>,
}

/// [extensions/frame-2]
pub(super) const HELP: &str = "HELP /login NAME PASSWORD: take the name of your account\r\n\
    HELP /ghost NAME: after /login, end the connection that has your name, and take it\r\n\
    HELP /password OLD NEW: change the password of your account\r\n\
    HELP /logout: leave the room and give your name back\r\n";

/// As above, where clients may make accounts.
pub(super) const HELP_REGISTER: &str = "HELP /register PASSWORD: make an account of your name\r\n\
    HELP /register NAME PASSWORD: make an account, and take its name\r\n";

/// What a line asks for, if it is a command that concerns accounts [extensions/frame-1].
pub(super) fn act(rules: AccountRules, outbox_state: &OutboxState, line: &[u8]) -> Option<Act> {
    let (word, argument) = lines::keyword(line);
    let words: Vec<&[u8]> = argument.split(|byte| *byte == b' ').collect();
    let is_whole = words.iter().all(|word| !word.is_empty());
    let usage = |form: &str| Act::answer(&format!("ERROR Usage: {form}\r\n"));
    let invalid = || Act::answer("ERROR Invalid username\r\n");
    let wrong = || Act::answer("ERROR Wrong name or password\r\n");
    let unfit = || Act::answer("ERROR Password must have 8 to 128 bytes and no spaces\r\n");
    let own = outbox_state.name().map(str::to_owned);
    Some(match (word, own) {
        (b"/login" | b"/ghost", Some(_)) => Act::answer("ERROR Already named\r\n"),
        (b"/password" | b"/logout", None) => Act::answer("ERROR Username required\r\n"),
        (b"/login", None) => match words[..] {
            [name, password] if is_whole => match lines::name(name, 31) {
                None => invalid(),
                Some(_) if !is_password(password) => wrong(),
                Some(name) => Act::LogIn { name, password: password.to_vec() },
            },
            _ => usage("/login NAME PASSWORD"),
        },
        (b"/ghost", None) => lines::name(argument, 31).map_or_else(invalid, Act::Ghost),
        (b"/register", _) if !rules.registration => return None,
        (b"/register", None) => match words[..] {
            [name, password] if is_whole => match lines::name(name, 31) {
                None => invalid(),
                Some(_) if !is_password(password) => unfit(),
                Some(name) => Act::Register { name, password: password.to_vec() },
            },
            _ => usage("/register NAME PASSWORD"),
        },
        (b"/register", Some(name)) => match words[..] {
            [password] if is_whole && is_password(password) => {
                Act::Register { name, password: password.to_vec() }
            }
            [_] if is_whole => unfit(),
            _ => usage("/register PASSWORD"),
        },
        (b"/password", Some(_)) => match words[..] {
            [_, new] if is_whole && !is_password(new) => unfit(),
            [old, _] if is_whole && !is_password(old) => wrong(),
            [old, new] if is_whole => Act::ChangePassword { old: old.to_vec(), new: new.to_vec() },
            _ => usage("/password OLD NEW"),
        },
        (b"/logout", Some(_)) if argument.is_empty() => Act::LogOut,
        (b"/logout", Some(_)) => usage("/logout"),
        _ => return None,
    })
}

/// [extensions/account-6]
fn is_password(word: &[u8]) -> bool {
    word.len() >= 8 && word.len() <= 128 && word.iter().all(|byte| *byte > 32 && *byte != 127)
}

/// Requests of clients.
impl Model {
    /// Whether an act has to wait to be told something about an account: it asks, if it has not.
    pub(super) fn asks_about_an_account(&mut self, id: ClientId, act: &Act) -> bool {
        let Some(rules) = self.config.accounts else { return false };
        let is_asked = self.accounts.inquiries.iter().any(|inquiry| inquiry.client == id);
        let asks = match act {
            Act::Name(_) => !rules.required,
            Act::LogIn { .. } => true,
            Act::Register { name, .. } => {
                is_asked || self.client_named(name).is_none_or(|owner| owner == id)
            }
            Act::ChangePassword { .. } => self.has_logged_in(id),
            _ => false,
        };
        if asks && !is_asked {
            self.accounts.inquiries.push(Inquiry { client: id, verdict: None });
        }
        asks && self.waits_for_a_verdict(id)
    }

    /// Whether a held client waits to be told something about an account.
    pub(super) fn waits_for_a_verdict(&self, id: ClientId) -> bool {
        let unknown = |inquiry: &Inquiry| inquiry.client == id && inquiry.verdict.is_none();
        self.accounts.inquiries.iter().any(unknown)
    }

    /// Whether another client has ended this one, which has its name now [extensions/account-3].
    pub fn is_ghost(&self, id: ClientId) -> bool {
        self.clients[id].is_ghost
    }

    /// A client waits to be told nothing any more.
    pub(super) fn drops_inquiry(&mut self, id: ClientId) {
        self.accounts.inquiries.retain(|inquiry| inquiry.client != id);
    }

    /// All that is asked is answered: looks for names first, then passwords, each in the order in
    /// which they were asked.
    pub(super) fn answer_inquiries(&mut self) {
        for names in [true, false] {
            for index in 0..self.accounts.inquiries.len() {
                let Inquiry { client, verdict } = self.accounts.inquiries[index];
                let Some(act) = self.waiting_act(client).filter(|_| verdict.is_none()) else {
                    continue;
                };
                if matches!(act, Act::Name(_)) == names {
                    let verdict = self.judge(client, &act);
                    self.accounts.inquiries[index].verdict = Some(verdict);
                }
            }
        }
    }

    /// Finds something out about an account, or changes it.
    fn judge(&mut self, id: ClientId, act: &Act) -> bool {
        let own = self.clients[id].outbox_state.name().map(str::to_owned);
        let accounts = &mut self.accounts.all;
        match act {
            Act::Name(name) => accounts.iter().any(|(of, _)| of == name),
            Act::LogIn { name, password } => accounts.contains(&(name.clone(), password.clone())),
            Act::Register { name, password } => {
                let is_new = accounts.iter().all(|(of, _)| of != name);
                if is_new {
                    accounts.push((name.clone(), password.clone()));
                }
                is_new
            }
            Act::ChangePassword { old, new } => {
                let of_own = |(of, has): &&mut (String, Vec<u8>)| {
                    own.as_deref() == Some(of.as_str()) && has == old
                };
                match accounts.iter_mut().find(of_own) {
                    Some((_, password)) => {
                        password.clone_from(new);
                        true
                    }
                    None => false,
                }
            }
            _ => false,
        }
    }

    /// What a client was told about an account.
    fn verdict(&self, id: ClientId) -> Option<bool> {
        self.accounts.inquiries.iter().find(|inquiry| inquiry.client == id)?.verdict
    }

    pub(super) fn has_logged_in(&self, id: ClientId) -> bool {
        let client = &self.clients[id];
        client.proof.is_some() && client.proof.as_deref() == client.outbox_state.name()
    }

    /// Performs an act that concerns accounts.
    pub(super) fn perform_account(&mut self, id: ClientId, act: Act, now: u64) {
        let verdict = self.verdict(id);
        let refused = match &act {
            Act::Register { .. } if verdict.is_none() => "Username taken",
            Act::Register { .. } if verdict == Some(false) => "Account exists",
            Act::Ghost(name) if self.clients[id].proof.as_ref() != Some(name) => {
                "Password required"
            }
            Act::ChangePassword { .. } | Act::LogOut if !self.has_logged_in(id) => "Not logged in",
            Act::LogIn { .. } | Act::ChangePassword { .. } if verdict != Some(true) => {
                "Wrong name or password"
            }
            _ => "",
        };
        if !refused.is_empty() {
            return self.reply(id, format!("ERROR {refused}\r\n").as_bytes(), now);
        }
        match act {
            Act::Ghost(name) => {
                if let Some(owner) = self.client_named(&name) {
                    self.end_ghost(owner, now);
                }
                self.take_proven_name(id, &name, now);
            }
            Act::Register { name, .. } if self.clients[id].outbox_state.name().is_some() => {
                self.reply(id, format!("OK Registered {name}\r\n").as_bytes(), now);
                self.clients[id].proof = Some(name);
            }
            Act::LogIn { name, .. } | Act::Register { name, .. } => {
                self.take_proven_name(id, &name, now);
            }
            Act::ChangePassword { .. } => self.reply(id, b"OK Password changed\r\n", now),
            Act::LogOut => self.log_out(id, now),
            _ => {}
        }
    }

    /// Whether a client may take a name without a password [extensions/account-1].
    pub(super) fn is_free_name(&self, id: ClientId) -> bool {
        self.config.accounts.is_none_or(|rules| !rules.required && self.verdict(id) == Some(false))
    }

    /// [extensions/account-2]
    fn take_proven_name(&mut self, id: ClientId, name: &str, now: u64) {
        self.clients[id].proof = Some(name.to_owned());
        self.name(id, name, now);
    }

    /// A client ends because its name's owner is elsewhere [extensions/account-3].
    fn end_ghost(&mut self, id: ClientId, now: u64) {
        self.stop_waiting(id, now);
        let seat = self.remove_from_room(id, now);
        self.reply(id, b"ERROR Logged in elsewhere\r\n", now);
        self.part(id, Parting::Flushing, now);
        self.clients[id].is_ghost = true;
        if let Some((room, name)) = seat {
            self.notify_left(&room, &name, now);
        }
    }

    /// [extensions/account-5]
    fn log_out(&mut self, id: ClientId, now: u64) {
        let seat = self.remove_from_room(id, now);
        let client = &mut self.clients[id];
        client.outbox_state = OutboxState::Fresh;
        client.proof = None;
        client.connected_at = u64::MAX; // it was in time once [channels/name-8]
        self.reply(id, b"OK Logged out\r\n", now);
        if let Some((room, name)) = seat {
            self.notify_left(&room, &name, now);
        }
    }
}
