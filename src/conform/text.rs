//! Foreign text made safe to show.

use parlance_printable::is_hidden;
use std::borrow::Cow;

/// `text` with every hidden character as an escape: the server's text must not control a terminal,
/// nor contain characters that XML or YAML does not allow.
pub(super) fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => safe.push(' '),
            _ if character.is_control() => safe.extend(character.escape_default()),
            _ if is_hidden(character) => safe.extend(character.escape_unicode()),
            _ => safe.push(character),
        }
    }
    safe
}

/// Width of text that is wrapped.
pub(super) const WIDTH: usize = 96;

/// Maximum number of columns of a line that is printed.
pub(super) const COLUMNS: usize = 380;

/// The line, or its beginning and an ellipsis if it has more columns than any reader looks at.
pub(super) fn cut(line: &str) -> Cow<'_, str> {
    match line.char_indices().nth(COLUMNS) {
        None => Cow::Borrowed(line),
        Some(_) => line.chars().take(COLUMNS - 1).chain(['…']).collect::<String>().into(),
    }
}

/// The beginning of a quotation, and its end, if it is too long for a line.
pub(super) fn clipped(text: &str) -> Cow<'_, str> {
    let length = text.chars().count();
    if length <= CLIPPED {
        return Cow::Borrowed(text);
    }
    let left = length - CLIPPED / 4 - CLIPPED / 2;
    let beginning: String = text.chars().take(CLIPPED / 2).collect();
    let end: String = text.chars().skip(CLIPPED / 2 + left).collect();
    format!("{beginning} … {left} characters … {end}").into()
}

/// Maximum number of characters of a quotation.
const CLIPPED: usize = 300;

/// Text in lines of at most `width`, each ended, the first without its indent. A longer word has a
/// line of its own.
pub(super) fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is a first line");
        if last.chars().count() + word.chars().count() + indent.len() > width && !last.is_empty() {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines.join(&format!("\n{indent}")) + "\n"
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn nothing_that_a_server_says_drives_a_terminal() {
        let text = harmless("a\x1b[31m\u{7f}\r\u{9b}\u{202e}\tä\0");
        assert_eq!(text, "a\\u{1b}[31m\\u{7f}\\r\\u{9b}\\u{202e} ä\\u{0}");
    }
}
