//! Tells which situations an operation has led to, from how things were before and after it.

use super::cases::{Case, Cases};
use super::check::Check;
use super::operation::{Operation, Payload, SLOTS};
use super::pairs::Rule;
use super::system::Seen;
use parlance_core::limits::{CHUNK_BYTES_MAX, ENTRY_BYTES, LINE_BYTES_MAX, STALL_BUDGET};
use parlance_core::protocol::CloseReason;
use parlance_model::{Dialect, OutboxState, Parting};
use std::collections::BTreeSet;
use std::time::Duration;

/// How things are.
pub(crate) struct Snapshot {
    dialect: Dialect,
    clients: Vec<One>,
    rooms: Vec<(String, Vec<usize>)>,
    slots: [Option<usize>; SLOTS],
    outbox_bytes_max: usize,
    /// Whether the total is without a bound, so that nobody is evicted for it.
    total_is_free: bool,
    stopped: bool,
    /// Names of rooms that were deleted some time before.
    deleted: BTreeSet<String>,
    /// Names of clients that are gone.
    parted_names: BTreeSet<Option<String>>,
}

#[allow(clippy::struct_excessive_bools, reason = "they are observations, not states")]
struct One {
    seen: Seen,
    lingers: bool,
    silent: bool,
    held: bool,
    told: bool,
    retries_at: u64,
    waits_for_itself: bool,
    behind: bool,
    strained: bool,
    overstrained: bool,
    congested: bool,
    exhausted: bool,
    charge: usize,
    delivered: usize,
    mid_line: bool,
    unfinished: usize,
    room: Option<String>,
    name: Option<String>,
    /// What the last operation brought, or the beginning of it.
    heard: Vec<u8>,
    /// Held, and not for others.
    held_for_replies: bool,
    /// Held with a line that takes it out of its room.
    waits_to_move: bool,
    /// The limit for its next line has passed.
    late: bool,
    reason: Option<CloseReason>,
    now: u64,
}

impl Snapshot {
    pub(crate) fn of(check: &Check) -> Snapshot {
        let ids = 0..check.system.clients();
        Snapshot {
            dialect: check.dialect,
            clients: ids.map(|id| One::of(check, id)).collect(),
            rooms: check.model.rooms(),
            slots: std::array::from_fn(|slot| check.client_in(slot)),
            outbox_bytes_max: check.outbox_bytes_max,
            total_is_free: check.total_bytes_max == usize::MAX,
            stopped: check.stopped,
            deleted: check.deleted.clone(),
            parted_names: check.parted_names.clone(),
        }
    }

    /// The names of clients that `later` no longer has.
    pub(crate) fn names_missing_in(&self, later: &Snapshot) -> Vec<Option<String>> {
        let names = self.clients.iter().map(|one| &one.name).filter(|name| name.is_some());
        names.filter(|name| later.clients.iter().all(|one| one.name != **name)).cloned().collect()
    }

    /// The names of the rooms that `later` no longer has.
    pub(crate) fn rooms_missing_in(&self, later: &Snapshot) -> Vec<String> {
        let names = self.rooms.iter().map(|(name, _)| name);
        names.filter(|name| later.members(Some(name)).is_empty()).cloned().collect()
    }

    fn members(&self, room: Option<&String>) -> &[usize] {
        let found = self.rooms.iter().find(|(name, _)| Some(name) == room);
        found.map_or(&[], |(_, members)| members)
    }
}

