//! Times and sizes with their units.

use std::time::Duration;

/// The units of time, in seconds.
const TIMES: [(&str, f64); 5] =
    [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86_400.0)];

/// The units of sizes, in bytes.
const SIZES: [(&str, usize); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// A time: a number of seconds, or a number with its unit.
///
/// # Errors
/// A message for the user, which says what would be right.
pub(crate) fn parse_seconds(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let number = number.parse::<f64>().ok().filter(|number| number.is_finite());
    let Some(number) = number else {
        return Err("a time is a number of seconds, like 30 or 0.5, or has a unit, like 500ms, \
                    2m or 1h; 0 or at least 1ms"
            .to_owned());
    };
    let seconds = number * factor(unit, &TIMES, 1.0, "time")?;
    if seconds < 0.0 {
        return Err("a time is not negative; write 0 or at least 1ms".to_owned());
    }
    let span = Duration::try_from_secs_f64(seconds);
    let span = span.map_err(|_| "the time is too long; write 0 for no limit".to_owned())?;
    // Less would be rounded to nothing somewhere, and nothing means no limit.
    if seconds != 0.0 && span < Duration::from_millis(1) {
        return Err("the time is too short; write 0 or at least 1ms".to_owned());
    }
    Ok(span)
}

/// A size: a whole number of bytes, or one with its unit.
///
/// # Errors
/// A message for the user, which says what would be right.
pub(super) fn parse_bytes(text: &str) -> Result<usize, String> {
    let (number, unit) = split(text);
    if number.starts_with('-') && number.len() > 1 {
        return Err("a size is not negative; write 0 or more bytes".to_owned());
    }
    let digits = number.strip_prefix('+').unwrap_or(number);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("a size is a whole number of bytes, like 65536, or has a unit, like 64KiB, \
                    1MiB or 2GiB"
            .to_owned());
    }
    let bytes = digits.parse::<usize>().ok();
    let factor = factor(unit, &SIZES, 1, "size")?;
    bytes
        .and_then(|bytes| bytes.checked_mul(factor))
        .ok_or_else(|| format!("the size is too large; write at most {} bytes", usize::MAX))
}

/// A count: a whole number.
///
/// # Errors
/// A message for the user, which says what would be right.
pub(super) fn parse_count(text: &str) -> Result<usize, String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("a count is a whole number, 0 or more, without a unit".to_owned());
    }
    digits.parse().map_err(|_| format!("the count is too large; write at most {}", usize::MAX))
}

/// A number, and the letters behind it.
fn split(text: &str) -> (&str, &str) {
    let is_letter = |character: char| character.is_alphabetic();
    let number = text.trim_end_matches(is_letter);
    if number.is_empty() { (text, "") } else { (number, &text[number.len()..]) }
}

fn factor<T: Copy>(unit: &str, units: &[(&str, T)], none: T, what: &str) -> Result<T, String> {
    if unit.is_empty() {
        return Ok(none);
    }
    let found = units.iter().find(|(name, _)| *name == unit);
    found.map(|(_, factor)| *factor).ok_or_else(|| {
        let known: Vec<_> = units.iter().map(|(name, _)| *name).collect();
        format!("{unit:?} is no unit of {what}; write one of {}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::{parse_bytes, parse_count, parse_seconds};
    use std::time::Duration;

    #[test]
    fn a_number_is_seconds_and_a_unit_says_otherwise() {
        let millis = [
            ("30", 30_000),
            ("0.5", 500),
            (".5", 500),
            ("1e3", 1_000_000),
            ("0", 0),
            ("0h", 0),
            ("500ms", 500),
            ("30s", 30_000),
            ("1.5s", 1_500),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("1ms", 1),
            ("0.001", 1),
        ];
        for (text, millis) in millis {
            assert_eq!(parse_seconds(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn a_number_is_bytes_and_a_unit_says_otherwise() {
        for (text, bytes) in [
            ("0", 0),
            ("1048576", 1 << 20),
            ("+7", 7),
            ("12B", 12),
            ("64KiB", 64 << 10),
            ("1MiB", 1 << 20),
            ("3GiB", 3 << 30),
        ] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn a_count_has_no_unit_and_no_sign() {
        assert_eq!(parse_count("10000"), Ok(10_000));
        for text in ["-1", "", "10k", "1.5", "1e3"] {
            let error = parse_count(text).expect_err(text);
            assert!(error.contains("a count is a whole number"), "{text}: {error}");
        }
        let error = parse_count("99999999999999999999").expect_err("more than there is");
        assert!(error.contains("too large"), "{error}");
    }

    #[test]
    fn a_wrong_time_is_answered_with_its_fault() {
        for (text, fault) in [
            ("soon", "a time is a number of seconds"),
            ("", "a time is a number of seconds"),
            ("ms", "a time is a number of seconds"),
            ("1 h", "a time is a number of seconds"),
            ("inf", "a time is a number of seconds"),
            ("NaN", "a time is a number of seconds"),
            ("-3", "not negative"),
            ("-1h", "not negative"),
            ("5w", "\"w\" is no unit of time; write one of ms, s, m, h, d"),
            ("5MS", "\"MS\" is no unit of time"),
            ("1e30", "too long"),
            ("1e18h", "too long"),
            ("0.1ms", "too short"),
            ("0.0001", "too short"),
        ] {
            let error = parse_seconds(text).expect_err(text);
            assert!(error.contains(fault), "{text}: {error}");
        }
    }

    #[test]
    fn a_wrong_size_is_answered_with_its_fault() {
        for (text, fault) in [
            ("much", "a size is a whole number of bytes"),
            ("", "a size is a whole number of bytes"),
            ("1.5MiB", "a size is a whole number of bytes"),
            ("1 MiB", "a size is a whole number of bytes"),
            ("--1", "not negative"),
            ("-1", "not negative"),
            ("-1KiB", "not negative"),
            ("1MB", "\"MB\" is no unit of size; write one of B, KiB, MiB, GiB"),
            ("1mib", "\"mib\" is no unit of size"),
            ("99999999999999999999", "too large"),
            ("99999999999999GiB", "too large"),
        ] {
            let error = parse_bytes(text).expect_err(text);
            assert!(error.contains(fault), "{text}: {error}");
        }
    }
}
