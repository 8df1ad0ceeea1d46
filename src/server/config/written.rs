//! The values of options as a file of TOML has them.

use super::keys::Key;
use parlance_printable::is_hidden;
use std::fmt::Write;

/// The `values` of an option.
pub(crate) fn written(key: &Key, values: &[String]) -> String {
    if key.is_flag() {
        return key.is_on(values).to_string();
    }
    if key.is_list() {
        let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
        return format!("[{}]", values.join(", "));
    }
    values.iter().map(|value| scalar(value)).collect::<Vec<_>>().join(", ")
}

/// A number as a number, anything else as a string.
fn scalar(value: &str) -> String {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let digits = |text: &str| {
        (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_whole = digits(whole) && (whole == "0" || !whole.starts_with('0'));
    if is_whole && digits(fraction) { value.to_owned() } else { quoted(value) }
}

fn quoted(value: &str) -> String {
    let mut text = String::from('"');
    for character in value.chars() {
        if matches!(character, '"' | '\\') {
            text.push('\\');
            text.push(character);
        } else if is_hidden(character) {
            let _ = write!(text, "\\U{:08X}", u32::from(character));
        } else {
            text.push(character);
        }
    }
    text + "\""
}

#[cfg(test)]
mod tests {
    use super::scalar;

    #[test]
    fn a_value_is_written_as_toml_reads_it() {
        for value in ["0", "10000", "0.5", "007", "1e3", ".5", "2m", "a\"b\\c", "\u{1b}[1m", ""] {
            let text = format!("x = {}", scalar(value));
            let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            let read = match &table["x"] {
                toml::Value::String(text) => text.clone(),
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Float(number) => number.to_string(),
                other => panic!("{other:?}"),
            };
            assert_eq!(read, value, "{text}");
        }
    }
}