impl One {
    fn of(check: &Check, id: usize) -> One {
        let (model, system) = (&check.model, &check.system);
        let (room, name) = match model.outbox_state(id) {
            OutboxState::Member { room, name } => (Some(room.clone()), Some(name.clone())),
            OutboxState::Named { name } => (None, Some(name.clone())),
            _ => (None, None),
        };
        One {
            seen: check.expected(id),
            lingers: *model.outbox_state(id) == OutboxState::Departed(Parting::Lingering),
            silent: *model.outbox_state(id) == OutboxState::Departed(Parting::Silent),
            held: model.is_held(id),
            told: system.was_told_to_retry(id),
            retries_at: system.retries_at(id).as_nanos(),
            waits_for_itself: model.waits_for(id, check.now).contains(&id),
            behind: model.is_behind_another(id),
            strained: model.is_in_a_strained_room(id, check.now),
            overstrained: model.is_in_an_overstrained_room(id, check.now),
            congested: model.is_congested(id),
            exhausted: model.is_exhausted(id, check.now),
            charge: model.charge(id),
            delivered: model.delivered(id).len(),
            mid_line: !matches!(model.delivered(id).last(), None | Some(b'\n')),
            unfinished: system.unfinished_len(id),
            room,
            name,
            heard: check.heard(id).to_vec(),
            held_for_replies: model.is_held(id) && model.waits_for_replies(id),
            waits_to_move: model.waits_to_move(id),
            late: model.is_late(id, check.now),
            reason: system.reason(id),
            now: check.now,
        }
    }
}

/// Counts every situation that `operation` has led from `before` to `after`.
pub(crate) fn observe(
    cases: &mut Cases,
    before: &Snapshot,
    after: &Snapshot,
    operation: &Operation,
) {
    for (was, is) in before.clients.iter().zip(&after.clients) {
        partings(cases, was, is, operation);
        holding(cases, was, is, operation);
        cases.meet_together(&rules(was, is, operation, after.stopped));
        let full = before.outbox_bytes_max;
        cases.meet(
            Case::ErrorOwedToAFullOutbox,
            was.seen == Seen::Member && is.lingers && was.charge + ENTRY_BYTES + 6 > full,
        );
        cases.meet(Case::OutboxExactlyAtItsBound, is.charge == full && was.charge != full);
        cases.meet(Case::PartialWrite, is.mid_line && is.delivered > was.delivered);
    }
    names_and_places(cases, before, after);
    replies(cases, before, after, operation);
    sending(cases, before, after, operation);
    evictions(cases, before, after, operation);
    rooms(cases, before, after);
    cases.meet(Case::SeveralHeld, after.clients.iter().filter(|one| one.held).count() > 1);
    cases.meet(
        Case::Shutdown,
        *operation == Operation::Shutdown && before.clients.iter().any(|one| one.charge > 0),
    );
}

/// The rules that are at work for one client at once.
fn rules(was: &One, is: &One, operation: &Operation, stopped: bool) -> Vec<Rule> {
    let time_passes = matches!(operation, Operation::Passes { .. });
    let waits = |one: &One| one.held && !one.held_for_replies;
    let evicted = was.seen != Seen::Evicted && is.seen == Seen::Evicted;
    let departed = !was.seen.has_departed() && is.seen.has_departed() && !evicted;
    let over = !was.seen.is_gone() && is.seen.is_gone();
    let leaves_its_room = was.room.is_some() && is.room != was.room && !is.seen.has_departed();
    let given_up = was.seen == Seen::Leaving && is.seen == Seen::Over && time_passes;
    let stops = *operation == Operation::Shutdown && !was.seen.is_gone();
    let at_work = [
        (Rule::Hold, waits(was) || waits(is)),
        (Rule::Replies, was.held_for_replies || is.held_for_replies),
        (Rule::Move, leaves_its_room || was.waits_to_move || is.waits_to_move),
        (Rule::Departure, departed && !stopped),
        (Rule::Departure, was.seen == Seen::Leaving && (over && !stopped || stops)),
        (Rule::Eviction, evicted),
        (Rule::Limit, evicted && is.reason == Some(CloseReason::TotalBound)),
        (Rule::Limit, given_up || is.late && time_passes),
        (Rule::Shutdown, stops || stopped && over),
    ];
    at_work.into_iter().filter(|(_, is_at_work)| *is_at_work).map(|(rule, _)| rule).collect()
}

