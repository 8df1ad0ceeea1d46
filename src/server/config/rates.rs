//! Rates as they are written: `10/s:60`, `30/m`, `off`.

use clap::ValueEnum;
use parlance_core::rate::{Rate, Rates};
use std::str::FromStr;
use std::time::Duration;

/// Which rates hold where none is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// None.
    Off,
    /// Those of a server that everybody can reach: a person does not notice them.
    Public,
}

impl Preset {
    /// The rates.
    pub fn rates(self) -> Rates {
        match self {
            Preset::Off => Rates::OFF,
            Preset::Public => Rates::public(),
        }
    }
}

/// A rate: `COUNT/UNIT:BURST`, or `off`.
///
/// ```
/// use parlance_core::rate::Rate;
/// use parlance_server::config::rates::WrittenRate;
/// use std::time::Duration;
///
/// let rate: WrittenRate = "30/m:10".parse().unwrap();
/// assert_eq!(rate.0, Rate::new(30, Duration::from_secs(60), 10));
/// assert_eq!("off".parse::<WrittenRate>().unwrap().0, Rate::OFF);
/// assert!("30".parse::<WrittenRate>().unwrap_err().contains("30/m:10"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenRate(pub Rate);

/// The most that a figure can be.
const FIGURE_MAX: u64 = 1_000_000_000;

impl FromStr for WrittenRate {
    type Err = String;

    fn from_str(text: &str) -> Result<WrittenRate, String> {
        if ["off", "0"].contains(&text) {
            return Ok(WrittenRate(Rate::OFF));
        }
        let read = || {
            let (count, rest) = text.split_once('/')?;
            let (unit, burst) = rest.split_once(':').unwrap_or((rest, "1"));
            let seconds = match unit {
                "s" => 1,
                "m" => 60,
                "h" => 3_600,
                _ => return None,
            };
            let rate = Rate::new(figure(count)?, Duration::from_secs(seconds), figure(burst)?);
            Some(WrittenRate(rate))
        };
        read().ok_or_else(|| {
            format!(
                "{text:?} is no rate; write so many per second, minute or hour, and how many may \
                 come at once, like 10/s:60, 30/m:10 or 5/h, or off"
            )
        })
    }
}

fn figure(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let figure = text.parse().ok().filter(|_| digits);
    figure.filter(|figure| (1..=FIGURE_MAX).contains(figure))
}

#[cfg(test)]
mod tests {
    use super::WrittenRate;

    #[test]
    fn a_text_that_is_no_rate_is_named() {
        for wrong in [
            "",
            "10",
            "10/",
            "10/d",
            "/s",
            "0/s",
            "10/s:",
            "10/s:0",
            "+1/s",
            "10/s:5:6",
            "2000000000/s",
            "1.5/s",
        ] {
            let why = wrong.parse::<WrittenRate>().expect_err("it is none");
            assert!(why.contains(&format!("{wrong:?}")), "{why}");
        }
    }
}
