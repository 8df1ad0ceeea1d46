//! Every figure that a run prints, against a server whose truth is known.
//!
//! Goal: a figure that counts something else than its name says, or in another unit, is noticed;
//! so is a look that is left out. Method: the whole run, on sockets, against the small server of
//! `fake.rs`; no time passes but what the server's script says, and the processor time, memory and
//! descriptors of its process are files that the script writes. A bound is one line more or less,
//! whatever else the machine does. Limits: the time between the kernel and the generator is none.

use super::error::LoadError;
use super::fake::{Fake, Kind, Moment};
use super::fault::Fault;
use super::instruments::Instruments;
use super::measure::measure_with;
use super::options::Options;
use super::process::Process;
use super::report::{Report, Value};
use super::server::Server;
use clap::{Args as _, Command, FromArgMatches as _};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MILLISECOND;

/// The only time there is, in nanoseconds.
#[derive(Clone, Default)]
struct Time {
    now: Arc<AtomicU64>,
    /// What a look at the clock costs.
    look: Arc<AtomicU64>,
}

impl Time {
    fn now(&self) -> u64 {
        self.now.load(SeqCst)
    }

    fn pass(&self, span: u64) {
        self.now.fetch_add(span, SeqCst);
    }

    fn reach(&self, moment: u64) {
        self.now.fetch_max(moment, SeqCst);
    }

    fn looks_cost(&self, span: u64) {
        self.look.store(span, SeqCst);
    }

    /// Instruments by this time; the generator needs `share` of a hundred of it.
    fn instruments(&self, share: u64) -> Instruments {
        let (clock, meter) = (self.clone(), self.clone());
        let look = move || clock.now.fetch_add(clock.look.load(SeqCst), SeqCst);
        Instruments::new(look, move || meter.now() / 100 * share)
    }
}

/// The files in which the system shows a process. Dropping it removes them.
struct Files {
    folder: PathBuf,
}

impl Files {
    /// A process with three descriptors.
    fn new(name: &str) -> Arc<Files> {
        let name = format!("parlance-load-{}-{name}", std::process::id());
        let files = Files { folder: std::env::temp_dir().join(name) };
        fs::create_dir_all(files.folder.join("fd")).expect("a folder can be made");
        files.write(0, 0);
        (0..3).for_each(|number| files.open(number));
        Arc::new(files)
    }

    /// `ticks` of 10 ms so far, a third of them in the system, and this much memory.
    fn write(&self, ticks: u64, kibibytes: u64) {
        let (system, user) = (ticks / 3, ticks - ticks / 3);
        let stat =
            format!("7 (a (server)) S 1 7 7 0 -1 4194560 1 2 3 4 {user} {system} 90 80 20 0");
        for (name, text) in
            [("stat", stat), ("status", format!("Name:\ta\nVmRSS:\t {kibibytes} kB\n"))]
        {
            // A reader finds the old file or the new one.
            let fresh = self.folder.join("fresh");
            fs::write(&fresh, text).expect("a file can be written");
            fs::rename(fresh, self.folder.join(name)).expect("a file can be renamed");
        }
    }

    fn open(&self, number: u32) {
        fs::write(self.folder.join("fd").join(number.to_string()), "").expect("it can be made");
    }

