//! Whether a goal is reached.

use super::super::snapshot::BUSY;
use super::contestants::YARDSTICK;
use super::rows::{Goal, Row};
use super::sample::{Sample, Samples, Spread};

/// The figures of a server in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    /// Deliveries per second divided by the yardstick's.
    pub(super) rate: Option<Spread>,
    /// CPU time per delivery divided by the yardstick's.
    pub(super) cpu: Option<Spread>,
    /// Whether the generator was the limit, here or with the yardstick.
    pub(super) generator_bound: bool,
    /// Whether the goal is reached; `None` without data. Goals are multiples of the baseline.
    pub(super) reached: Option<bool>,
}

impl Verdict {
    /// Judges the samples of a server in a row.
    pub(super) fn of(row: &Row, server: &str, samples: Samples<'_>, yardstick: &str) -> Verdict {
        let rate = samples.ratio(row.name, server, yardstick, rate);
        let cpu = samples.ratio(row.name, server, yardstick, cpu);
        let bytes = samples.spread(row.name, server, bytes);
        let busy = |server| {
            let spread = samples.spread(row.name, server, |it| it.generator_utilisation);
            spread.is_some_and(|spread| spread.median > BUSY)
        };
        let generator_bound = busy(server) || busy(yardstick);
        let reached = match row.goal {
            Goal::Bytes(most) => bytes.map(|bytes| bytes.median <= most),
            Goal::Ratio { .. } if yardstick != YARDSTICK => None,
            Goal::Ratio { rate: least, cpu: most } => {
                let fast = rate.map(|rate| rate.median >= least);
                let cheap = most.and_then(|most| cpu.map(|cpu| cpu.median <= most));
                match (fast, cheap) {
                    // If the generator was the limit, the rate is the generator's.
                    (_, cheap) if generator_bound => cheap,
                    (Some(fast), cheap) => Some(fast && cheap.unwrap_or(true)),
                    (None, _) => None,
                }
            }
        };
        Verdict { rate, cpu, generator_bound, reached }
    }
}

pub(super) fn rate(sample: &Sample) -> Option<f64> {
    sample.deliveries_per_second
}

pub(super) fn cpu(sample: &Sample) -> Option<f64> {
    sample.cpu_ns_per_delivery
}

pub(super) fn bytes(sample: &Sample) -> Option<f64> {
    sample.bytes_per_client
}

#[cfg(test)]
mod tests {
    use super::super::rows::{ROWS, Row};
    use super::{Sample, Samples, Verdict, YARDSTICK};

    /// Samples of one round: ours with these figures, the yardstick with 100 of everything.
    fn judged(row: &Row, rate: f64, cpu: f64, own: f64, bytes: f64) -> Option<bool> {
        let sample = |server: &str, rate, cpu, bytes| Sample {
            row: row.name.to_owned(),
            server: server.to_owned(),
            round: 0,
            deliveries_per_second: Some(rate),
            cpu_ns_per_delivery: Some(cpu),
            generator_utilisation: Some(own),
            bytes_per_client: Some(bytes),
        };
        let samples =
            [sample("parlance", rate, cpu, bytes), sample(YARDSTICK, 100.0, 100.0, 100.0)];
        Verdict::of(row, "parlance", Samples(&samples), YARDSTICK).reached
    }

    #[test]
    fn rate_and_cpu_are_judged_unless_the_generator_is_the_limit() {
        let pipelined = Row::by_name("pipelined").expect("it is there");
        assert_eq!(judged(&pipelined, 120.0, 90.0, 0.5, 0.0), Some(true));
        assert_eq!(judged(&pipelined, 119.0, 90.0, 0.5, 0.0), Some(false));
        assert_eq!(judged(&pipelined, 120.0, 91.0, 0.5, 0.0), Some(false));
        assert_eq!(judged(&pipelined, 100.0, 90.0, 0.95, 0.0), Some(true));
        let pairs = Row::by_name("pairs").expect("it is there");
        assert_eq!(judged(&pairs, 200.0, 10.0, 0.95, 0.0), None);
    }

    #[test]
    fn memory_is_judged_by_its_bytes() {
        let idle = ROWS[ROWS.len() - 1];
        assert_eq!(judged(&idle, 0.0, 0.0, 0.0, 1000.0), Some(true));
        assert_eq!(judged(&idle, 0.0, 0.0, 0.0, 1001.0), Some(false));
    }
}
