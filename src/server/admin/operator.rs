//! What an operator asks and commands, performed.

use super::command::{COMMANDS, Command, Whom};
use super::controls::Controls;
use super::rows::{self, Row};
use crate::bans::{Ban, BanEnd, BanKeeper, BanTarget};
use crate::common::Common;
use crate::observe::observer::OPERATOR_TARGET;
use crate::observe::roster::{Entry, Roster};
use crate::service::Service;
use crate::transport::Clock;
use futures_lite::future::yield_now;
use parlance_core::protocol::{CloseReason, Explanation, Fault};
use parlance_core::registry::{CallContext, Remote};
use serde_json::{Value, json};
use smol::lock::Mutex;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, SystemTime};

/// How many clients or rooms are looked at before other tasks run.
pub(super) const LOOKS_MAX: usize = 256;

/// An operator's view of a server, and hand in it. [common/admin-1]
pub struct Operator<C: Clock> {
    common: Common,
    services: Vec<Arc<Service<C>>>,
    clock: C,
    controls: Box<dyn Controls>,
    keeper: Option<Arc<dyn BanKeeper>>,
    /// Held while bans change, so that the keeper has the changes in their order.
    changing: Mutex<()>,
    /// Held while there is an answer of many rows.
    pub(super) long_answer: Mutex<()>,
}

impl<C: Clock> Operator<C> {
    /// The operator of `services`, which have `common`, its roster too.
    pub fn new(
        common: &Common,
        services: &[Arc<Service<C>>],
        clock: C,
        controls: Box<dyn Controls>,
    ) -> Operator<C> {
        let (common, services) = (common.clone(), services.to_vec());
        let (changing, long_answer) = (Mutex::new(()), Mutex::new(()));
        Operator { common, services, clock, controls, keeper: None, changing, long_answer }
    }

    /// The same, whose bans outlive the server.
    #[must_use]
    pub fn keeping(mut self, keeper: Option<Arc<dyn BanKeeper>>) -> Operator<C> {
        self.keeper = keeper;
        self
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
            Command::Unban(target) => self.unban(target).await.map(|row| vec![row]),
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
        // One that closes has no name any more, and another may have it already.
        if found.iter().any(|entry| entry.remote.is_open()) {
            found.retain(|entry| entry.remote.is_open());
        }
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
        let ended = self.end(&[&entry], CloseReason::Kicked, &Fault::Kicked(why.cloned()));
        if let Some(row) = ended.into_iter().next() {
            let (conn, peer) = (entry.facts.conn, entry.facts.peer());
            let why = why.map(Explanation::as_str);
            let (name, dialect) = (row.get("name").and_then(Value::as_str), entry.dialect);
            tracing::info!(target: OPERATOR_TARGET, conn, %peer, dialect, name, why, "kicked");
            return Ok(row);
        }
        Err(format!("connection {} is closing already", entry.facts.conn))
    }

    /// Ends `entries` together. Returns the rows of those that had not ended already, as they were.
    fn end(&self, entries: &[&Entry], reason: CloseReason, fault: &Fault) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut call = CallContext::new(self.clock.now(), Waker::noop());
        for service in &self.services {
            let mut those = entries.to_vec();
            those.retain(|entry| entry.dialect == service.dialect.name());
            let before = those.iter().map(|entry| rows::client(entry, call.now));
            let before: Vec<Row> = before.collect();
            let remotes: Vec<_> = those.iter().map(|entry| &entry.remote).collect();
            let ended = Remote::kick_all(&remotes, reason, fault, &mut call);
            rows.extend(
                before.into_iter().zip(ended).filter(|(_, ended)| *ended).map(|(row, _)| row),
            );
            call.wake();
        }
        rows
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
        let _changing = self.changing.lock().await;
        self.common.bans.add(target.clone(), ban.clone(), now)?;
        self.hand_out(&target);
        let (name, reason) = (target.to_string(), why.as_ref().map(Explanation::as_str));
        let seconds = span.map(|span| span.as_secs());
        tracing::info!(target: OPERATOR_TARGET, banned = %name, seconds, why = reason, "banned");
        let mut shown = rows::ban(&target, &ban, now);
        let (mut ended, fault) = (Vec::new(), Fault::Banned(why));
        for entries in self.entries().chunks(LOOKS_MAX) {
            let is_meant =
                |entry: &&Entry| target.matches(entry.facts.address(), entry.seen().name.as_ref());
            let meant: Vec<&Entry> =
                entries.iter().map(|entry| &**entry).filter(is_meant).collect();
            ended.extend(self.end(&meant, CloseReason::Banned, &fault));
            yield_now().await;
        }
        let kept = (target.clone(), ban);
        self.note_kept(&mut shown, move |keeper| keeper.keep(&kept.0, &kept.1)).await;
        ended.insert(0, shown);
        Ok(ended)
    }

    /// Has the keeper, if there is one, do its part, and notes in `row` whether it has. A ban
    /// counts whether or not it is kept.
    async fn note_kept(
        &self,
        row: &mut Row,
        change: impl FnOnce(&dyn BanKeeper) -> Result<(), String> + Send + 'static,
    ) {
        let Some(keeper) = self.keeper.clone() else { return };
        let changed = smol::unblock(move || change(&*keeper)).await;
        if let Err(why) = &changed {
            let why = parlance_printable::escape(why);
            tracing::warn!(target: OPERATOR_TARGET, %why, "the store does not have the change");
        }
        row.insert("kept".to_owned(), changed.is_ok().into());
    }

    /// [common/ban-4]
    async fn unban(&self, target: BanTarget) -> Result<Row, String> {
        let _changing = self.changing.lock().await;
        self.common.bans.remove(&target)?;
        self.hand_out(&target);
        let shown = target.to_string();
        tracing::info!(target: OPERATOR_TARGET, banned = %shown, "a ban is removed");
        let mut row = rows::row(json!({ "target": shown }));
        self.note_kept(&mut row, move |keeper| keeper.forget(&target)).await;
        Ok(row)
    }

    /// The registries learn of a change at `target`, if it concerns them.
    fn hand_out(&self, target: &BanTarget) {
        if matches!(target, BanTarget::Name(_)) {
            self.services.iter().for_each(|service| service.learn_banned_names());
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
