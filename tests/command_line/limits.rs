//! The limits that the options set.
//!
//! Goal: an option that is not given leaves the core's own default, 0 switches a limit off, and
//! none changes another. Method: the parsed options. Limits: that a limit is kept is tested
//! elsewhere.

use parlance_core::limits::Limits;
use parlance_server::config::options::Options;
use std::time::Duration;

fn limits(arguments: &[&str]) -> Limits {
    Options::from_arguments([&["parlance"], arguments].concat()).unwrap().limits()
}

/// [common/limit-1] [common/limit-2]
#[test]
fn each_option_sets_its_limit_and_0_switches_it_off() {
    let is = Limits::default;
    assert_eq!(limits(&[]), is());
    let (span, none) = (Duration::from_secs(7), Duration::MAX);
    let cases = [
        (
            "--first-line-timeout",
            Limits { first_line: span, ..is() },
            Limits { first_line: none, ..is() },
        ),
        ("--idle-timeout", Limits { idle: span, ..is() }, Limits { idle: none, ..is() }),
        ("--stall-timeout", Limits { stall: span, ..is() }, Limits { stall: none, ..is() }),
        ("--drain-timeout", Limits { drain: span, ..is() }, Limits { drain: none, ..is() }),
        (
            "--clients-max",
            Limits { clients_max: 7, ..is() },
            Limits { clients_max: usize::MAX, ..is() },
        ),
        (
            "--clients-per-address-max",
            Limits { clients_per_address_max: 7, ..is() },
            Limits { clients_per_address_max: usize::MAX, ..is() },
        ),
        (
            "--outbox-bytes-max",
            Limits { outbox_bytes_max: 7, ..is() },
            Limits { outbox_bytes_max: usize::MAX, ..is() },
        ),
        (
            "--total-bytes-max",
            Limits { total_bytes_max: 7, ..is() },
            Limits { total_bytes_max: usize::MAX, ..is() },
        ),
    ];
    for (option, seven, off) in cases {
        assert_eq!(limits(&[option, "7"]), seven, "{option}");
        assert_eq!(limits(&[option, "0"]), off, "{option}");
    }
}
