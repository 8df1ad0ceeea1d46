//! The time of day.

use jiff::{Timestamp, ZonedDateTime};

/// Hours and minutes where the user is, now.
pub(super) fn time_of_day() -> String {
    hours_and_minutes(&ZonedDateTime::now())
}

fn hours_and_minutes(now: &ZonedDateTime) -> String {
    now.strftime("%H:%M").to_string()
}

/// The moment in UTC, as RFC 3339 has it, to the millisecond.
pub(super) fn moment() -> String {
    to_the_millisecond(Timestamp::now())
}

fn to_the_millisecond(now: Timestamp) -> String {
    format!("{now:.3}")
}

#[cfg(test)]
mod tests {
    use super::{hours_and_minutes, moment, time_of_day, to_the_millisecond};

    #[test]
    fn both_forms_have_their_length() {
        assert_eq!(time_of_day().len(), "12:34".len());
        let moment = moment();
        assert_eq!(moment.len(), "2026-11-30T09:00:00.000Z".len(), "{moment}");
        assert!(moment.ends_with('Z'), "{moment}");
    }

    #[test]
    fn a_day_begins_at_midnight_where_the_user_is_and_in_utc() {
        for (at, local, utc) in [
            ("2026-12-31T23:59:59.9999+02:00[+02:00]", "23:59", "2026-12-31T21:59:59.999Z"),
            ("2027-01-01T00:00:00+02:00[+02:00]", "00:00", "2026-12-31T22:00:00.000Z"),
            ("2027-01-01T01:59:59.9999+02:00[+02:00]", "01:59", "2026-12-31T23:59:59.999Z"),
            ("2027-01-01T02:00:00+02:00[+02:00]", "02:00", "2027-01-01T00:00:00.000Z"),
            ("2027-01-01T13:05:00+02:00[+02:00]", "13:05", "2027-01-01T11:05:00.000Z"),
        ] {
            let now = at.parse().expect("a moment with its zone");
            assert_eq!(hours_and_minutes(&now), local, "{at}");
            assert_eq!(to_the_millisecond(now.timestamp()), utc, "{at}");
        }
    }
}
