//! The command that starts the server under test, and the folder that it may keep its data in.

use super::ConformError;
use parlance_child_process as child_process;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What stands in a command for a new, empty folder.
const DATA: &str = "{data}";

/// The command of one server: where it says `{data}`, that server has a folder of its own, the same
/// one each time that it is started, which is gone with this.
#[derive(Debug)]
pub(super) struct Launch {
    command: Vec<String>,
    _data: Option<TempDir>,
}

impl Launch {
    /// Makes the folder, if the command names one.
    ///
    /// # Errors
    /// That no folder could be made.
    pub(super) fn of(command: &[String]) -> Result<Launch, ConformError> {
        if !command.iter().any(|part| part.contains(DATA)) {
            return Ok(Launch { command: command.to_vec(), _data: None });
        }
        let failed =
            |error: &dyn std::fmt::Display| ConformError::Server(format!("no folder: {error}"));
        let data = tempfile::Builder::new().prefix("parlance-conform-").tempdir();
        let data = data.map_err(|error| failed(&error))?;
        let path = data.path().to_str().ok_or_else(|| failed(&"its name is no text"))?;
        let command = command.iter().map(|part| part.replace(DATA, path)).collect();
        Ok(Launch { command, _data: Some(data) })
    }

    /// What was to be started, for messages.
    pub(super) fn program(&self) -> &str {
        &self.command[0]
    }

    /// The command with a value in place of `{port}`, with its standard error piped.
    pub(super) fn filled(&self, port: &str) -> Command {
        let mut filled = child_process::filled(&self.command, port);
        filled.stderr(Stdio::piped());
        filled
    }
}

/// The word of a command for a shell, in which a folder is made anew.
pub(super) fn for_a_shell(word: &str, port: u16, quoted: impl Fn(&str) -> String) -> String {
    let word = word.replace("{port}", &port.to_string());
    let parts: Vec<String> = word
        .split(DATA)
        .map(|part| if part.is_empty() { String::new() } else { quoted(part) })
        .collect();
    parts.join("\"$(mktemp -d)\"")
}

#[cfg(test)]
mod tests {
    use super::{Launch, for_a_shell};
    use std::path::PathBuf;

    #[test]
    fn a_server_keeps_its_folder_and_another_has_its_own() {
        let command = ["server", "{port}", "--data={data}/x"].map(str::to_owned);
        let [one, two] = [(); 2].map(|()| Launch::of(&command).expect("a folder"));
        let folder = |launch: &Launch| {
            let filled = launch.filled("7");
            let arguments: Vec<_> = filled.get_args().map(|word| word.to_str().unwrap()).collect();
            assert_eq!(arguments[0], "7");
            PathBuf::from(arguments[1].strip_prefix("--data=").expect("the rest"))
        };
        assert_eq!(folder(&one), folder(&one));
        assert_ne!(folder(&one), folder(&two));
        let made = folder(&one).parent().expect("it has one").to_owned();
        assert!(made.is_dir());
        drop(one);
        assert!(!made.exists() && folder(&two).parent().is_some_and(std::path::Path::is_dir));
    }

    #[test]
    fn a_shell_makes_the_folder() {
        let quoted = |word: &str| format!("'{word}'");
        assert_eq!(for_a_shell("{port}", 7, quoted), "'7'");
        assert_eq!(for_a_shell("--data={data}", 7, quoted), "'--data='\"$(mktemp -d)\"");
    }
}
