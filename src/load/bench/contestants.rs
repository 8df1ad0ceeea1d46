//! The servers of a comparison.

use std::env;
use std::path::{Path, PathBuf};

use super::super::error::LoadError;

/// The server that all others are compared with by default.
pub(super) const YARDSTICK: &str = "baseline";

/// A server that can be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contestant {
    pub(super) name: String,
    /// How it is loaded, as options of this program: what it speaks, and over what.
    pub(super) options: Vec<String>,
    /// The command that starts it, with `{port}` in place of the port.
    pub(super) command: Vec<String>,
}

/// The servers that are present, and advice about those that are missing.
#[derive(Debug, Default)]
pub(super) struct Field {
    pub(super) present: Vec<Contestant>,
    pub(super) missing: Vec<String>,
}

/// Looks for all servers; `others` are further ones, as NAME=COMMAND or
/// NAME=OPTIONS -- COMMAND; without options they are of the rooms dialect.
pub(super) fn field(others: &[(String, Vec<String>)]) -> Result<Field, LoadError> {
    let own = env::current_exe().map_err(LoadError::io("looking for this program"))?;
    let mut field = Field::default();
    let server = own.with_file_name("parlance");
    let listen = ["--listen", "rooms://127.0.0.1:{port}"];
    if server.exists() {
        field.add("parlance", "rooms", &server, &listen);
        field.add("parlance-1", "rooms", &server, &[&listen[..], &["--threads", "1"]].concat());
    } else {
        let server = server.display();
        field.missing.push(format!("{server} is missing: cargo build --release --bins"));
    }
    field.add(YARDSTICK, "rooms", &own, &["baseline", "{port}"]);
    let redis = [
        &["--port", "{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"][..],
        &["--client-output-buffer-limit", "pubsub 0 0 0"],
    ];
    field.look_for("redis", "redis-server", &redis.concat());
    field.look_for("nats", "nats-server", &["-a", "127.0.0.1", "-p", "{port}", "-l", "/dev/null"]);
    for (name, command) in others {
        let (name, command) = (name.clone(), command.clone());
        field.present.push(further(name, command));
    }
    Ok(field)
}

impl Field {
    fn add(&mut self, name: &str, dialect: &'static str, program: &Path, arguments: &[&str]) {
        let program = program.to_string_lossy().into_owned();
        let arguments = arguments.iter().map(|&argument| argument.to_owned());
        let command = std::iter::once(program).chain(arguments).collect();
        let options = ["--dialect", dialect].map(str::to_owned).to_vec();
        self.present.push(Contestant { name: name.to_owned(), options, command });
    }

    /// Adds a peer if it is installed.
    fn look_for(&mut self, dialect: &'static str, program: &str, arguments: &[&str]) {
        match on_path(program) {
            Some(path) => self.add(dialect, dialect, &path, arguments),
            None => {
                self.missing.push(format!("{program} is missing: apt-get install {program}"));
            }
        }
    }
}

/// A server whose command may follow options and `--`.
fn further(name: String, mut words: Vec<String>) -> Contestant {
    let options = match words.iter().position(|word| word == "--") {
        Some(end) => words.drain(..=end).take(end).collect(),
        None => ["--dialect", "rooms"].map(str::to_owned).to_vec(),
    };
    Contestant { name, options, command: words }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    // Debian installs servers here, which is not on every PATH.
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}
