//! The arguments of the program.

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::ffi::OsString;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Tells the author of a chat server what is wrong with it, and which clause says so
#[derive(Clone, Debug, Parser)]
#[command(name = "parlance-conform", version)]
#[command(override_usage = "parlance-conform --dialect rooms HOST:PORT\n       \
    parlance-conform --dialect rooms -- ./server {port}\n       \
    parlance-conform matrix REPORT.json ...")]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(disable_help_subcommand = true)]
#[command(
    after_help = "Exit status: 0 conforms, 1 does not, 2 usage or nothing selected, 3 inconclusive."
)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Options {
    /// What to do instead of judging a server.
    #[command(subcommand)]
    pub task: Option<Task>,

    /// The server that runs already; nothing is ever sent to another address
    #[arg(value_name = "HOST:PORT", value_parser = address)]
    pub target: Option<SocketAddr>,

    /// The server to start; {port} is replaced by a free port, {data} by a new, empty folder
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "target")]
    pub command: Vec<String>,

    /// The protocol that the server speaks
    #[arg(long, value_parser = PossibleValuesParser::new(super::dialect::names()))]
    pub dialect: Option<String>,

    /// Speak TLS to it; every certificate will do
    #[arg(long)]
    pub tls: bool,

    /// Speak WebSocket to it, or WebSocket in TLS: a message is one or more lines
    #[arg(long)]
    pub ws: bool,

    /// Where its WebSocket endpoint is; the default is /ws/ and the dialect
    #[arg(long, value_name = "PATH", requires = "ws", value_parser = path)]
    pub ws_path: Option<String>,

    /// What to call the server in reports; the default is its command or address
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub name: Option<String>,

    /// Only cases that match, by glob: rooms/join-4, 'common/*', '*cut*'; repeatable
    #[arg(long, value_name = "GLOB")]
    pub select: Vec<String>,

    /// Not the cases that match; repeatable
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,

    /// Only the cases that did not pass in a report that --json has written
    #[arg(long, value_name = "REPORT")]
    pub failed: Option<PathBuf>,

    /// Judge only what the documents say, not our decisions
    #[arg(long)]
    pub document_only: bool,

    /// Judge the extensions of channels, too: /help, /history and /topic
    #[arg(long, conflicts_with = "document_only")]
    pub extensions: bool,

    /// The short run, without the cases that take long
    #[arg(long)]
    pub quick: bool,

    /// Also the cases that take long by their nature, such as a minute of silence
    #[arg(long, conflicts_with = "quick")]
    pub slow: bool,

    /// Factor on every wait, for slow machines and far servers
    #[arg(long, default_value_t = 1.0, value_parser = patience)]
    pub patience: f64,

    /// Seconds after which the run ends, finished or not
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub deadline: u32,

    /// Cases that run at the same time
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub jobs: u32,

    /// Number that all random choices come from; the default is another one in every run
    #[arg(long)]
    pub seed: Option<u64>,

    /// Write a report as JSON; a dash is standard output, and the text goes to standard error
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Write a report as `JUnit` XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,

    /// Write a report as one HTML page
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Failures that are expected, as TOML; fails if one of them is not as expected
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Write the failures of this run as a baseline; reasons of --baseline stay
    #[arg(long, value_name = "FILE")]
    pub write_baseline: Option<PathBuf>,

    /// Print a report as TAP instead of text
    #[arg(long)]
    pub tap: bool,

    /// Show only the first thing to repair
    #[arg(long, conflicts_with = "tap")]
    pub next: bool,

    /// Run again whenever a file of this folder changes, until interrupted
    #[arg(long, conflicts_with_all = ["target", "list", "explain", "self_test"])]
    pub watch: bool,

    /// List the cases that are selected, and run none
    #[arg(long)]
    pub list: bool,

    /// Try the suite itself on servers that are wrong on purpose, and print who finds what; =full
    /// plays every case on every one of them, which takes long
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "named")]
    #[arg(conflicts_with_all = ["target", "command", "list", "explain", "tls", "ws"])]
    pub self_test: Option<SelfTest>,

    /// Say all about a case or a clause, and run nothing
    #[arg(long, value_name = "ID")]
    pub explain: Option<String>,
}

/// What else the program does.
#[derive(Clone, Debug, Subcommand)]
pub enum Task {
    /// Makes the table of servers by clauses, from JSON reports of several runs
    Matrix(MatrixOptions),
}

/// The arguments of `matrix`.
#[derive(Clone, Debug, Args)]
pub struct MatrixOptions {
    /// Reports that --json has written, one column each, all of one dialect
    #[arg(required = true, value_name = "REPORT")]
    pub reports: Vec<PathBuf>,

    /// Print it as Markdown
    #[arg(long)]
    pub markdown: bool,

    /// Write it as one HTML page, too
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// Which cases are played on a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SelfTest {
    /// Those that name it
    Named,
    /// Every one
    Full,
}

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    ///
    /// Returns what clap has to say: that an argument is wrong, or the help that was asked for.
    pub fn from_arguments(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Options, clap::Error> {
        parlance_printable::arguments(Options::command(), arguments, |command, typed| {
            let options = Options::from_arg_matches(&command.try_get_matches_from_mut(typed)?)?;
            let wrong = |why| command.error(ErrorKind::MissingRequiredArgument, why);
            options.check().map_err(wrong)?;
            Ok(options)
        })
    }

    /// The files that a run writes.
    pub(super) fn written(&self) -> Vec<PathBuf> {
        let files = [&self.json, &self.junit, &self.html, &self.write_baseline];
        files.into_iter().flatten().cloned().collect()
    }

    /// Checks the options against each other.
    fn check(&self) -> Result<(), &'static str> {
        let runs = !self.list && self.self_test.is_none() && self.explain.is_none();
        if self.task.is_some() {
            Ok(())
        } else if self.dialect.is_none() && self.explain.is_none() {
            Err("which protocol? give --dialect, one of those that --help lists")
        } else if self.tap && self.json.as_deref().is_some_and(is_standard_output) {
            Err("--tap and --json - both want standard output: write one of them to a file")
        } else if runs && self.target.is_none() && self.command.is_empty() {
            Err("which server? give HOST:PORT, or a command after --")
        } else if !self.command.is_empty()
            && !self.command.iter().any(|part| part.contains("{port}"))
        {
            Err("the command has no {port}: where is the server to listen?")
        } else {
            Ok(())
        }
    }
}

/// Whether a report goes to standard output instead of a file.
pub(super) fn is_standard_output(path: &Path) -> bool {
    path == Path::new("-")
}

/// How long each address of a host name is tried.
const ANSWERS: Duration = Duration::from_secs(2);

fn address(text: &str) -> Result<SocketAddr, String> {
    let found: Vec<_> = text.to_socket_addrs().map_err(|error| error.to_string())?.collect();
    // A name may have an address at which nobody listens: localhost is often ::1 first.
    let answers = |address: &&SocketAddr| TcpStream::connect_timeout(address, ANSWERS).is_ok();
    let chosen = if found.len() > 1 { found.iter().find(answers) } else { None };
    chosen.or(found.first()).copied().ok_or_else(|| "no such host".to_owned())
}

fn path(text: &str) -> Result<String, String> {
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    if visible && text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err("a path begins with a slash and has no spaces".to_owned())
    }
}

fn patience(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(factor) if (0.1..=100.0).contains(&factor) => Ok(factor),
        _ => Err("a number from 0.1 to 100".to_owned()),
    }
}
