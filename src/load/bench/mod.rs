//! `parlance-load bench`: this server, the baseline and the peers that are installed, compared.
//!
//! Each measurement starts a server of its own. The rounds are interleaved: each server is measured
//! once before any is measured again, and ratios are taken within a round. A machine that is slower
//! for a while is then slower for all servers.

mod chart;
mod contestants;
mod rows;
mod sample;
mod table;
mod verdict;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, Parser, value_parser as within};

use super::error::LoadError;
use super::measure::measure;
use super::options::{self, Options};
use super::report::{Report, Value};
use contestants::{Contestant, YARDSTICK, field};
use rows::{Load, ROWS, Row};
use sample::{Sample, Samples};

/// The servers of a comparison by default.
const USUAL: [&str; 4] = ["parlance", YARDSTICK, "redis", "nats"];

/// The options of a comparison.
#[derive(Args, Clone, Debug)]
pub(super) struct BenchOptions {
    /// How often each server is measured in each row
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = within!(u8).range(1..=99))]
    rounds: u8,

    /// Seconds of each measurement
    #[arg(long, default_value = "2", value_name = "SECONDS", value_parser = options::measured)]
    seconds: std::time::Duration,

    /// Seconds under load before each
    #[arg(long, default_value = "0.5", value_name = "SECONDS", value_parser = options::warm)]
    warmup: std::time::Duration,

    /// Only these rows
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = Row::by_name)]
    rows: Vec<Row>,

    /// Only these servers, and the baseline: parlance, parlance-1 (one thread), redis, nats
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    servers: Vec<String>,

    /// A further server: its name, and a command with {port}, cut at spaces. It is of the rooms
    /// dialect, or else options of a load come before its command and `--`
    #[arg(long, value_name = "NAME=COMMAND", value_parser = other)]
    other: Vec<(String, Vec<String>)>,

    /// The server that all others are compared with
    #[arg(long, value_name = "NAME", default_value = YARDSTICK)]
    yardstick: String,

    /// Measure nothing: compare what earlier runs wrote with --json
    #[arg(long, value_name = "FILE")]
    #[arg(conflicts_with_all = ["rounds", "seconds", "warmup", "servers"])]
    #[arg(conflicts_with_all = ["rows", "other", "json"])]
    from: Vec<PathBuf>,

    /// Write all measurements here
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Draw the chart here
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// The arguments of one measurement.
#[derive(Parser)]
struct Request {
    #[command(flatten)]
    load: Options,
}

/// Compares, and returns the table.
pub(super) fn run(options: &BenchOptions) -> Result<String, LoadError> {
    // Ten minutes of measuring must not end with a file that cannot be written.
    [&options.json, &options.svg].into_iter().flatten().try_for_each(writable)?;
    let samples = if options.from.is_empty() { sampled(options)? } else { read(&options.from)? };
    if let Some(path) = &options.svg {
        write(path, &chart::chart(&samples, &options.yardstick))?;
    }
    Ok(table::table(Samples(&samples), &options.yardstick))
}

/// Whether a file can be written; it is created, and keeps what it has.
fn writable(path: &PathBuf) -> Result<(), LoadError> {
    let opened = fs::OpenOptions::new().create(true).append(true).open(path);
    opened.map(drop).map_err(|error| LoadError::Request(format!("{}: {error}", path.display())))
}

fn write(path: &PathBuf, text: &str) -> Result<(), LoadError> {
    fs::write(path, text).map_err(LoadError::io(path.display().to_string()))
}

/// The samples of earlier runs; the rounds of each are its own.
fn read(paths: &[PathBuf]) -> Result<Vec<Sample>, LoadError> {
    let mut all: Vec<Sample> = Vec::new();
    for path in paths {
        let shown = path.display();
        let wrong = |error: &dyn std::fmt::Display| LoadError::Request(format!("{shown}: {error}"));
        let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let samples: Vec<Sample> = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
        let first = all.iter().map(|sample| sample.round + 1).max().unwrap_or(0);
        all.extend(samples.into_iter().map(|it| Sample { round: first + it.round, ..it }));
    }
    Ok(all)
}

