//! The server is the reference model, for any sequence of operations, legal or not.
//!
//! Goal: every clause about order, outboxes, eviction and flow control, at once.
//!
//! Method: proptest makes scenarios, `support::check` performs each operation on sessions and
//! registry and on the model, and compares all that can be seen. One run draws from a fixed seed
//! and must meet every case of a list, and each pair of rules that can be at work at once, with
//! the committed scenarios of the fuzz target `server_model` and one of `strategy`; the others draw
//! anew each time, three times as many where `PARLANCE_THOROUGH` is set. The seed of a failure is
//! written to a file beside this one and tried first from then on; the scenario itself belongs
//! under `fuzz/regressions/`.
//!
//! Limits: six clients at a time, reads of at most 64 KiB, and nothing at the same time; loom and
//! the stress tests see to that. The shell is not here: how a socket is closed is tested elsewhere.

use crate::strategy::{account_scenarios, kept_scenarios, overstrained, scenarios};
use crate::support::cases::{Cases, required};
use crate::support::check;
use crate::support::operation::{DIALECTS, Operation, Scenario};
use crate::support::pairs::required_pairs;
use parlance_model::Dialect;
use proptest::test_runner::{Config, FileFailurePersistence, RngAlgorithm, TestRng, TestRunner};
use std::cell::RefCell;

/// So many scenarios, or three times as many where `PARLANCE_THOROUGH` is set.
fn drawn(count: u32) -> Config {
    let is_thorough = std::env::var_os("PARLANCE_THOROUGH").is_some();
    config(if is_thorough { 3 * count } else { count })
}

fn config(cases: u32) -> Config {
    let given = Config::default();
    Config {
        cases,
        // Fewer if PROPTEST_MAX_SHRINK_ITERS says so.
        max_shrink_iters: given.max_shrink_iters.min(2_000),
        source_file: Some(file!()),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource(
            "proptest-regressions",
        ))),
        ..given
    }
}

/// [common/order-1] [common/order-2] [common/outbox-1] [common/outbox-2] [common/outbox-3]
/// [common/outbox-4] [common/outbox-5] [common/outbox-6] [common/outbox-7] [common/outbox-8]
/// [common/outbox-9] [common/flow-1] [common/flow-2] [common/flow-3] [common/flow-4]
/// [common/flow-5] [common/flow-6] [common/eos-1] [common/eos-3] [common/eos-4] [common/eos-5]
/// [common/eos-6] [common/close-1] [common/close-3] [common/limit-1] [common/shutdown-1]
/// [rooms/join-7] [rooms/text-1] [rooms/text-3] [rooms/leave-1] [rooms/error-1] [rooms/error-2]
/// [rooms/error-3] [rooms/room-1] [rooms/room-2] [rooms/room-3]
#[test]
fn the_server_does_what_the_model_does_in_every_case_on_the_list() {
    in_every_case_on_the_list(Dialect::Rooms, 640);
}

#[test]
fn a_lobby_does_what_the_model_does_in_every_case_on_the_list() {
    in_every_case_on_the_list(Dialect::Lobby, 512);
}

#[test]
fn a_simple_server_does_what_the_model_does_in_every_case_on_the_list() {
    in_every_case_on_the_list(Dialect::Simple, 640);
}

#[test]
fn a_login_server_does_what_the_model_does_in_every_case_on_the_list() {
    in_every_case_on_the_list(Dialect::Login, 832);
}

#[test]
fn a_channels_server_does_what_the_model_does_in_every_case_on_the_list() {
    in_every_case_on_the_list(Dialect::Channels, 896);
}

