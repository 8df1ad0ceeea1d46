//! A configuration file: TOML, whose keys are options. [common/config-2]

use super::keys::{Key, keys};
use super::sections::{SECTIONS, in_file};
use super::suggestion::nearest;
use clap::builder::{OsStr, Resettable};
use clap::{Arg, Command};
use parlance_printable::escape;
use std::fs::{self, File};
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The maximum of a file, in bytes: a device that never ends is no configuration.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) entries: Vec<Entry>,
}

/// A key of a file.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Key,
    /// As they would be typed.
    pub(super) values: Vec<String>,
    /// Where the file has it, `FILE:LINE`.
    pub(super) place: String,
}

impl Entry {
    /// The option with these values by default, which flags and variables replace.
    pub(super) fn below(&self, option: Arg) -> Arg {
        let values = self.values.iter().map(OsStr::from).collect::<Vec<_>>();
        // An array needs no commas, and a file may well have a name with one.
        option.value_delimiter(Resettable::Reset).default_values(values)
    }
}

/// Reads the file at `path`.
///
/// # Errors
/// A message for the user, which begins with the file and, if it can be read, the line, and says
/// what would be right.
pub(super) fn read(path: &Path) -> Result<Contents, String> {
    let name = escape(&path.to_string_lossy());
    let bytes = bytes(path).map_err(|why| format!("{name}: {why}"))?;
    let text = str::from_utf8(&bytes).map_err(|error| {
        let line = line(&bytes, error.valid_up_to());
        format!("{name}:{line}: a byte is no UTF-8; write the file in UTF-8")
    })?;
    parse(&name, text)
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error| format!("the file cannot be read: {error}");
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err("it is no file; write the name of a file of TOML".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(format!("the file is longer than {FILE_BYTES_MAX} bytes"));
    }
    Ok(bytes)
}

/// Reads the `text` of the file of this name.
pub(super) fn parse(name: &str, text: &str) -> Result<Contents, String> {
    let at = |span: Range<usize>| format!("{name}:{}", line(text.as_bytes(), span.start));
    let root = DeTable::parse(text).map_err(|error| {
        let place = at(error.span().unwrap_or(0..0));
        format!("{place}: {}", escape(&error.message().replace('\n', ", ")))
    })?;
    let reader = Reader { keys: keys(), at: &at };
    let mut entries = Vec::new();
    for (section, value) in in_order(root.get_ref()) {
        let keys = reader.section(section, value)?;
        for (key, value) in in_order(keys) {
            entries.push(reader.entry(section.get_ref(), key, value)?);
        }
    }
    Ok(Contents { entries })
}

/// The line of the byte at `offset`, the first being 1.
fn line(text: &[u8], offset: usize) -> usize {
    1 + text.iter().take(offset).filter(|byte| **byte == b'\n').count()
}

type Name<'a> = Spanned<toml::de::DeString<'a>>;
type Value<'a> = Spanned<DeValue<'a>>;

/// The entries of a table in the order of the file, so that the first fault is named first.
fn in_order<'t, 'a>(table: &'t DeTable<'a>) -> Vec<(&'t Name<'a>, &'t Value<'a>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// What is known while a file is read.
struct Reader<'a> {
    keys: Vec<Key>,
    at: &'a dyn Fn(Range<usize>) -> String,
}

