//! The keys of a configuration file: one for each option.

use super::options::Options;
use super::sections::{SECTIONS, in_file};
use clap::builder::{BoolishValueParser, TypedValueParser};
use clap::{Arg, ArgAction, Command, CommandFactory};
use std::ffi::OsStr;

/// An option that can stand in a file.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its name, on the command line too.
    pub name: String,
    /// The section, as a file writes it.
    pub section: String,
    /// The option.
    pub option: Arg,
}

impl Key {
    /// The option's identifier for clap.
    pub(super) fn id(&self) -> &str {
        self.option.get_id().as_str()
    }

    /// Whether it is a flag, in a file true or false.
    pub(super) fn is_flag(&self) -> bool {
        matches!(self.option.get_action(), ArgAction::SetTrue)
    }

    /// Whether the `values` of a flag switch it on.
    pub(super) fn is_on(&self, values: &[String]) -> bool {
        let parser = BoolishValueParser::new();
        let is_on = |value: &String| {
            let text = OsStr::new(value);
            parser.parse_ref(&Command::new(""), Some(&self.option), text).unwrap_or(false)
        };
        values.iter().any(is_on)
    }

    /// Whether it takes several values, in a file as an array.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.option.get_action(), ArgAction::Append)
    }
}

/// Every option that can stand in a file, in the order of the sections and of the option table.
pub fn keys() -> Vec<Key> {
    let mut command = Options::command();
    command.build();
    let mut keys = Vec::new();
    for (heading, _) in SECTIONS {
        let section = in_file(heading);
        let options =
            command.get_arguments().filter(|each| each.get_help_heading() == Some(heading));
        keys.extend(options.filter_map(|option| {
            let name = option.get_long()?.to_owned();
            Some(Key { name, section: section.clone(), option: option.clone() })
        }));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::{Options, keys};
    use clap::CommandFactory;
    use std::collections::BTreeSet;

    /// What is no part of a configuration: the file that has it, and questions.
    const OTHERS: [&str; 3] = ["config", "help", "version"];

    #[test]
    fn every_option_is_a_key_in_a_section() {
        let mut command = Options::command();
        command.build();
        let options = command.get_arguments().filter_map(|each| each.get_long());
        let keys: BTreeSet<_> = keys().into_iter().map(|key| key.name).collect();
        for option in options {
            let (is_key, is_other) = (keys.contains(option), OTHERS.contains(&option));
            assert!(
                is_key != is_other,
                "--{option} has no section: give it a help_heading of config/sections.rs"
            );
        }
    }
}
