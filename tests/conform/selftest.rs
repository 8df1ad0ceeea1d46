//! Goal: the suite finds every fault of the servers that are wrong on purpose, in every dialect,
//! and reports no false one.
//!
//! Method: the built program tries itself. Limits: each case is played on the servers that it
//! names; `--self-test=full` plays all on all, which takes long.

use super::together::in_turn;
use std::process::Command;

const DIALECTS: [&str; 5] = ["rooms", "lobby", "simple", "login", "channels"];

/// The lines that are not as they must be, and the sum.
fn wrong(dialect: &str) -> Option<String> {
    let mut suite = Command::new(env!("CARGO_BIN_EXE_parlance-conform"));
    suite.args(["--dialect", dialect, "--self-test", "--patience", "2"]);
    let output = suite.output().expect("the suite is built");
    let text = String::from_utf8_lossy(&output.stdout);
    let words = ["ALIVE", "names no mutant", "null ", "other ", ": all as it must be"];
    let told = text.lines().filter(|line| words.iter().any(|word| line.contains(word)));
    let sum = format!("{dialect}: ");
    let good = output.status.success() && text.lines().any(|line| line.starts_with(&sum));
    (!good)
        .then(|| format!("{dialect}: {:?}\n{}", output.status, told.collect::<Vec<_>>().join("\n")))
}

#[test]
fn the_suite_is_right_about_every_server_of_its_own() {
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let all = DIALECTS.map(|dialect| scope.spawn(move || in_turn(|| wrong(dialect))));
        all.into_iter().filter_map(|one| one.join().expect("no panic")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
