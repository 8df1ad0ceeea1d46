//! Goal: a beginner understands a failure page: the clause, the actions of all clients in one
//! column, a caret under the first wrong byte, the allowed lines, one hint, and commands to see it
//! by hand.
//!
//! Method: the built program judges servers with one fault each, of every dialect; each page equals
//! a committed one that somebody has read. `UPDATE_GOLDEN=1` writes them anew, for review. Limits:
//! times, ports and waits are not compared; where a wait decides, a machine that is slow at the
//! moment gets more patience.

use super::normal::{golden, normal};
use parlance_conform::mutants::{mutations, serve};
use parlance_model::Dialect;
use serde_json::Value;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The dialect, the mutant, and the case of the page; the page is `DIALECT-MUTANT.page`.
const PAGES: &[(&str, &str, &str)] = &[
    ("rooms", "third-word-of-join-ignored", "rooms/join-5/rejects-a-third-word"),
    ("rooms", "error-without-close", "rooms/error-1/rejects-another-word"),
    ("rooms", "close-without-error", "rooms/error-1/rejects-an-empty-line"),
    ("rooms", "joiner-not-told-of-its-join", "rooms/join-1/joins"),
    ("rooms", "no-echo", "rooms/text-1/reaches-author-and-others"),
    ("rooms", "needs-cr-lf", "common/framing-1/a-bare-lf-is-enough"),
    ("simple", "rest-of-a-read-lost", "simple/send-1/many-lines-at-once"),
    ("rooms", "rest-of-a-read-lost", "rooms/text-3/a-second-join-is-text"),
    ("rooms", "limit-of-19999-bytes", "rooms/text-2/delivers-twenty-thousand-bytes"),
    ("rooms", "names-one-too-long-accepted", "rooms/join-4/rejects-twenty-one-characters"),
    ("rooms", "forgets-departures-after-a-reset", "rooms/leave-1/after-a-reset"),
    ("lobby", "no-echo-in-lobby", "lobby/text-1/reaches-its-author"),
    ("lobby", "text-without-name", "lobby/text-2/name-colon-text"),
    ("lobby", "empty-lines-ignored-in-lobby", "lobby/text-4/an-empty-line-is-text"),
    ("lobby", "coming-announced", "lobby/hear-4/coming-is-not-announced"),
    ("lobby", "bytes-that-are-not-utf-8-repaired", "common/framing-3/what-is-not-utf-8-is-text"),
    ("simple", "echo-to-the-sender", "simple/send-2/not-the-sender"),
    ("simple", "leave-unanswered", "simple/leave-1/is-answered"),
    ("simple", "names-never-released", "common/unique-1/until-it-departs"),
    ("simple", "empty-messages-sent", "simple/send-3/no-text"),
    ("simple", "departures-twice", "common/eos-6/everybody-who-stays-is-told-once"),
    ("login", "private-lines-to-nobody-unanswered", "login/dm-2/a-name-that-nobody-has"),
    ("login", "echo-now-and-then", "login/msg-2/no-other-answer"),
    ("login", "private-lines-to-all", "login/dm-1/nobody-else"),
    ("login", "second-word-of-login-ignored", "login/login-3/does-not-take-the-first-word"),
    ("login", "ping-answered-before-login", "login/login-7/questions"),
    ("login", "unfinished-last-line-delivered", "common/eos-1/half-a-text"),
    ("channels", "members-not-shown-to-who-joins", "channels/join-5/every-member-is-shown"),
    ("channels", "history-newest-first", "channels/history-1/what-was-said-before"),
    ("channels", "welcome-without-the-name", "channels/name-1/is-welcomed"),
    ("channels", "private-lines-heard-by-others", "channels/tell-1/reaches-nobody-else"),
    ("channels", "goodbye-not-said", "channels/quit-1/says-goodbye-and-closes"),
];

/// A wait that ends too early shows on the page; one that is long enough never does.
const PATIENCE: [&str; 3] = ["0.4", "2", "8"];

