//! Goal: the steps of the GitHub Action judge a server, and set its outputs and its summary.
//!
//! Method: the steps of `.github/actions/conform/action.yml` are run by bash, in order, with the
//! variables that GitHub gives them. Limits: GitHub itself does not run; the program is given, so
//! that none is built.

use super::suite::daemon;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use yaml_rust2::{Yaml, YamlLoader};

/// What a run of the steps left behind.
#[derive(Debug)]
struct Run {
    status: Option<i32>,
    said: String,
    outputs: BTreeMap<String, String>,
    summary: String,
    folder: PathBuf,
}

fn action() -> Yaml {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let path = root.join(".github/actions/conform/action.yml");
    let text = std::fs::read_to_string(path).expect("the action");
    YamlLoader::load_from_str(&text).expect("YAML").remove(0)
}

/// `text` with its expressions filled in; each must be known.
fn filled(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut parts = text.split("${{ ");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (expression, rest) = part.split_once(" }}").expect("an expression ends");
        let value = known.get(expression);
        filled += value.unwrap_or_else(|| panic!("{expression} is unknown"));
        filled += rest;
    }
    filled
}

fn pairs(yaml: &Yaml) -> Vec<(String, String)> {
    let pairs = yaml.as_hash().into_iter().flatten();
    let text = |yaml: &Yaml| yaml.as_str().expect("a string").to_owned();
    pairs.map(|(name, value)| (text(name), text(value))).collect()
}

/// Runs the steps with these inputs in a folder of this name.
fn run(name: &str, inputs: &[(&str, &str)]) -> Run {
    let action = action();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("action-{name}"));
    // It is missing the first time.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder of ours");
    let mut known = BTreeMap::from([
        ("github.repository".to_owned(), "ann/chat".to_owned()),
        ("github.action_path".to_owned(), "/nowhere".to_owned()),
    ]);
    for (input, of) in action["inputs"].as_hash().expect("inputs") {
        let input = input.as_str().expect("a name");
        let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| *value);
        let default = of["default"].as_str().unwrap_or_default();
        let value = given.map_or_else(|| filled(default, &known), str::to_owned);
        known.insert(format!("inputs.{input}"), value);
    }
    let (mut status, mut said) = (None, String::new());
    for step in action["runs"]["steps"].as_vec().expect("steps") {
        let id = step["id"].as_str().expect("an id");
        let output = folder.join(format!("{id}.output"));
        std::fs::write(&output, "").expect("a folder of ours");
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c"]);
        bash.arg(step["run"].as_str().expect("a script")).current_dir(&folder);
        bash.env("GITHUB_OUTPUT", &output).env("RUNNER_TEMP", &folder);
        bash.env("GITHUB_STEP_SUMMARY", folder.join("summary.md"));
        bash.envs(
            pairs(&step["env"]).into_iter().map(|(name, text)| (name, filled(&text, &known))),
        );
        let done = bash.output().expect("there is bash");
        status = done.status.code();
        said += &String::from_utf8_lossy(&[done.stdout, done.stderr].concat());
        for line in std::fs::read_to_string(output).expect("it is there").lines() {
            let (name, value) = line.split_once('=').expect("NAME=VALUE");
            known.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
        if status != Some(0) {
            break;
        }
    }
    let output = |(name, of): (&Yaml, &Yaml)| {
        let name = name.as_str().expect("a name").to_owned();
        let value = of["value"].as_str().expect("a value");
        let expression = value.trim_start_matches("${{ ").trim_end_matches(" }}");
        Some((name, known.get(expression)?.clone()))
    };
    let outputs = action["outputs"].as_hash().expect("outputs").iter().filter_map(output);
    let summary = std::fs::read_to_string(folder.join("summary.md")).unwrap_or_default();
    Run { status, said, outputs: outputs.collect(), summary, folder }
}

const PROGRAM: (&str, &str) = ("program", env!("CARGO_BIN_EXE_parlance-conform"));

#[test]
fn a_server_that_conforms_is_a_green_step() {
    let command = format!("{} --host 127.0.0.1 {{port}}", daemon());
    let inputs = [PROGRAM, ("dialect", "rooms"), ("command", &command)];
    let select = ("select", "rooms/join-1/joins rooms/join-4/*");
    let run = run("right", &[&inputs[..], &[select]].concat());
    assert_eq!(run.status, Some(0), "{}", run.said);
    assert_eq!(run.outputs["conforms"], "true");
    assert_eq!((&*run.outputs["failed"], &*run.outputs["first"]), ("0", ""));
    assert!(run.outputs["passed"].parse::<usize>().expect("a number") > 4, "{:?}", run.outputs);
    assert!(
        run.summary.starts_with("### ann/chat and the rooms dialect: as it"),
        "{}",
        run.summary
    );
    assert!(run.summary.contains("\nconforms: "), "{}", run.summary);
    for name in
        [&*run.outputs["report"], "conformance/conformance.xml", "conformance/conformance.html"]
    {
        let text = std::fs::read_to_string(run.folder.join(name)).expect("it is written");
        assert!(text.contains("ann/chat"), "{name}");
    }
}

#[test]
fn a_server_that_does_not_conform_is_a_red_step_that_says_where_to_begin() {
    let address = super::servers::with(super::servers::Fault::ThirdWord).to_string();
    let case = "rooms/join-5/rejects-a-third-word";
    let inputs = [PROGRAM, ("dialect", "rooms"), ("address", &address), ("select", case)];
    let run = run("wrong", &inputs);
    assert_eq!(run.status, Some(1), "{}", run.said);
    assert_eq!((&*run.outputs["conforms"], &*run.outputs["first"]), ("false", case));
    assert_eq!(run.outputs["failed"], "1");
    assert!(run.summary.contains(&format!("\nFAIL {case}\n")), "{}", run.summary);
}

#[test]
fn inputs_that_make_no_sense_are_refused() {
    let both = [("command", "x {port}"), ("address", "127.0.0.1:1")];
    for inputs in [&both[..], &[]] {
        let run = run("refused", &[&[PROGRAM, ("dialect", "rooms")], inputs].concat());
        assert_eq!(run.status, Some(2), "{}", run.said);
        assert!(run.said.contains("::error::give either command or address"), "{}", run.said);
    }
    let run = run("unknown", &[PROGRAM, ("dialect", "smoke"), ("address", "127.0.0.1:1")]);
    assert_eq!(run.status, Some(2), "{}", run.said);
}