fn in_every_case_on_the_list(dialect: Dialect, cases: u32) {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    // What a fixed seed brings up comes up again: it needs no memory.
    let config = Config { failure_persistence: None, ..config(cases) };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let met = RefCell::new(Cases::default());
    for (_, input) in crate::corpus::inputs("server_model") {
        let scenario = Scenario::decode(&input);
        if scenario.dialect == dialect {
            met.borrow_mut().add(&check::run(&scenario));
        }
    }
    met.borrow_mut().add(&check::run(&overstrained(dialect)));
    let outcome = runner.run(&scenarios(dialect, 60), |scenario| {
        met.borrow_mut().add(&check::run(&scenario));
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let met = met.into_inner();
    let missing = met.missing(&required(dialect));
    assert!(missing.is_empty(), "never met: {missing:?}, of {met:?}");
    let missing = met.missing_pairs(&required_pairs(dialect));
    assert!(missing.is_empty(), "never met together: {missing:?}");
}

/// Of five rules everywhere, one more where commands are answered, and moves in channels.
#[test]
fn a_run_that_met_no_two_rules_lacks_each_pair_that_there_can_be() {
    let lacks = DIALECTS.map(|dialect| Cases::default().missing_pairs(&required_pairs(dialect)));
    assert_eq!(lacks.map(|pairs| pairs.len()), [10, 10, 15, 15, 21]);
}

#[test]
fn the_server_does_what_the_model_does_whatever_happens() {
    for dialect in DIALECTS {
        let outcome = TestRunner::new(drawn(32)).run(&scenarios(dialect, 60), |scenario| {
            check::run(&scenario);
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{error}");
        }
    }
}

/// [common/rate-1] [common/rate-2] [common/rate-4]
#[test]
fn the_server_does_what_the_model_does_where_clients_have_rates() {
    for dialect in DIALECTS {
        let waits = RefCell::new(0);
        let outcome = TestRunner::new(drawn(64)).run(&scenarios(dialect, 60), |scenario| {
            let scenario = Scenario { rates: true, ..scenario };
            *waits.borrow_mut() += check::run_counting_rate_waits(&scenario);
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{error}");
        }
        assert!(*waits.borrow() > 300, "{dialect:?}: {waits:?} waits are few");
    }
}

/// Where clients end, the operator ends some of them. [common/kick-1] [common/kick-2]
#[test]
fn the_server_does_what_the_model_does_where_clients_are_kicked() {
    for dialect in DIALECTS {
        let kicks = RefCell::new(0);
        let outcome = TestRunner::new(config(96)).run(&scenarios(dialect, 60), |scenario| {
            let operations = scenario.operations.into_iter();
            let operations: Vec<Operation> = operations.map(kick_instead).collect();
            *kicks.borrow_mut() += operations.iter().filter(|one| is_kick(one)).count();
            check::run(&Scenario { operations, ..scenario });
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{error}");
        }
        assert!(*kicks.borrow() > 150, "{dialect:?}: {kicks:?} kicks are few");
    }
}

fn kick_instead(operation: Operation) -> Operation {
    match operation {
        Operation::Reset { slot }
        | Operation::Dropped { slot }
        | Operation::EndOfStream { slot } => Operation::Kick { slot },
        other => other,
    }
}

fn is_kick(operation: &Operation) -> bool {
    matches!(operation, Operation::Kick { .. })
}

/// [extensions/frame-1] [extensions/frame-2] [extensions/frame-3] [extensions/store-1]
/// [extensions/store-3] [extensions/history-1] [extensions/history-2] [extensions/history-3]
/// [extensions/history-4] [extensions/topic-1] [extensions/topic-2] [extensions/topic-3]
#[test]
fn the_server_does_what_the_model_does_where_rooms_are_kept() {
    let waits = RefCell::new(0);
    let outcome = TestRunner::new(config(128)).run(&kept_scenarios(60), |scenario| {
        *waits.borrow_mut() += check::run_counting_store_waits(&scenario);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(*waits.borrow() > 500, "{waits:?} waits are few");
}

/// [extensions/account-1] [extensions/account-2] [extensions/account-3] [extensions/account-4]
/// [extensions/account-5] [extensions/account-6] [extensions/frame-2] [extensions/frame-3]
#[test]
fn the_server_does_what_the_model_does_where_names_have_accounts() {
    let waits = RefCell::new(0);
    let outcome = TestRunner::new(config(256)).run(&account_scenarios(60), |scenario| {
        *waits.borrow_mut() += check::run_counting_store_waits(&scenario);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(*waits.borrow() > 500, "{waits:?} waits are few");
}

#[test]
fn the_server_does_what_the_model_does_in_the_long_run() {
    for dialect in DIALECTS {
        let outcome = TestRunner::new(drawn(1)).run(&scenarios(dialect, 1_000), |scenario| {
            check::run(&scenario);
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{error}");
        }
    }
}