    fn server(&self, fake: &Fake) -> Server {
        Server::running(fake.address(), Some(Process::at(&self.folder)))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn options(arguments: &str) -> Options {
    let command = Options::augment_args(Command::new("load"));
    let typed = format!("load 127.0.0.1:1 --quiet {arguments}");
    let given = command.get_matches_from(typed.split_whitespace());
    Options::from_arg_matches(&given).expect("the options are right")
}

fn measured(
    arguments: &str,
    server: &Server,
    instruments: Instruments,
) -> Result<Report, LoadError> {
    measure_with(&options(arguments), server, instruments)
}

/// A quantity or a number of things.
fn figure(report: &Report, key: &str) -> f64 {
    match report.get(key) {
        Some(Value::Amount(amount) | Value::Share(amount)) => amount,
        Some(Value::Count(count)) => crate::number::float(count),
        found => panic!("{key}: {found:?} in {report:?}"),
    }
}

/// Checks that a figure is within these bounds.
fn within(report: &Report, key: &str, least: f64, most: f64) {
    let found = figure(report, key);
    // The histogram has three digits.
    let (least, most) = (least * 0.999, most * 1.001);
    assert!((least..=most).contains(&found), "{key}: {found}, not {least} to {most}: {report:?}");
}

/// A line takes 20 ms, and 10 ms of processor time; in the first half of the warm-up a line takes
/// 250 ms. Memory is 3 MB at first, then 9 MB for a while, and 5 MB at the end.
#[test]
fn a_server_of_known_delays_and_costs_is_measured_as_what_it_is() {
    for kind in [Kind::Rooms, Kind::Redis, Kind::Nats] {
        let (time, files) = (Time::default(), Files::new(&format!("slow-{kind:?}")));
        let script = {
            let (time, files) = (time.clone(), files.clone());
            Arc::new(move |moment| {
                let Moment::Line(number) = moment else { return };
                time.pass(if time.now() < SECOND { 250 } else { 20 } * MILLISECOND);
                let megabytes = match time.now() / SECOND {
                    ..4 => 3,
                    6..10 => 9,
                    _ => 5,
                };
                // A process is not looked at so often that more would be seen.
                if number % 5 == 4 {
                    files.write(number as u64 + 1, megabytes * 1000);
                }
                if time.now() / SECOND == 5 && number % 5 == 4 {
                    files.open(3);
                }
            })
        };
        let fake = Fake::scripted(kind, Fault::None, script);
        let arguments = format!("--dialect {} --members 4 --warmup 2 --seconds 12", kind.name());
        let report = measured(&arguments, &files.server(&fake), time.instruments(25));
        let report = report.expect("every line is delivered");
        // 600 lines to four members, of which each may lag by a line at both ends; the files show
        // the work of five lines at a time.
        within(&report, "seconds", 12.0, 12.04);
        within(&report, "deliveries", 2_392.0, 2_408.0);
        within(&report, "deliveries_per_second", 199.0, 201.0);
        within(&report, "lines_per_second", 49.8, 50.2);
        within(&report, "cpu_ns_per_delivery", 2_460_000.0, 2_540_000.0);
        within(&report, "server_utilisation", 0.492, 0.508);
        within(&report, "generator_ns_per_delivery", 1_243_000.0, 1_257_000.0);
        within(&report, "generator_utilisation", 0.25, 0.25);
        assert_eq!(report.get("generator_bound"), Some(Value::Flag(false)));
        for (key, truth) in [
            ("rss_before_bytes", 3_072_000),
            ("rss_highest_bytes", 9_216_000),
            ("rss_bytes", 5_120_000),
            ("descriptors_before", 3),
            ("descriptors", 4),
        ] {
            assert_eq!(report.get(key), Some(Value::Count(truth)), "{key}");
        }
        for quantile in ["p50", "p99", "p999", "max"] {
            within(&report, &format!("latency_{quantile}_us"), 20_000.0, 20_000.0);
        }
        within(&report, "latencies", 598.0, 602.0);
    }
}

/// The rate of an open loop, and how long it is measured.
const RATE: u64 = 100;
const LINE: u64 = SECOND / RATE;
const OPEN: &str = "--members 3 --rate 100 --warmup 1 --seconds 4";

/// A server that answers at once; when it has answered a line, the next one is due. `stall` moves
/// the time further.
fn prompt_server(
    kind: Kind,
    time: &Time,
    stall: impl Fn(&Time, Moment) + Send + Sync + 'static,
) -> Fake {
    let time = time.clone();
    let script = move |moment| {
        stall(&time, moment);
        if let Moment::Delivered(number) = moment {
            time.reach((number as u64 + 1) * LINE);
        }
    };
    Fake::scripted(kind, Fault::None, Arc::new(script))
}

/// A line has its latency from the time when it should have been sent. So 100 of the 400 lines
/// waited, the first for a second; with a generator that counts from the actual time it was one.
#[test]
fn a_stop_of_a_second_is_in_the_latencies_of_all_lines_that_it_delayed() {
    // The server stops before it delivers a line; or both stop, when nothing is on its way.
    for stopped in [Moment::Line(300), Moment::Delivered(300)] {
        let (time, files) = (Time::default(), Files::new(&format!("stopped-{stopped:?}")));
        let fake = prompt_server(Kind::Rooms, &time, move |time, moment| {
            if moment == stopped {
                time.pass(SECOND);
            }
        });
        let report = measured(OPEN, &files.server(&fake), time.instruments(95));
        let report = report.expect("every line is delivered");
        // An answer may be read when one or two further lines are due.
        let later = 30_000.0;
        within(&report, "latency_p50_us", 0.0, later);
        within(&report, "latency_p99_us", 940_000.0, 970_000.0 + later);
        within(&report, "latency_p999_us", 980_000.0, 1_000_000.0 + later);
        within(&report, "latency_max_us", 980_000.0, 1_000_000.0 + later);
        within(&report, "latencies", 3.0 * 396.0, 3.0 * 404.0);
        within(&report, "lines_per_second", 98.0, 102.0);
        within(&report, "deliveries", 3.0 * 396.0, 3.0 * 404.0);
        assert_eq!(report.get("generator_bound"), Some(Value::Flag(true)));
        assert!(report.to_text().contains("above 90 %"), "{}", report.to_text());
    }
}

/// The last line waits for a second; it is received when the measured time is over.
#[test]
fn a_stall_at_the_end_is_in_the_latencies() {
    let last = 500;
    for kind in [Kind::Rooms, Kind::Nats] {
        let (time, files) = (Time::default(), Files::new(&format!("end-{kind:?}")));
        let fake = prompt_server(kind, &time, move |time, moment| {
            if moment == Moment::Line(last - 1) {
                time.pass(SECOND);
            }
        });
        let arguments = format!("{OPEN} --dialect {}", kind.name());
        let report = measured(&arguments, &files.server(&fake), time.instruments(1));
        within(&report.expect("all is delivered"), "latency_max_us", 980_000.0, 1_030_000.0);
    }
}

/// The line after which no other is due in `ENDING`.
const LAST: usize = 499;
const ENDING: &str = "--members 3 --warmup 1 --seconds 3.995";
/// A snapshot before the measured seconds, one after each, and one at the end.
const SNAPSHOTS: u64 = 1 + 4 + 1;

/// Nothing is on its way when the line comes, so that only a further look finds it.
#[test]
fn a_line_after_the_last_is_noticed() {
    for kind in [Kind::Rooms, Kind::Redis, Kind::Nats] {
        for pace in ["--rate 100", "--window 1"] {
            let time = Time::default();
            let server = time.clone();
            let script = move |moment| match moment {
                // When all lines but one are delivered, looks at the clock reach the end, many
                // waits later.
                Moment::Delivered(number) if number + 1 == LAST => {
                    server.reach(LAST as u64 * LINE - 1);
                    server.looks_cost(LINE / 500);
                }
                Moment::Delivered(number) if number < LAST => {
                    server.reach((number as u64 + 1) * LINE);
                }
                _ => {}
            };
            let fake = Arc::new(Fake::scripted(kind, Fault::None, Arc::new(script)));
            let (inventor, snapshots) = (fake.clone(), AtomicU64::new(0));
            let clock = time.instruments(1);
            let meter = move || {
                if snapshots.fetch_add(1, SeqCst) + 1 == SNAPSHOTS {
                    inventor.invent();
                }
                0
            };
            let instruments = Instruments::new(move || clock.now(), meter);
            let server = Server::running(fake.address(), None);
            let arguments = format!("--dialect {} {pace} {ENDING}", kind.name());
            let error = measured(&arguments, &server, instruments);
            let error = error.expect_err("a line too many").to_string();
            assert!(error.contains("nobody: invented"), "{kind:?} {pace}: {error}");
        }
    }
}

#[test]
fn every_line_needs_one_receipt() {
    for (fault, expected) in [
        (Fault::KeepsAReceipt, "deliveries and receipts"),
        (Fault::RepeatsAReceipt, "receipts, got"),
    ] {
        for pace in ["--rate 100", "--window 1"] {
            let time = Time::default();
            let clock = time.clone();
            // Time runs out soon once every line has come.
            let script = move |moment| match moment {
                Moment::Delivered(number @ ..40) => clock.reach((number as u64 + 1) * LINE),
                Moment::Delivered(_) => clock.looks_cost(50 * MILLISECOND),
                _ => {}
            };
            let fake = Fake::scripted(Kind::Redis, fault, Arc::new(script));
            let server = Server::running(fake.address(), None);
            let arguments = format!("--dialect redis --members 3 {pace} --warmup 0 --seconds 0.5");
            let error = measured(&arguments, &server, time.instruments(1));
            let error = error.expect_err("a receipt is wrong").to_string();
            assert!(error.contains(expected), "{fault:?} {pace}: {error}");
        }
    }
}

/// Each arrival and each departure takes 4 ms, three ticks of processor time, and 10 kB for ever.
#[test]
fn a_storm_is_counted_by_its_notices() {
    let (time, files) = (Time::default(), Files::new("storm"));
    let events = AtomicU64::new(0);
    let script = {
        let (time, files) = (time.clone(), files.clone());
        move |moment| {
            assert_eq!(moment, Moment::Arrival);
            time.pass(4 * MILLISECOND);
            let count = events.fetch_add(1, SeqCst) + 1;
            files.write(3 * count, 10 * count);
        }
    };
    let fake = Fake::scripted(Kind::Rooms, Fault::None, Arc::new(script));
    let arguments = "--storm 20 --storm-rounds 3 --members 5";
    let report = measured(arguments, &files.server(&fake), time.instruments(1));
    let report = report.expect("every notice is delivered");
    // Each round: five permanent members receive 20 joins and 20 departures; the guests receive the
    // joins of each other, 20 + 19 + ... + 1.
    let (notices, events) = (3 * (5 * 40 + 210), 3.0 * 40.0);
    assert_eq!(report.get("deliveries"), Some(Value::Count(notices)));
    let notices = crate::number::float(notices);
    let seconds = events * 0.004;
    within(&report, "seconds", seconds, seconds);
    within(&report, "deliveries_per_second", notices / seconds, notices / seconds);
    let cpu = events * 3.0 * 10e6 / notices;
    within(&report, "cpu_ns_per_delivery", cpu, cpu);
    // Five members, then rounds of forty arrivals and departures.
    assert_eq!(report.get("rss_early_bytes"), Some(Value::Count((5 + 80) * 10 * 1024)));
    assert_eq!(report.get("rss_bytes"), Some(Value::Count((5 + 120) * 10 * 1024)));
}

#[test]
fn an_idle_client_costs_what_it_adds() {
    let files = Files::new("idle");
    files.write(0, 5_000);
    let (count, written) = (AtomicU64::new(0), files.clone());
    let script = move |_| written.write(0, 5_000 + 12 * (count.fetch_add(1, SeqCst) + 1));
    let fake = Fake::scripted(Kind::Rooms, Fault::None, Arc::new(script));
    let report = measured("--idle 150", &files.server(&fake), Time::default().instruments(1));
    let report = report.expect("all join");
    for (key, truth) in [
        ("idle_clients", 150),
        ("rss_before_bytes", 5_000 * 1024),
        ("rss_after_bytes", 6_800 * 1024),
        ("descriptors", 3),
    ] {
        assert_eq!(report.get(key), Some(Value::Count(truth)), "{key}");
    }
    assert_eq!(report.get("bytes_per_client"), Some(Value::Amount(12.0 * 1024.0)));
}

#[test]
fn a_process_is_looked_at_only_if_it_is_known() {
    let time = Time::default();
    let fake = prompt_server(Kind::Rooms, &time, |_, _| {});
    let server = Server::running(fake.address(), None);
    let report = measured(OPEN, &server, time.instruments(1)).expect("every line is delivered");
    for absent in ["cpu_ns_per_delivery", "rss_bytes", "descriptors"] {
        assert_eq!(report.get(absent), None);
    }
    let gone = Server::running(fake.address(), Some(Process::at("/nowhere")));
    for arguments in [OPEN, "--idle 3", "--storm 2 --members 3"] {
        let error = measured(arguments, &gone, Time::default().instruments(1));
        let error = error.expect_err("it was asked for").to_string();
        assert!(error.contains("/nowhere/stat"), "{arguments}: {error}");
    }
}
