//! The default file, made of the option table.

use super::keys::{Key, keys};
use super::sections::{SECTIONS, in_file};
use super::written::written;
use std::fmt::Write;

/// The columns of a comment.
const COLUMNS: usize = 100;

const HEAD: &str = "\
Every option that a configuration file can have, with its default: parlance --config FILE, and
parlance check FILE tries one out. A line that begins with # and no space is a key: without its #
it counts. What is typed and variables replace what stands here; SIGHUP reads it anew. A time is a
number of seconds or has a unit (ms, s, m, h), a size is a number of bytes or has one (KiB, MiB,
GiB).";

/// A commented file in which every key has its default.
///
/// ```
/// let text = parlance_server::config::defaults::file();
/// assert!(text.contains("\n[limits]\n") && text.contains("\n#clients-max = 10000\n"));
/// ```
pub fn file() -> String {
    let mut text = String::new();
    comment(&mut text, HEAD);
    let keys = keys();
    for (heading, purpose) in SECTIONS {
        let section = in_file(heading);
        let _ = write!(text, "\n# {purpose}\n[{section}]\n");
        for key in keys.iter().filter(|key| key.section == section) {
            text.push('\n');
            let help = key.option.get_help().map(ToString::to_string).unwrap_or_default();
            comment(&mut text, &help);
            let names: Vec<_> = possible(key);
            if !names.is_empty() {
                comment(&mut text, &format!("One of: {}", names.join(", ")));
            }
            let _ = writeln!(text, "#{} = {}", key.name, default(key));
        }
    }
    text
}

/// The default of a key, or a placeholder where it has none.
fn default(key: &Key) -> String {
    let values = key.option.get_default_values().iter();
    let values: Vec<_> = values.map(|value| value.to_string_lossy().into_owned()).collect();
    if !values.is_empty() {
        return written(key, &values);
    }
    let names = key.option.get_value_names().unwrap_or_default();
    written(key, &names.iter().map(ToString::to_string).collect::<Vec<_>>())
}

fn possible(key: &Key) -> Vec<String> {
    if key.is_flag() {
        return Vec::new();
    }
    let values = key.option.get_possible_values();
    values.iter().map(|value| value.get_name().to_owned()).collect()
}

/// Appends `words` as a comment of several lines.
fn comment(text: &mut String, words: &str) {
    let mut line = String::from("#");
    for word in words.split_whitespace() {
        if line.len() + 1 + word.len() > COLUMNS {
            let _ = writeln!(text, "{line}");
            line.truncate(1);
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}
