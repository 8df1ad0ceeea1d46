//! Bytes for people, in the notation of case files, and as shell commands.

use std::fmt::Write as _;

/// Bytes for people: escaped, with long repetitions written as in a template.
pub(super) fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for run in runs(bytes) {
        let one: String = run.unit.iter().map(|byte| escaped(*byte)).collect();
        if run.is_folded() {
            let _ = write!(text, "{{{one}*{}}}", run.count);
        } else {
            text += &one.repeat(run.count);
        }
    }
    text
}

/// Width in columns of the first `count` of `bytes` in [`shown`].
pub(super) fn width_of(bytes: &[u8], count: usize) -> usize {
    // A byte inside a repetition has no column of its own: the caret stands at the first byte of
    // the repetition.
    let inside = |run: &Run<'_>| run.is_folded() && (run.start + 1..run.end()).contains(&count);
    if let Some(run) = runs(bytes).into_iter().find(inside) {
        return shown(&bytes[..run.start]).chars().count() + 1;
    }
    shown(&bytes[..count.min(bytes.len())]).chars().count()
}

/// Number of equal bytes from which a repetition is abbreviated.
const LONG_RUN: usize = 24;
/// Maximum length in bytes of what is repeated, such as a line; and how often, and how many bytes
/// in all, it is repeated to be abbreviated.
const UNIT_MAX: usize = 64;
const REPEATED_MIN: usize = 4;
const REPEATED_BYTES_MIN: usize = 96;

/// The same bytes, `count` times.
#[derive(Debug)]
struct Run<'a> {
    unit: &'a [u8],
    count: usize,
    start: usize,
}

impl Run<'_> {
    fn end(&self) -> usize {
        self.start + self.unit.len() * self.count
    }

    fn is_folded(&self) -> bool {
        self.unit.len() > 1 || self.count > LONG_RUN
    }
}

fn escaped(byte: u8) -> String {
    match byte {
        0 => "\\0".to_owned(),
        b'"' | b'\'' => char::from(byte).to_string(),
        _ => byte.escape_ascii().to_string(),
    }
}

/// The runs of equal bytes, and of equal pieces of several bytes if they are long.
fn runs(bytes: &[u8]) -> Vec<Run<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let rest = &bytes[start..];
        let equal = repeated(rest, 1);
        let (length, count) = if equal > LONG_RUN {
            (1, equal)
        } else {
            let units = (2..=UNIT_MAX.min(rest.len() / REPEATED_MIN))
                .map(|unit| (unit, repeated(rest, unit)));
            let long = |(unit, count): &(usize, usize)| {
                *count >= REPEATED_MIN && unit * count >= REPEATED_BYTES_MIN
            };
            units.into_iter().find(long).unwrap_or((1, equal))
        };
        found.push(Run { unit: &rest[..length], count, start });
        start += length * count;
    }
    found
}

/// How often `bytes` begins with its first `unit` bytes, in a row.
fn repeated(bytes: &[u8], unit: usize) -> usize {
    bytes.chunks_exact(unit).take_while(|piece| *piece == &bytes[..unit]).count()
}

/// Length of a format of `printf` from which the rest is printed by another.
const PRINTED_MAX: usize = 200;

/// Shell commands that print `bytes`.
pub(super) fn printed(bytes: &[u8]) -> Vec<String> {
    let mut commands = Vec::new();
    let mut text = String::new();
    for run in runs(bytes) {
        let one: String = run.unit.iter().map(|byte| for_printf(*byte)).collect();
        if !run.is_folded() {
            text += &one.repeat(run.count);
            if text.len() <= PRINTED_MAX {
                continue;
            }
        }
        if !text.is_empty() {
            commands.push(format!("printf '{}'", std::mem::take(&mut text)));
        }
        if !run.is_folded() {
            continue;
        }
        commands.push(match run.unit {
            [byte] => format!("head -c {} /dev/zero | tr '\\0' '\\{byte:03o}'", run.count),
            // Each number is one more argument, of which no character is printed.
            _ => format!("printf '{one}%.0s' $(seq {})", run.count),
        });
    }
    if !text.is_empty() {
        commands.push(format!("printf '{text}'"));
    }
    // A minus at the beginning of a format would be taken for an option.
    commands.into_iter().map(|one| one.replacen("printf '-", "printf '\\055", 1)).collect()
}

fn for_printf(byte: u8) -> String {
    match byte {
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'%' => "%%".to_owned(),
        b'\\' => "\\\\".to_owned(),
        b'\'' => "'\\''".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{printed, shown, width_of};

    #[test]
    fn bytes_become_text_and_commands() {
        let long = [b"it's ", &[b'x'; 30][..], b"\0\n"].concat();
        assert_eq!(shown(&long), r"it's {x*30}\0\n");
        let at = |count| shown(&long).split_at(width_of(&long, count)).1.to_owned();
        assert_eq!(
            (at(5), at(20), at(35)),
            (r"{x*30}\0\n".into(), r"x*30}\0\n".into(), r"\0\n".into())
        );
        let printed = |bytes: &[u8]| super::printed(bytes).join("; ");
        let commands = printed(&[b"50%", &[b'x'; 30][..], b"\xff\n"].concat());
        assert_eq!(
            commands,
            r"printf '50%%'; head -c 30 /dev/zero | tr '\0' '\170'; printf '\377\n'"
        );
    }

    #[test]
    fn lines_that_are_repeated_are_folded() {
        let lines = [&b"ann: hello\n".repeat(20)[..], b"bob: hi\n"].concat();
        assert_eq!(shown(&lines), r"{ann: hello\n*20}bob: hi\n");
        assert_eq!(width_of(&lines, 15), 1);
        assert_eq!(width_of(&lines, 20 * 11), shown(&lines[..20 * 11]).len());
        assert_eq!(
            printed(&lines).join("; "),
            r"printf 'ann: hello\n%.0s' $(seq 20); printf 'bob: hi\n'"
        );
        // Few of them are shown as they are.
        assert_eq!(shown(b"1\n2\n1\n2\n1\n2\n1\n2\n"), r"1\n2\n1\n2\n1\n2\n1\n2\n");
        let many: Vec<u8> = (0..400_u32).map(|byte| b'a' + (byte * byte % 23) as u8).collect();
        assert!(printed(&many).iter().all(|one| one.len() < 220), "{:?}", printed(&many));
    }
}