fn of(dialect: &str) -> Dialect {
    match dialect {
        "rooms" => Dialect::Rooms,
        "lobby" => Dialect::Lobby,
        "simple" => Dialect::Simple,
        "login" => Dialect::Login,
        "channels" => Dialect::Channels,
        other => panic!("no dialect {other}"),
    }
}

/// The suite's page about the mutant in this case.
fn page((dialect, mutant, case): (&str, &str, &str), patience: &str) -> String {
    let mutation = mutations().find(|one| one.name == mutant);
    let mutation = mutation.unwrap_or_else(|| panic!("no mutant {mutant}"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let server = serve(of(dialect), Some(mutation), listener).expect("it serves");
    let report =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{dialect}-{mutant}.json"));
    let mut suite = Command::new(env!("CARGO_BIN_EXE_parlance-conform"));
    suite.args(["--dialect", dialect, "--select", case, "--seed", "1", "--patience", patience]);
    suite.arg("--json").arg(&report).arg(server.address().to_string());
    let said = suite.output().expect("the suite is built");
    let text = std::fs::read_to_string(&report)
        .unwrap_or_else(|error| panic!("{mutant}: {error}: {said:?}"));
    let report: Value = serde_json::from_str(&text).expect("it is JSON");
    let results = report["results"].as_array().expect("a list");
    let of = |id: &str| results.iter().find(|result| result["id"] == id);
    let own = of(case).expect("the case has a result");
    // It may follow from another fault, whose page is the one that tells it.
    let told = own["cause"]["of"].as_str().and_then(of).unwrap_or(own);
    told["page"].as_str().map_or_else(|| format!("{told:#}\n"), normal)
}

fn compared(row: (&str, &str, &str)) -> Result<(), String> {
    let folder =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("tests/conform/pages");
    let path = folder.join(format!("{}-{}.page", row.0, row.1));
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let skip = usize::from(update);
    let mut outcomes =
        PATIENCE.iter().skip(skip).map(|patience| golden(&path, &page(row, patience)));
    let mut last = Ok(());
    outcomes.any(|outcome| {
        last = outcome;
        last.is_ok()
    });
    last
}

#[test]
fn pages_are_those_that_were_read() {
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let rows: Vec<_> = PAGES.iter().map(|row| scope.spawn(|| compared(*row))).collect();
        rows.into_iter().filter_map(|row| row.join().expect("it is compared").err()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All dialects have pages, and every committed page is in the table.
#[test]
fn every_page_is_in_use() {
    let mut wanted: Vec<String> =
        PAGES.iter().map(|(dialect, mutant, _)| format!("{dialect}-{mutant}.page")).collect();
    let folder =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("tests/conform/pages");
    let files = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|file| file.expect("a file").file_name().into_string().expect("a name of ours"));
    let page = |name: &String| name.rsplit_once('.').is_some_and(|(_, ending)| ending == "page");
    let mut there: Vec<String> = files.filter(page).collect();
    wanted.sort();
    there.sort();
    assert_eq!(there, wanted);
    for dialect in ["rooms", "lobby", "simple", "login", "channels"] {
        assert!(PAGES.iter().filter(|row| row.0 == dialect).count() >= 4, "{dialect}");
    }
}

/// README.md and the suite's guide show one of the pages; the guide explains it.
#[test]
fn the_page_in_the_readme_is_a_real_one() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).expect("a text of ours");
    let trimmed = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    };
    let kept = trimmed(&read("tests/conform/pages/rooms-third-word-of-join-ignored.page"));
    let shown = |name: &str| {
        let text = read(name);
        let start = text.find("    FAIL rooms/join-5/").expect("a failure is shown");
        let page =
            text[start..].lines().take_while(|line| line.is_empty() || line.starts_with("    "));
        trimmed(&normal(&page.collect::<Vec<_>>().join("\n").replacen("FAIL ", "", 1)))
    };
    assert_eq!(shown("README.md"), kept);
    let guide = shown("spec/conformance.md");
    assert_eq!(guide.len(), kept.len());
    for (line, real) in guide.iter().zip(&kept) {
        assert!(line.starts_with(real), "{line} is not {real}");
    }
}