fn partings(cases: &mut Cases, was: &One, is: &One, operation: &Operation) {
    use Operation as O;
    let time_passes = matches!(operation, O::Passes { .. });
    let evicted = was.seen != Seen::Evicted && is.seen == Seen::Evicted;
    cases.meet(Case::Joined, was.seen == Seen::Fresh && is.seen == Seen::Member);
    cases.meet(Case::JoinRefused, was.seen == Seen::Fresh && is.lingers);
    cases.meet(Case::Evicted, evicted && !time_passes);
    cases.meet(Case::Stalled, evicted && time_passes && was.seen == Seen::Member);
    cases.meet(Case::StalledWhileLeaving, evicted && time_passes && was.seen == Seen::Leaving);
    cases.meet(Case::EvictedWhileHeld, evicted && was.held);
    cases.meet(
        Case::LeavingClientEvictedForTheTotal,
        evicted && was.seen == Seen::Leaving && !time_passes,
    );
    cases.meet(
        Case::ResetWhileHeld,
        was.held && is.seen == Seen::Over && matches!(operation, O::Reset { .. }),
    );
    cases.meet(
        Case::EndOfStreamWithUnfinishedLine,
        was.unfinished > 0 && is.seen.has_departed() && matches!(operation, O::EndOfStream { .. }),
    );
    cases.meet(
        Case::TaskDropped,
        was.seen == Seen::Member && is.seen == Seen::Over && matches!(operation, O::Dropped { .. }),
    );
    cases.meet(
        Case::FlushGivenUp,
        was.seen == Seen::Leaving && is.seen == Seen::Over && time_passes,
    );
    cases.meet(Case::FirstLineTooLate, was.seen == Seen::Fresh && is.silent && time_passes);
}

fn holding(cases: &mut Cases, was: &One, is: &One, operation: &Operation) {
    use Operation as O;
    let retried = matches!(operation, O::Retry { .. } | O::RetryAll);
    let went_on = was.held && !is.held && is.seen == Seen::Member;
    cases.meet(Case::Congested, is.congested && !was.congested);
    cases.meet(Case::Held, is.held && !was.held);
    cases.meet(Case::HeldByItsOwnEcho, is.held && is.waits_for_itself);
    cases.meet(Case::HeldAgainBehindTheFirstRun, was.held && is.held && is.charge > was.charge);
    cases.meet(Case::HeldWentOn, went_on && retried);
    cases.meet(Case::HeldWentOnToAnUnfinishedLine, went_on && is.unfinished > 0);
    cases.meet(Case::HeldBehindAnother, is.held && is.behind && !was.held);
    cases.meet(Case::LineGoesFirst, was.held && is.held && !was.behind && is.behind);
    cases.meet(Case::RoomStrained, !was.strained && is.strained);
    cases.meet(Case::StrainEnds, was.strained && !is.strained && is.room == was.room);
    cases.meet(Case::RoomOverstrained, !was.overstrained && is.overstrained);
    let rested = was.overstrained && !is.overstrained && is.room == was.room;
    cases.meet(Case::OverstrainEnds, rested);
    cases.meet(Case::ToldToRetry, is.held && is.told && !was.told && is.now < is.retries_at);
    cases.meet(Case::RetriedByTheClock, went_on && matches!(operation, O::Passes { .. }));
    cases.meet(Case::PatienceSpent, !was.exhausted && is.exhausted && is.congested);
    cases.meet(
        Case::SpentBeforeItIsCongested,
        !was.congested && !was.exhausted && is.congested && is.exhausted,
    );
    cases.meet(
        Case::PatienceNotYetRenewed,
        was.exhausted && !was.congested && is.congested && is.exhausted,
    );
    cases.meet(
        Case::CongestedByOurOwnDelay,
        was.congested
            && is.congested
            && !is.exhausted
            && Duration::from_nanos(is.now - was.now) > STALL_BUDGET,
    );
    cases.meet(Case::PatienceRenewed, was.exhausted && !is.exhausted && is.congested);
    cases.meet(Case::EndOfStreamWhileHeld, was.held && matches!(operation, O::EndOfStream { .. }));
}

