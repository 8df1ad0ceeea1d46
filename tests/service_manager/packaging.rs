//! The units of `docs/service/`.
//!
//! Limits: systemd's own judgement is asked for where its tools are installed; without them that
//! test says nothing.

use super::{Supervised, listening};
use crate::process::{Chat, command, in_shell, loopback};
use std::path::PathBuf;
use std::process::{Command, Output};

const EXPOSURE_MAX: f64 = 2.0;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/service").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).expect("it is there")
}

/// What a unit assigns to `key`, each time.
fn values<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    let value = |line: &'a str| line.strip_prefix(key)?.strip_prefix('=');
    unit.lines().filter_map(value).collect()
}

/// systemd-analyze with these arguments, if it is here.
fn analyze(arguments: &[&str], units: &[&str]) -> Option<Output> {
    let mut analyze = Command::new("systemd-analyze");
    let analyze = analyze.args(arguments).args(units.iter().map(|unit| path(unit)));
    analyze.output().ok()
}

fn text(output: &Output) -> String {
    let both = [&*output.stdout, &*output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// The command that a line starts, with the built program and with another configuration.
fn ours(line: &str, configuration: &str) -> Vec<String> {
    let folder = configuration.strip_suffix("/parlance.toml").expect("its name");
    let here = |word: &str| word.replace("/etc/parlance.toml", configuration);
    let mut words = line.split(' ').map(|word| here(word).replace("/run/parlance", folder));
    assert_eq!(words.next().as_deref(), Some("/usr/bin/parlance"), "{line}");
    words.collect()
}

#[test]
fn the_commands_of_the_unit_are_ones_that_the_daemon_has() {
    let unit = read("parlance.service");
    let folder = std::env::temp_dir().join(format!("parlance-unit-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for tests");
    let file = folder.join("parlance.toml");
    std::fs::write(&file, "[network]\nlisten = [\"rooms://127.0.0.1:1\"]\n").expect("it is ours");
    let configuration = file.to_str().expect("text");

    // As the socket unit passes its socket, which takes the place of the one in the file.
    let names = values(&read("parlance.socket"), "FileDescriptorName").concat();
    let start = ours(values(&unit, "ExecStart")[0], configuration);
    let start: Vec<&str> = start.iter().map(String::as_str).collect();
    let (socket, address) = listening();
    let daemon = Supervised::start(&[&socket], &[("LISTEN_FDNAMES", &names)], &start);
    assert_eq!(daemon.line(), format!("Listening on {address} ({names})"));
    let mut member = Chat::join(loopback(address.port()), "r", "u");

    let reload = values(&unit, "ExecReload").concat();
    let script = reload.strip_prefix("/bin/sh -c \"").and_then(|rest| rest.strip_suffix('"'));
    let script = script.expect("a script").replace("/usr/bin/parlance", "$0");
    let script = script.replace("/etc/parlance.toml", configuration);
    let reload = |process: &str| in_shell(&script).env("MAINPID", process).output();
    let process = daemon.child.id().to_string();
    let reloaded = reload(&process).expect("there is a shell");
    assert!(reloaded.status.success(), "{}", text(&reloaded));
    member.fence("u");
    std::fs::write(&file, "nonsense = 1\n").expect("it is ours");
    let refused = reload(&process).expect("there is a shell");
    assert!(!refused.status.success() && text(&refused).contains("nonsense"), "{refused:?}");
    std::fs::remove_dir_all(&folder).expect("it is ours");
}

#[test]
fn systemd_knows_every_key_and_finds_little_exposed() {
    let units = ["parlance.service", "parlance.socket"];
    let Some(verified) = analyze(&["verify", "--man=no"], &units) else { return };
    let said = text(&verified);
    // That nothing is installed here is no fault of the units.
    let faults = said.lines().filter(|line| !line.contains("/usr/bin/parlance is not executable"));
    let faults: Vec<&str> = faults.filter(|line| line.contains("parlance.")).collect();
    assert_eq!(faults, Vec::<&str>::new());

    let Some(judged) = analyze(&["security", "--offline=yes"], &units[..1]) else { return };
    let said = text(&judged);
    let level = said.lines().find_map(|line| line.split("parlance.service: ").nth(1));
    let level = level.and_then(|level| level.split(' ').next()?.parse::<f64>().ok());
    let level = level.unwrap_or_else(|| panic!("no level in {said}"));
    assert!(level <= EXPOSURE_MAX, "the exposure level is {level}");
}

#[test]
fn the_image_names_variables_and_a_port_that_the_daemon_has() {
    let file = read("Dockerfile");
    let image = file.split("FROM scratch").nth(1).expect("its last stage");
    let help = text(&command().arg("--help").output().expect("it runs"));
    let set = image.lines().find_map(|line| line.strip_prefix("ENV ")).expect("variables");
    for variable in set.split(' ').map(|set| set.split('=').next().expect("a name")) {
        assert!(help.contains(variable), "{variable}");
    }
    assert!(image.contains("\nENTRYPOINT [\"/bin/parlance\"]"));
    let port = image.lines().find_map(|line| line.strip_prefix("EXPOSE ")).expect("a port");
    assert!(help.contains(&format!("[default: {port}]")), "{port}");
}