fn sampled(options: &BenchOptions) -> Result<Vec<Sample>, LoadError> {
    let contestants = chosen(options)?;
    let rows = if options.rows.is_empty() { ROWS.to_vec() } else { options.rows.clone() };
    let mut samples = Vec::new();
    for round in 0..usize::from(options.rounds) {
        for row in &rows {
            // The first server finds the machine as the row before left it. The rounds rotate the
            // order, so that each server is first in turn.
            for index in 0..contestants.len() {
                let contestant = &contestants[(round + index) % contestants.len()];
                let (name, of) = (&contestant.name, options.rounds);
                say(&format!("round {} of {of}: {}, {name}", round + 1, row.name));
                let load = load(options, row, contestant);
                let load = load.map_err(|error| LoadError::Request(format!("{name}: {error}")))?;
                let report = measure(&load).map_err(|error| LoadError::Contest {
                    server: name.clone(),
                    row: row.name,
                    error: error.into(),
                })?;
                samples.push(sample(&report, row, name, round));
            }
        }
        // In the order of the contestants, which is that of the table.
        let place = |sample: &Sample| contestants.iter().position(|it| it.name == sample.server);
        samples.sort_by_key(|sample| (sample.round, place(sample)));
        keep(options, &samples)?;
    }
    Ok(samples)
}

/// Writes the samples so far, so that an interrupted run keeps them.
fn keep(options: &BenchOptions, samples: &[Sample]) -> Result<(), LoadError> {
    let Some(path) = &options.json else { return Ok(()) };
    let text = serde_json::to_string_pretty(samples).expect("samples are plain data");
    write(path, &(text + "\n"))
}

/// The servers that take part; reports those that are missing.
fn chosen(options: &BenchOptions) -> Result<Vec<Contestant>, LoadError> {
    let field = field(&options.other)?;
    field.missing.iter().for_each(|missing| say(missing));
    let is_other = |name: &str| options.other.iter().any(|(other, _)| other == name);
    let wanted = |name: &str| match &options.servers[..] {
        [] => USUAL.contains(&name) || is_other(name),
        servers => {
            name == options.yardstick || servers.iter().any(|it| it == name) || is_other(name)
        }
    };
    for name in &options.servers {
        if !field.present.iter().any(|contestant| contestant.name == *name) {
            let known: Vec<_> = field.present.iter().map(|it| it.name.as_str()).collect();
            let known = known.join(", ");
            return Err(LoadError::Request(format!("--servers `{name}`: there are {known}")));
        }
    }
    Ok(field.present.into_iter().filter(|contestant| wanted(&contestant.name)).collect())
}

/// The load of a row for a server, in terms of the command line.
fn load(
    options: &BenchOptions,
    row: &Row,
    contestant: &Contestant,
) -> Result<Options, clap::Error> {
    let mut arguments = vec!["parlance-load".to_owned()];
    let mut add = |name: &str, value: String| arguments.extend([name.to_owned(), value]);
    match row.load {
        Load::Idle { clients } => add("--idle", clients.to_string()),
        Load::Busy { rooms, members, window, size } => {
            add("--rooms", rooms.to_string());
            add("--members", members.to_string());
            add("--window", window.to_string());
            add("--size", size.to_string());
            add("--seconds", options.seconds.as_secs_f64().to_string());
            add("--warmup", options.warmup.as_secs_f64().to_string());
        }
    }
    arguments.push("--quiet".to_owned()); // the comparison says what it does
    arguments.extend(contestant.options.iter().cloned());
    arguments.push("--".to_owned());
    arguments.extend(contestant.command.iter().cloned());
    Request::try_parse_from(arguments).map(|request| request.load)
}

fn sample(report: &Report, row: &Row, server: &str, round: usize) -> Sample {
    let number = |key| match report.get(key) {
        Some(Value::Amount(number) | Value::Share(number)) => Some(number),
        _ => None,
    };
    Sample {
        row: row.name.to_owned(),
        server: server.to_owned(),
        round,
        deliveries_per_second: number("deliveries_per_second"),
        cpu_ns_per_delivery: number("cpu_ns_per_delivery"),
        generator_utilisation: number("generator_utilisation"),
        bytes_per_client: number("bytes_per_client"),
    }
}

/// Reports progress.
fn say(text: &str) {
    // A closed standard error is no reason to stop.
    let _ = writeln!(std::io::stderr(), "bench: {text}");
}

/// NAME=COMMAND, the command cut at spaces.
fn other(text: &str) -> Result<(String, Vec<String>), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, command) = parts.ok_or_else(|| format!("`{text}` is not NAME=COMMAND"))?;
    let command: Vec<_> = command.split_whitespace().map(str::to_owned).collect();
    if !command.iter().any(|part| part.contains("{port}")) {
        return Err(format!("`{text}` does not say where its {{port}} goes"));
    }
    Ok((name.to_owned(), command))
}
