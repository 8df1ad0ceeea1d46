//! The comparison as text.

use std::fmt::Write as _;

use super::contestants::YARDSTICK;
use super::rows::{Goal, ROWS, Row};
use super::sample::{Samples, Spread};
use super::verdict::{Verdict, bytes, cpu, rate};

/// The server whose goals are judged.
pub(super) const OURS: &str = "parlance";

/// The table of all rows that have samples.
pub(super) fn table(samples: Samples<'_>, yardstick: &str) -> String {
    let mut text = String::new();
    for row in &ROWS {
        let servers = samples.servers();
        let present: Vec<_> =
            servers.into_iter().filter(|server| has(samples, row, server)).collect();
        if present.is_empty() {
            continue;
        }
        writeln!(text, "{} ({}); {}", row.name, row.shape(), goal(row.goal)).expect(WRITES);
        for server in present {
            line(&mut text, row, server, samples, yardstick);
        }
        text.push('\n');
    }
    let how = "in the same round: median (least to greatest)";
    writeln!(text, "Ratios are to {yardstick} {how}.").expect(WRITES);
    text
}

const WRITES: &str = "writing to a string succeeds";

fn has(samples: Samples<'_>, row: &Row, server: &str) -> bool {
    samples.0.iter().any(|sample| sample.row == row.name && sample.server == server)
}

fn line(text: &mut String, row: &Row, server: &str, samples: Samples<'_>, yardstick: &str) {
    let verdict = Verdict::of(row, server, samples, yardstick);
    write!(text, "  {server:<12}").expect(WRITES);
    if let Some(spread) = samples.spread(row.name, server, bytes) {
        write!(text, " {:>8.0} bytes", spread.median).expect(WRITES);
        write!(text, " ({:.0} to {:.0})", spread.least, spread.most).expect(WRITES);
    }
    if let Some(spread) = samples.spread(row.name, server, rate) {
        write!(text, " {:>9.1} k/s {:<20}", spread.median / 1000.0, ratio(verdict.rate))
            .expect(WRITES);
    }
    if let Some(spread) = samples.spread(row.name, server, cpu) {
        write!(text, " {:>8.0} ns {:<20}", spread.median, ratio(verdict.cpu)).expect(WRITES);
    }
    let own = samples.spread(row.name, server, |it| it.generator_utilisation);
    if let Some(own) = own {
        write!(text, " generator {:>3.0} %", own.median * 100.0).expect(WRITES);
    }
    if verdict.generator_bound {
        text.push_str(" (CPU alone counts)");
    }
    if server == OURS {
        text.push_str(match verdict.reached {
            Some(true) => "  reached",
            Some(false) => "  NOT reached",
            None => "  not judged",
        });
    }
    while text.ends_with(' ') {
        text.pop();
    }
    text.push('\n');
}

fn goal(goal: Goal) -> String {
    match goal {
        Goal::Bytes(most) => format!("goal: at most {most:.0} bytes"),
        Goal::Ratio { rate, cpu: Some(cpu) } => {
            format!("goal: {rate:.2} x the {YARDSTICK}'s rate, {cpu:.2} x its CPU time")
        }
        Goal::Ratio { rate, cpu: None } => format!("goal: {rate:.2} x the {YARDSTICK}'s rate"),
    }
}

fn ratio(spread: Option<Spread>) -> String {
    spread.map_or_else(String::new, |Spread { median, least, most }| {
        format!("{median:.2} ({least:.2} to {most:.2})")
    })
}
