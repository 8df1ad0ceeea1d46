//! The time of day.

use jiff::{Timestamp, ZonedDateTime};

/// Hours and minutes where the user is.
pub(super) fn time_of_day() -> String {
    ZonedDateTime::now().strftime("%H:%M").to_string()
}

/// The moment in UTC, as RFC 3339 has it, to the millisecond.
pub(super) fn moment() -> String {
    format!("{:.3}", Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::{moment, time_of_day};

    #[test]
    fn both_forms_have_their_length() {
        assert_eq!(time_of_day().len(), "12:34".len());
        let moment = moment();
        assert_eq!(moment.len(), "2026-11-30T09:00:00.000Z".len(), "{moment}");
        assert!(moment.ends_with('Z'), "{moment}");
    }
}
