//! Many clients that join one room, and leave it, at once.

use std::time::Duration;

use super::connection::{Connection, Deadline, LIMIT, Progress};
use super::error::LoadError;
use super::instruments::Instruments;
use super::join::{Plan, room_name};
use super::member::{Entry, Member};
use super::number::{float, per_second};
use super::options::Options;
use super::process::Process;
use super::progress::Progress as Phases;
use super::report::Report;
use super::room::Room;
use super::run_context::RunContext;
use super::server::Server;
use super::wire::{Arrival, Place};

/// The totals of all rounds.
#[derive(Default)]
struct Sum {
    deliveries: u64,
    time: Duration,
    resident: Vec<u64>,
}

/// Lets `clients` join and leave at once, for the number of rounds in `options`, in a room with
/// permanent members.
pub(super) fn measure(
    options: &Options,
    server: &Server,
    clients: u32,
    instruments: Instruments,
) -> Result<Report, LoadError> {
    let mut run_context = RunContext::new(instruments)?;
    let phases = Phases::new(options.quiet);
    phases.phase(options.rooms_in_words());
    let mut plan = options.plan(server.address());
    plan.members += clients;
    let deadline = Deadline::new("the storm", LIMIT);
    let mut room = plan.open_room(0, options.members, &mut run_context.buffer, deadline)?;
    let process = server.process();
    let before = process.map(Process::cpu_time).transpose()?;
    let mut sum = Sum::default();
    for round in 0..options.storm_rounds {
        let (number, of) = (round + 1, options.storm_rounds);
        phases.phase(format_args!("round {number} of {of}: {clients} clients come and go"));
        let strangers = strangers(options, &plan, clients)?;
        let (begun, stayed) = (run_context.now(), notices(&room));
        let guests = come(&plan, &mut room, strangers, &mut run_context, deadline)?;
        let came = guests.iter().map(|guest| received(&room, guest));
        sum.deliveries += came.sum::<u64>();
        go(&plan, &mut room, guests, &mut run_context, deadline)?;
        sum.deliveries += notices(&room) - stayed;
        sum.time += Duration::from_nanos(run_context.now() - begun);
        if let Some(process) = process.filter(|_| round > 0 || options.storm_rounds == 1) {
            sum.resident.push(process.resident()?);
        }
    }
    let cpu = process.map(Process::cpu_time).transpose()?.zip(before);

    let mut report = Report::default();
    report.text("dialect", "dialect", options.dialect.0.name());
    options.describe_layers(&mut report);
    report.count("storm_clients", "clients that come and go", clients.into());
    report.count("members", "members that stay", options.members.into());
    report.count("rounds", "rounds", options.storm_rounds.into());
    report.amount("seconds", "all rounds took, s", sum.time.as_secs_f64());
    report.count("deliveries", "notices received", sum.deliveries);
    let rate = per_second(sum.deliveries, sum.time);
    report.amount("deliveries_per_second", "notices received per second", rate);
    if let Some((after, before)) = cpu {
        let each = after.saturating_sub(before).as_secs_f64() * 1e9 / float(sum.deliveries);
        report.amount("cpu_ns_per_delivery", "server CPU time per notice, ns", each);
    }
    if let (Some(&first), Some(&last)) = (sum.resident.first(), sum.resident.last()) {
        // The first round grows buffers that later rounds use again.
        report.count("rss_early_bytes", "server resident after an early round, bytes", first);
        report.count("rss_bytes", "server resident after the last, bytes", last);
    }
    Ok(report)
}

/// Notices received by the permanent members.
fn notices(room: &Room) -> u64 {
    room.members.iter().map(|member| room.stream.notices_until(member.at())).sum()
}

/// Connections that have sent nothing yet.
fn strangers(options: &Options, plan: &Plan, clients: u32) -> Result<Vec<Stranger>, LoadError> {
    let names = (options.members..options.members + clients).map(|index| plan.user_name(0, index));
    names
        .map(|user| {
            let who = format!("{user} in the storm");
            Ok(Stranger { connection: Connection::open(&plan.target, who, None)?, user })
        })
        .collect()
}

/// A client that has not joined yet.
struct Stranger {
    connection: Connection,
    user: String,
}

/// A client that has joined.
struct Guest {
    member: Member,
    arrival: Arrival,
}

/// The number of notices a guest has received since its join.
fn received(room: &Room, guest: &Guest) -> u64 {
    let place = room.stream.place_of(&guest.arrival.line).expect("it has come");
    let since = room.stream.notices_until(guest.member.at()) - room.stream.notices_until(place);
    since - u64::from(!guest.arrival.own)
}

/// Lets all new clients join before any of them reads, and waits until all have received all
/// notices.
fn come(
    plan: &Plan,
    room: &mut Room,
    strangers: Vec<Stranger>,
    run_context: &mut RunContext,
    deadline: Deadline,
) -> Result<Vec<Guest>, LoadError> {
    let room_name = room_name(0);
    let mut guests = Vec::with_capacity(strangers.len());
    for Stranger { connection, user } in strangers {
        let place = Place { room: &room_name, user: &user };
        let arrival = plan.wire.joined(place).expect("a wire of storms has notices");
        room.stream.expect_notice(arrival.line.clone());
        connection.send(&plan.wire.enter(place), deadline)?;
        let entry = Entry { notice: arrival.line.clone(), own: arrival.own };
        let private = plan.wire.answer(place, &[]);
        guests.push(Guest { member: Member::entering(connection, private, entry), arrival });
    }
    while room.stream.missing_notices() > 0
        || !room.members.iter().all(|member| member.is_level(&room.stream))
        || !guests.iter().all(|guest| guest.member.is_level(&room.stream))
    {
        deadline.left()?;
        room.read_all(run_context)?;
        for Guest { member, .. } in &mut guests {
            while member.read(&mut room.stream, plan.wire, &mut run_context.buffer)?
                == Progress::More
            {}
            member.catch_up(&mut room.stream, plan.wire)?;
        }
    }
    Ok(guests)
}

/// Lets all guests leave at once, and waits until the permanent members have received all notices.
fn go(
    plan: &Plan,
    room: &mut Room,
    guests: Vec<Guest>,
    run_context: &mut RunContext,
    deadline: Deadline,
) -> Result<(), LoadError> {
    let room_name = room_name(0);
    let first = plan.members - u32::try_from(guests.len()).expect("it was a u32 before");
    for index in first..plan.members {
        let user = plan.user_name(0, index);
        let notice = plan.wire.left(Place { room: &room_name, user: &user });
        room.stream.expect_notice(notice.expect("a wire of storms has notices"));
    }
    drop(guests);
    while room.stream.missing_notices() > 0
        || !room.members.iter().all(|member| member.is_level(&room.stream))
    {
        deadline.left()?;
        room.read_all(run_context)?;
    }
    Ok(())
}