impl Reader<'_> {
    /// The table of a section.
    fn section<'t, 'a>(
        &self,
        name: &Name,
        value: &'t Value<'a>,
    ) -> Result<&'t DeTable<'a>, String> {
        let (place, written) = ((self.at)(name.span()), name.get_ref());
        let sections = SECTIONS.map(|(heading, _)| in_file(heading));
        let is_known = sections.iter().any(|section| section == written.as_ref());
        match value.get_ref() {
            DeValue::Table(table) if is_known => return Ok(table),
            DeValue::Table(_) => {}
            _ if is_known => {
                return Err(format!("{place}: '{written}' is a section; write [{written}]"));
            }
            _ => return Err(format!("{place}: {}", self.outside(written))),
        }
        let written = escape(written);
        let near = nearest(&written, sections.iter().map(String::as_str));
        let advice = near.map_or_else(
            || {
                format!(
                    "one of {}",
                    sections.each_ref().map(|section| format!("[{section}]")).join(", ")
                )
            },
            |near| format!("[{near}]"),
        );
        Err(format!("{place}: there is no section [{written}]; write {advice}"))
    }

    /// The fault of a key that is in no section.
    fn outside(&self, written: &str) -> String {
        let near = nearest(written, self.keys.iter().map(|key| &*key.name));
        let written = escape(written);
        let Some(key) = near.and_then(|near| self.keys.iter().find(|key| key.name == near)) else {
            return format!("there is no key '{written}', and each stands below a [section]");
        };
        format!("'{written}' is in no section; write '{}' below [{}]", key.name, key.section)
    }

    fn entry(&self, section: &str, name: &Name, value: &Value) -> Result<Entry, String> {
        let key = self.key(section, name)?;
        let place = (self.at)(name.span());
        let values = self.values(key, value)?;
        let entry = Entry { key: key.clone(), values, place };
        self.check(&entry, value)?;
        Ok(entry)
    }

    fn key(&self, section: &str, name: &Name) -> Result<&Key, String> {
        let written = name.get_ref();
        let place = || (self.at)(name.span());
        let found = self.keys.iter().find(|key| key.name == written.as_ref());
        match found {
            Some(key) if key.section == section => return Ok(key),
            Some(key) => {
                let right = &key.section;
                let place = place();
                return Err(format!(
                    "{place}: '{written}' is not in [{section}]; write it below [{right}]"
                ));
            }
            None => {}
        }
        let here = self.keys.iter().filter(|key| key.section == section);
        let all = self.keys.iter();
        let near = nearest(written, here.clone().map(|key| &*key.name))
            .or_else(|| nearest(written, all.map(|key| &*key.name)));
        let near = near.and_then(|near| self.keys.iter().find(|key| key.name == near));
        let advice = match near {
            Some(key) if key.section == section => format!("'{}'", key.name),
            Some(key) => format!("'{}' below [{}]", key.name, key.section),
            None => {
                let names: Vec<_> = here.map(|key| &*key.name).collect();
                format!("one of {}", names.join(", "))
            }
        };
        let (place, written) = (place(), escape(written));
        Err(format!("{place}: there is no key '{written}' in [{section}]; write {advice}"))
    }

    /// The values of a key, as they would be typed.
    fn values(&self, key: &Key, value: &Value) -> Result<Vec<String>, String> {
        let (place, name) = ((self.at)(value.span()), &key.name);
        match (value.get_ref(), key.is_list()) {
            (DeValue::Array(array), true) => {
                array.iter().map(|each| self.scalar(name, each)).collect()
            }
            (_, true) => Err(format!(
                "{place}: '{name}' has several values; write an array, like {name} = [\"...\"]"
            )),
            (_, false) => self.scalar(name, value).map(|value| vec![value]),
        }
    }

    fn scalar(&self, name: &str, value: &Value) -> Result<String, String> {
        let other = match value.get_ref() {
            DeValue::String(text) => return Ok(text.to_string()),
            DeValue::Boolean(is) => return Ok(is.to_string()),
            DeValue::Float(number) => return Ok(number.as_str().to_owned()),
            DeValue::Integer(number) => {
                let read = i128::from_str_radix(number.as_str(), number.radix());
                return Ok(read.map_or_else(|_| number.as_str().to_owned(), |n| n.to_string()));
            }
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        let place = (self.at)(value.span());
        Err(format!("{place}: '{name}' is {other}; write a string, a number, or true or false"))
    }

    /// Has the option's own parser judge the values.
    fn check(&self, entry: &Entry, value: &Value) -> Result<(), String> {
        if entry.values.is_empty() {
            return Ok(());
        }
        let option = entry.below(entry.key.option.clone().env(Resettable::Reset));
        let shown = format!("'{option}'");
        let command = Command::new("parlance").disable_help_flag(true).arg(option.index(None));
        let Err(error) = command.try_get_matches_from(["parlance"]) else { return Ok(()) };
        let message = error.render().to_string();
        let message = message.split("\n\nFor more").next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(message);
        let message = message.replace(&shown, &format!("'{}'", entry.key.name));
        let message: Vec<_> = message.split_whitespace().collect();
        Err(format!("{}: {}", (self.at)(value.span()), escape(&message.join(" "))))
    }
}

#[cfg(test)]
mod tests;
