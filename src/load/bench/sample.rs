//! Measurements that are kept between runs, with their medians and ratios.

use serde::{Deserialize, Serialize};

/// One measurement.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Sample {
    pub(super) row: String,
    pub(super) server: String,
    /// Its round; ratios are taken within one round.
    pub(super) round: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deliveries_per_second: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cpu_ns_per_delivery: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) generator_utilisation: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bytes_per_client: Option<f64>,
}

/// A median with the minimum and the maximum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

/// A figure of a sample.
pub(super) type Figure = fn(&Sample) -> Option<f64>;

/// All samples.
#[derive(Clone, Copy, Debug)]
pub(super) struct Samples<'a>(pub(super) &'a [Sample]);

impl<'a> Samples<'a> {
    fn of(self, row: &'a str, server: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.0.iter().filter(move |sample| sample.row == row && sample.server == server)
    }

    /// The servers with samples, in the order of their first sample.
    pub(super) fn servers(self) -> Vec<&'a str> {
        let mut servers = Vec::new();
        for sample in self.0 {
            if !servers.contains(&&sample.server[..]) {
                servers.push(&sample.server[..]);
            }
        }
        servers
    }

    /// A figure of a server over all rounds.
    pub(super) fn spread(self, row: &'a str, server: &'a str, figure: Figure) -> Option<Spread> {
        spread(self.of(row, server).filter_map(figure).collect())
    }

    /// A figure of a server divided by that of another in the same round, over all rounds.
    pub(super) fn ratio(
        self,
        row: &'a str,
        server: &'a str,
        other: &'a str,
        figure: Figure,
    ) -> Option<Spread> {
        let ratios = self.of(row, server).filter_map(|sample| {
            let against = self.of(row, other).find(|against| against.round == sample.round)?;
            let (above, below) = (figure(sample)?, figure(against)?);
            (below > 0.0).then_some(above / below)
        });
        spread(ratios.collect())
    }
}

fn spread(mut values: Vec<f64>) -> Option<Spread> {
    values.sort_by(f64::total_cmp);
    let (least, most) = (*values.first()?, *values.last()?);
    let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
    Some(Spread { median: f64::midpoint(low, high), least, most })
}

#[cfg(test)]
mod tests {
    use super::{Sample, Samples, Spread, spread};

    fn sample(server: &str, round: usize, rate: f64) -> Sample {
        let (row, server) = ("r".to_owned(), server.to_owned());
        let (cpu_ns_per_delivery, generator_utilisation, bytes_per_client) = (None, None, None);
        let deliveries_per_second = Some(rate);
        Sample {
            row,
            server,
            round,
            deliveries_per_second,
            cpu_ns_per_delivery,
            generator_utilisation,
            bytes_per_client,
        }
    }

    #[test]
    fn medians_are_of_odd_and_even_counts() {
        let of = |values: &[f64]| spread(values.to_vec());
        assert_eq!(of(&[3.0, 1.0, 7.0]), Some(Spread { median: 3.0, least: 1.0, most: 7.0 }));
        assert_eq!(of(&[4.0, 1.0]), Some(Spread { median: 2.5, least: 1.0, most: 4.0 }));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The machine is twice as fast in the second round, which does not change the ratio.
        let samples = [
            sample("a", 0, 30.0),
            sample("b", 0, 10.0),
            sample("a", 1, 60.0),
            sample("b", 1, 20.0),
        ];
        let ratio = Samples(&samples).ratio("r", "a", "b", |it| it.deliveries_per_second);
        assert_eq!(ratio, Some(Spread { median: 3.0, least: 3.0, most: 3.0 }));
        assert_eq!(Samples(&samples).servers(), ["a", "b"]);
        assert_eq!(Samples(&samples).ratio("r", "a", "b", |it| it.bytes_per_client), None);
    }
}
