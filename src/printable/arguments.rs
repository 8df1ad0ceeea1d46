//! A command line whose messages can be shown.

use super::{escape_lines, is_hidden};
use clap::builder::Styles;
use clap::{Command, Error};
use std::ffi::{OsStr, OsString};

/// The result of `read`, which parses `arguments` by `command` and checks them further.
///
/// clap's messages repeat arguments and variables as they are, and those are not always typed by
/// the user: a script passes on what it was given. Where one of them has a hidden character, the
/// help leaves the variables out, and a message is plain text whose hidden characters are escaped.
///
/// # Errors
/// What `read` reports.
///
/// ```
/// use clap::{Arg, Command};
/// use parlance_printable::arguments;
///
/// let command = Command::new("x").arg(Arg::new("n").long("n").value_parser(["a"]));
/// let read = |command: &mut Command, typed| command.try_get_matches_from_mut(typed);
/// let error = arguments(command, ["x".into(), "--n=\u{1b}[2J".into()], read).unwrap_err();
/// assert!(error.to_string().starts_with(r"error: invalid value '\x1b[2J' for '--n"));
/// ```
pub fn arguments<T>(
    command: Command,
    arguments: impl IntoIterator<Item = OsString>,
    read: impl FnOnce(&mut Command, Vec<OsString>) -> Result<T, Error>,
) -> Result<T, Error> {
    let typed: Vec<OsString> = arguments.into_iter().collect();
    let mut command = command;
    if !typed.iter().any(|value| is_hiding(value)) && !reads_a_hiding_variable(&command) {
        return read(&mut command, typed);
    }
    let mut command = without_variables(command).styles(Styles::plain());
    read(&mut command, typed).map_err(|error| {
        // Without styles, every hidden character but the line feeds comes from a value.
        let message = error.render().ansi().to_string();
        if !error.use_stderr() || !message.contains(is_foreign) {
            return error;
        }
        let text = escape_lines(&message);
        Error::raw(error.kind(), text.strip_prefix("error: ").unwrap_or(&text))
    })
}

fn is_foreign(character: char) -> bool {
    character != '\n' && is_hidden(character)
}

fn is_hiding(value: &OsStr) -> bool {
    value.to_string_lossy().contains(is_hidden)
}

/// Whether a variable that the command or one of its subcommands reads has a hidden character.
fn reads_a_hiding_variable(command: &Command) -> bool {
    let variables = command.get_arguments().filter_map(clap::Arg::get_env);
    variables.filter_map(std::env::var_os).any(|value| is_hiding(&value))
        || command.get_subcommands().any(reads_a_hiding_variable)
}

fn without_variables(command: Command) -> Command {
    command.mut_args(|argument| argument.hide_env_values(true)).mut_subcommands(without_variables)
}

#[cfg(test)]
mod tests {
    use super::arguments;
    use clap::error::ErrorKind;
    use clap::{Arg, Command};
    use std::ffi::OsString;

    fn command() -> Command {
        let echoing = |text: &str| Err::<u8, _>(format!("`{text}` is no number"));
        let number = Arg::new("number").long("number").value_parser(echoing);
        Command::new("x").arg(number).subcommand(Command::new("sub").arg(Arg::new("one")))
    }

    fn message(typed: &[&str]) -> (ErrorKind, String) {
        let words = std::iter::once("x").chain(typed.iter().copied()).map(OsString::from);
        let read = |command: &mut Command, typed| {
            command.try_get_matches_from_mut(typed)?;
            Err::<(), _>(command.error(ErrorKind::ArgumentConflict, "not \u{1b}[1m"))
        };
        let error = arguments(command(), words, read).expect_err("nothing passes");
        (error.kind(), error.render().ansi().to_string())
    }

    #[test]
    fn a_message_repeats_no_hidden_character() {
        for typed in [
            &["--number=\u{1b}]0;x\u{7}"][..],
            &["--\u{1b}[2J"],
            &["\u{202e}"],
            &["sub", "a", "\u{3164}"],
            &["--number=a\nb"],
            &["sub", "\u{1b}[1m"],
        ] {
            let (_, text) = message(typed);
            assert!(!text.contains(super::is_foreign), "{typed:?}: {text:?}");
            assert!(text.starts_with("error: ") && !text.starts_with("error: error"), "{text}");
        }
    }

    #[test]
    fn the_value_is_still_named_and_the_kind_stays() {
        let (kind, text) = message(&["--number=\u{1b}[2J"]);
        assert_eq!(kind, ErrorKind::ValueValidation);
        let named = r"invalid value '\x1b[2J' for '--number <number>': `\x1b[2J` is no number";
        assert!(text.contains(named), "{text}");
    }

    #[test]
    fn an_ordinary_message_keeps_its_colours() {
        let (_, text) = message(&["--number=x"]);
        assert!(text.contains("\u{1b}["), "{text:?}");
    }

    #[test]
    fn help_beside_a_hidden_character_is_help() {
        assert_eq!(message(&["sub", "--help", "\u{1b}"]).0, ErrorKind::DisplayHelp);
    }
}
