//! Bytes for people, in the notation of case files, and as shell commands.

use std::fmt::Write as _;

/// Bytes for people: escaped, with long repetitions of one byte written as in a template.
pub(super) fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (run, _) in runs(bytes) {
        let one = escaped(run[0]);
        if run.len() > LONG_RUN {
            let _ = write!(text, "{{{one}*{}}}", run.len());
        } else {
            text += &one.repeat(run.len());
        }
    }
    text
}

/// Width in columns of the first `count` of `bytes` in [`shown`].
pub(super) fn width_of(bytes: &[u8], count: usize) -> usize {
    // A byte inside a repetition has no column of its own: the caret stands at the first byte of
    // the repetition.
    let inside = |(run, start): &(&[u8], usize)| {
        run.len() > LONG_RUN && (start + 1..start + run.len()).contains(&count)
    };
    if let Some((_, start)) = runs(bytes).into_iter().find(inside) {
        return shown(&bytes[..start]).chars().count() + 1;
    }
    shown(&bytes[..count.min(bytes.len())]).chars().count()
}

/// Number of equal bytes from which a repetition is abbreviated.
const LONG_RUN: usize = 24;

fn escaped(byte: u8) -> String {
    match byte {
        0 => "\\0".to_owned(),
        b'"' | b'\'' => char::from(byte).to_string(),
        _ => byte.escape_ascii().to_string(),
    }
}

/// The runs of equal bytes, each with its start.
fn runs(bytes: &[u8]) -> Vec<(&[u8], usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let length = bytes[start..].iter().take_while(|&&byte| byte == bytes[start]).count();
        found.push((&bytes[start..start + length], start));
        start += length;
    }
    found
}

/// Shell commands that print `bytes`.
pub(super) fn printed(bytes: &[u8]) -> String {
    let mut commands = Vec::new();
    let mut text = String::new();
    for (run, _) in runs(bytes) {
        let one = for_printf(run[0]);
        if run.len() > LONG_RUN {
            if !text.is_empty() {
                commands.push(format!("printf '{text}'"));
                text.clear();
            }
            let octal = format!("\\{:03o}", run[0]);
            commands.push(format!("head -c {} /dev/zero | tr '\\0' '{octal}'", run.len()));
        } else {
            text += &one.repeat(run.len());
        }
    }
    if !text.is_empty() {
        commands.push(format!("printf '{text}'"));
    }
    // A minus at the beginning of a format would be taken for an option.
    commands.join("; ").replace("printf '-", "printf '\\055")
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
        let commands = printed(&[b"50%", &[b'x'; 30][..], b"\xff\n"].concat());
        assert_eq!(
            commands,
            r"printf '50%%'; head -c 30 /dev/zero | tr '\0' '\170'; printf '\377\n'"
        );
    }
}