fn names_and_places(cases: &mut Cases, before: &Snapshot, after: &Snapshot) {
    for (was, is) in before.clients.iter().zip(&after.clients) {
        let heard = |words: &[u8]| contains(&is.heard, words);
        cases.meet(Case::NameTaken, heard(b"sername-taken\n") || heard(b"Username taken\r\n"));
        cases.meet(Case::NamedInNoRoom, was.seen != Seen::Named && is.seen == Seen::Named);
        let moved = was.room.is_some() && is.room.is_some() && was.room != is.room;
        cases.meet(Case::Moved, moved);
        cases.meet(Case::LeftTheRoom, was.seen == Seen::Member && is.seen == Seen::Named);
        cases.meet(Case::EvictedInNoRoom, was.seen == Seen::Named && is.seen == Seen::Evicted);
        let listens = was.seen == Seen::Fresh && after.dialect == Dialect::Lobby;
        cases.meet(Case::ListenerHears, listens && is.seen == Seen::Fresh && !is.heard.is_empty());
        cases.meet(Case::ListenerEvicted, listens && is.seen == Seen::Evicted);
        let again = was.name.is_none() && after.parted_names.contains(&is.name);
        cases.meet(Case::NameFreeAgain, again && is.name.is_some());
    }
}

fn replies(cases: &mut Cases, before: &Snapshot, after: &Snapshot, operation: &Operation) {
    use Operation as O;
    let sender = match operation {
        O::Send { slot, .. } => before.slots[*slot],
        _ => None,
    };
    for (id, (was, is)) in before.clients.iter().zip(&after.clients).enumerate() {
        let heard = |words: &[u8]| contains(&is.heard, words);
        let private = heard(b"DM ") || heard(b"PRIVMSG ");
        let sent = sender == Some(id);
        cases.meet(Case::Told, private && !sent);
        cases.meet(Case::ToldItself, private && sent && is.seen == was.seen);
        cases.meet(Case::ToldNobody, heard(b"user-not-found") || heard(b"User not found"));
        let waits = is.held && !was.held;
        cases.meet(Case::HeldForItsReplies, waits && is.held_for_replies);
        let nameless = is.seen == Seen::Fresh;
        cases.meet(Case::HeldForItsRepliesWithoutName, waits && is.held_for_replies && nameless);
        let waited = was.held && was.retries_at == u64::MAX;
        let went_on = waited && !is.held && !is.seen.has_departed();
        cases.meet(Case::WentOnAfterItsReplies, went_on);
        let tells = matches!(operation, O::Send { payload: Payload::Tell { .. }, .. });
        cases.meet(Case::TellHeld, tells && waits && !is.held_for_replies);
        cases.meet(Case::Listed, heard(b"USERLIST ") || heard(b"ROOMLIST ") || heard(b"USER "));
        cases.meet(Case::HistoryShown, contains(&is.heard, b" users)\r\nROOM "));
        cases.meet(Case::Idle, heard(b"ERR idle-timeout\n") && was.seen == Seen::Member);
        cases
            .meet(Case::IdleBeforeItsName, heard(b"ERR idle-timeout\n") && was.seen == Seen::Fresh);
        cases.meet(Case::QuitByCommand, sent && heard(b"OK Goodbye!\r\n") || quits_simple(is));
        cases.meet(Case::MistakeForgiven, heard(b"ERR") && !is.seen.has_departed());
        let evicted = was.seen != Seen::Evicted && is.seen == Seen::Evicted;
        let told_so = sender.is_some_and(|sender| contains(&after.clients[sender].heard, b"not"));
        cases.meet(Case::TargetEvicted, evicted && !sent && tells && told_so);
    }
}

/// Departed with the answer to a LEAVE as the last line.
fn quits_simple(is: &One) -> bool {
    is.lingers && is.heard.ends_with(b"OK\n")
}

fn contains(text: &[u8], words: &[u8]) -> bool {
    memchr::memmem::find(text, words).is_some()
}

