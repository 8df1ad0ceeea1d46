//! Times, sizes and counts as people read them.

/// `milliseconds` with the two greatest units that it has.
pub(crate) fn span(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, 0) => format!("{milliseconds}ms"),
        (0, 0, 0, s) => format!("{s}s"),
        (0, 0, m, s) => format!("{m}m{s:02}s"),
        (0, h, m, _) => format!("{h}h{m:02}m"),
        (d, h, ..) => format!("{d}d{h:02}h"),
    }
}

/// `bytes` with the greatest unit that it has.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes}B");
    }
    // In tenths of the unit below, which a whole number holds exactly enough.
    let mut tenths = bytes.saturating_mul(10) / 1024;
    let mut unit = 0;
    while tenths >= 10 * 1024 && unit + 1 < UNITS.len() {
        (tenths, unit) = (tenths / 1024, unit + 1);
    }
    format!("{}.{}{}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::{size, span};

    #[test]
    fn amounts_have_their_greatest_units() {
        let spans = [0, 999, 1_000, 61_000, 3_660_000, 90_000_000].map(span);
        assert_eq!(spans, ["0ms", "999ms", "1s", "1m01s", "1h01m", "1d01h"]);
        let sizes = [0, 1023, 1024, 1536, 1_048_576, u64::MAX].map(size);
        assert_eq!(sizes[..5], ["0B", "1023B", "1.0KiB", "1.5KiB", "1.0MiB"]);
        assert!(sizes[5].ends_with("PiB"));
    }
}
