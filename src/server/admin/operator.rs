//! What an operator asks and commands, performed.

use super::command::{COMMANDS, Command, Whom};
use super::controls::Controls;
use super::rows::{self, Row};
use crate::bans::{Ban, BanEnd, BanTarget};
use crate::common::Common;
use crate::observe::observer::OPERATOR_TARGET;
use crate::observe::roster::{Entry, Roster};
use crate::service::Service;
use crate::transport::Clock;
use futures_lite::future::yield_now;
use parlance_core::protocol::{CloseReason, Explanation, Fault};
use parlance_core::registry::CallContext;
use serde_json::{Value, json};
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, SystemTime};

/// How many clients or rooms are looked at before other tasks run.
const LOOKS_MAX: usize = 256;

/// An operator's view of a server, and hand in it. [common/admin-1]
pub struct Operator<C: Clock> {
    common: Common,
    services: Vec<Arc<Service<C>>>,
    clock: C,
    controls: Box<dyn Controls>,
}

impl<C: Clock> Operator<C> {
    /// The operator of `services`, which have `common`, its roster too.
    pub fn new(
        common: &Common,
        services: &[Arc<Service<C>>],
        clock: C,
        controls: Box<dyn Controls>,
    ) -> Operator<C> {
        Operator { common: common.clone(), services: services.to_vec(), clock, controls }
    }

    /// Performs `command` and returns the rows of its answer.
    ///
    /// # Errors
    /// A message for the operator; nothing has been done.
    pub async fn perform(&self, command: Command) -> Result<Vec<Row>, String> {
        match command {
            Command::Clients => Ok(self.clients().await),
            Command::Rooms => Ok(self.rooms().await),
            Command::Show(whom) => Ok(vec![rows::client(&*self.find(&whom)?, self.clock.now())]),
            Command::Kick(whom, why) => self.kick(&whom, why.as_ref()).map(|row| vec![row]),
            Command::Ban { target, span, why } => self.ban(target, span, why).await,
            Command::Unban(target) => self.unban(&target).map(|()| Vec::new()),
            Command::Bans => {
                let now = self.clock.now();
                let bans = self.common.bans.list(now);
                Ok(bans.iter().map(|(target, ban)| rows::ban(target, ban, now)).collect())
            }
            Command::Log(filter) => {
                let filter = self.controls.log(filter.as_deref())?;
                Ok(vec![rows::row(json!({ "filter": filter }))])
            }
            Command::Reload => self.controls.reload().await,
            Command::Drain => Ok(vec![self.controls.drain()?]),
            Command::Stats => Ok(vec![self.controls.stats()]),
            Command::Help => Ok(help()),
        }
    }

    fn entries(&self) -> Vec<Arc<Entry>> {
        self.common.observer.roster().map(Roster::clients).unwrap_or_default()
    }

    async fn clients(&self) -> Vec<Row> {
        let mut clients = Vec::new();
        for entries in self.entries().chunks(LOOKS_MAX) {
            let now = self.clock.now();
            clients.extend(entries.iter().map(|entry| rows::client(entry, now)));
            yield_now().await;
        }
        clients
    }

    async fn rooms(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for service in &self.services {
            let rooms = service.registry().rooms();
            for rooms in rooms.chunks(LOOKS_MAX) {
                let sizes = rooms.iter().filter_map(|room| service.registry().room_size(room));
                rows.extend(sizes.map(|size| rows::room(service.dialect.name(), &size)));
                yield_now().await;
            }
        }
        rows
    }

    /// The one client that is meant.
    fn find(&self, whom: &Whom) -> Result<Arc<Entry>, String> {
        let name = match whom {
            Whom::Connection(conn) => {
                let roster = self.common.observer.roster();
                let found = roster.and_then(|roster| roster.client(*conn));
                return found
                    .ok_or_else(|| format!("no client has connection {conn}: see `clients`"));
            }
            Whom::Name(name) => name,
        };
        let mut found = self.entries();
        found.retain(|entry| entry.seen().name.as_ref() == Some(name));
        match &*found {
            [] => Err(format!("no client is called {name}: see `clients`")),
            [one] => Ok(Arc::clone(one)),
            several => {
                let conns: Vec<_> = several.iter().map(|one| one.facts.conn.to_string()).collect();
                let (count, conns) = (conns.len(), conns.join(", "));
                Err(format!("{count} clients are called {name}; name one by its number: {conns}"))
            }
        }
    }

    /// [common/kick-1]
    fn kick(&self, whom: &Whom, why: Option<&Explanation>) -> Result<Row, String> {
        let entry = self.find(whom)?;
        let row = rows::client(&entry, self.clock.now());
        if self.end(&entry, CloseReason::Kicked, &Fault::Kicked(why.cloned())) {
            let (conn, peer) = (entry.facts.conn, entry.facts.peer());
            let why = why.map(Explanation::as_str);
            let (name, dialect) = (row.get("name").and_then(Value::as_str), entry.dialect);
            tracing::info!(target: OPERATOR_TARGET, conn, %peer, dialect, name, why, "kicked");
            return Ok(row);
        }
        Err(format!("connection {} is closing already", entry.facts.conn))
    }

    fn end(&self, entry: &Entry, reason: CloseReason, fault: &Fault) -> bool {
        let mut call = CallContext::new(self.clock.now(), Waker::noop());
        let ended = entry.remote.kick(reason, fault, &mut call);
        call.wake();
        ended
    }

    /// [common/ban-1] [common/ban-2]
    async fn ban(
        &self,
        target: BanTarget,
        span: Option<Duration>,
        why: Option<Explanation>,
    ) -> Result<Vec<Row>, String> {
        let now = self.clock.now();
        let end = match span {
            None => None,
            Some(span) => {
                let calendar = SystemTime::now().checked_add(span);
                let calendar = calendar.ok_or("the time is too long; leave it out for no end")?;
                Some(BanEnd { time: now + span, calendar })
            }
        };
        let ban = Ban { why: why.clone(), end, is_configured: false };
        self.common.bans.add(target.clone(), ban, now)?;
        self.hand_out_names();
        let (shown, reason) = (target.to_string(), why.as_ref().map(Explanation::as_str));
        let seconds = span.map(|span| span.as_secs());
        tracing::info!(target: OPERATOR_TARGET, banned = %shown, seconds, why = reason, "banned");
        let mut ended = Vec::new();
        for entries in self.entries().chunks(LOOKS_MAX) {
            for entry in entries {
                let is_meant = target.matches(entry.facts.address(), entry.seen().name.as_ref());
                let row = is_meant.then(|| rows::client(entry, self.clock.now()));
                let fault = Fault::Banned(why.clone());
                ended.extend(row.filter(|_| self.end(entry, CloseReason::Banned, &fault)));
            }
            yield_now().await;
        }
        Ok(ended)
    }

    fn unban(&self, target: &BanTarget) -> Result<(), String> {
        self.common.bans.remove(target)?;
        self.hand_out_names();
        let shown = target.to_string();
        tracing::info!(target: OPERATOR_TARGET, banned = %shown, "a ban is removed");
        Ok(())
    }

    fn hand_out_names(&self) {
        for service in &self.services {
            service.learn_banned_names();
        }
    }
}

fn help() -> Vec<Row> {
    let row = |(name, arguments, purpose): &(&str, &str, &str)| {
        let command = format!("{name} {arguments}");
        rows::row(json!({ "command": command.trim_end(), "purpose": purpose }))
    };
    COMMANDS.iter().map(row).collect()
}