fn sending(cases: &mut Cases, before: &Snapshot, after: &Snapshot, operation: &Operation) {
    let Operation::Send { slot, payload, segment } = operation else { return };
    let Some(id) = before.slots[*slot] else { return };
    let (was, is) = (&before.clients[id], &after.clients[id]);
    let bytes = payload.bytes(before.dialect);
    let whole = bytes.ends_with(b"\n") && is.seen == Seen::Member && !was.held && !is.held;
    let longest = bytes.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::len).max();
    let too_long = longest > Some(LINE_BYTES_MAX) || bytes.len() == LINE_BYTES_MAX;
    let talks = was.seen == Seen::Member && whole && was.unfinished == 0;
    cases.meet(Case::TextInOneRead, talks && bytes.len() <= *segment);
    cases.meet(Case::TextInManyReads, talks && bytes.len() > segment.saturating_mul(3));
    cases.meet(
        Case::LineOfExactlyTheLimit,
        talks && longest == Some(LINE_BYTES_MAX) && bytes.len() == LINE_BYTES_MAX,
    );
    let failed = |stood| was.seen == stood && !was.held && is.lingers && too_long;
    cases.meet(Case::LineTooLongBeforeJoining, failed(Seen::Fresh));
    cases.meet(Case::LineTooLongAsMember, failed(Seen::Member));
    let somebody_leaves = before.clients.iter().any(|one| one.seen == Seen::Leaving);
    cases.meet(Case::LeavingWhileOthersTalk, talks && somebody_leaves);
}

fn evictions(cases: &mut Cases, before: &Snapshot, after: &Snapshot, operation: &Operation) {
    let evicted = |id: &usize| {
        before.clients[*id].seen == Seen::Member && after.clients[*id].seen == Seen::Evicted
    };
    for (name, members) in &before.rooms {
        let stayed = !after.members(Some(name)).is_empty();
        cases.meet(Case::WaveOfTwo, stayed && members.iter().filter(|id| evicted(id)).count() > 1);
    }
    let Operation::Send { slot, payload, segment } = operation else { return };
    let Some(sender) = before.slots[*slot] else { return };
    let was = &before.clients[sender];
    cases.meet(Case::SenderEvictedByItsOwnLine, evicted(&sender));
    let room = was.room.as_ref().or(after.clients[sender].room.as_ref());
    let audience = before.members(room);
    let bystander = |id: &usize| evicted(id) && *id != sender && !audience.contains(id);
    let everybody: Vec<usize> = (0..before.clients.len()).collect();
    cases.meet(Case::BystanderEvictedForTheTotal, everybody.iter().any(bystander));
    // An upper bound of what the payload adds to a charge, if it makes one entry.
    let bytes = payload.bytes(before.dialect);
    let lines = bytes.split(|&byte| byte == b'\n').count() - 1;
    let name = was.name.as_ref().map_or(0, String::len);
    let added = was.unfinished + bytes.len() + lines * (name + 2) + ENTRY_BYTES;
    let one_entry = was.name.is_some() && bytes.len() <= *segment && added < CHUNK_BYTES_MAX;
    let had_place = |id: &usize| before.clients[*id].charge + added <= before.outbox_bytes_max;
    let others = audience.iter().filter(|id| evicted(id)).count() > 1;
    cases.meet(
        Case::WaveCausedByANotice,
        one_entry
            && others
            && before.total_is_free
            && audience.iter().any(|id| evicted(id) && had_place(id)),
    );
}

fn rooms(cases: &mut Cases, before: &Snapshot, after: &Snapshot) {
    cases.meet(Case::SeveralRooms, after.rooms.len() > 1);
    for (_, members) in &after.rooms {
        let mut names: Vec<_> = members.iter().map(|id| &after.clients[*id].name).collect();
        names.sort();
        cases.meet(Case::SameNameTwice, names.windows(2).any(|pair| pair[0] == pair[1]));
    }
    let again = |name: &String| after.deleted.contains(name);
    let made = after.rooms.iter().map(|(name, _)| name);
    let made = made.filter(|&name| before.members(Some(name)).is_empty());
    cases.meet(Case::RoomDeletedAndMadeAgain, made.into_iter().any(again));
}

impl Seen {
    fn has_departed(self) -> bool {
        !matches!(self, Seen::Fresh | Seen::Named | Seen::Member)
    }
}
