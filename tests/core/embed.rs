//! The example of the core's front page.
//!
//! Goal: `src/core/examples/embed.rs` serves a client on a stream of its caller's own.
//!
//! Method: the example's own function on streams in memory.
//!
//! Limits: one client, which sends all its input at once.

#[path = "../../src/core/examples/embed.rs"]
#[expect(dead_code, reason = "the example has a main function")]
mod example;

use parlance_core::limits::Limits;
use parlance_core::protocol::rooms::Rooms;
use parlance_core::registry::{Census, Registry};
use parlance_core::time::Time;

fn serve(input: &[u8]) -> String {
    let registry = Registry::new(&Rooms, Limits::default());
    let mut output = Vec::new();
    example::serve(&registry, input, &mut output, || Time::ZERO).expect("memory takes all bytes");
    assert_eq!(registry.census(), Census::default());
    String::from_utf8(output).expect("ASCII in, ASCII out")
}

#[test]
fn the_example_serves_a_client_until_the_end_of_its_stream() {
    let output = serve(b"JOIN den joe\nhi\r\n\nunfinished");
    assert_eq!(output, "joe has joined\njoe: hi\njoe: \n");
}

#[test]
fn the_example_ends_a_session_at_a_fault() {
    assert_eq!(serve(b"hello\nJOIN den joe\n"), "ERROR\n");
}

/// Many lines at once take the client's own outbox over the high-water mark.
#[test]
fn the_example_delivers_many_lines() {
    let lines = 100_000;
    let output = serve(&[b"JOIN den joe\n".to_vec(), b"x\n".repeat(lines)].concat());
    assert_eq!(output.lines().count(), lines + 1);
}

#[test]
fn the_front_page_shows_the_example() {
    let example = include_str!("../../src/core/examples/embed.rs");
    let from = example.find("use ").expect("it uses the core");
    let to = example.find("#[expect(clippy").expect("it is a program");
    let front_page: String = include_str!("../../src/core/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned() + "\n")
        .collect();
    assert!(front_page.contains(&example[from..to]));
}
