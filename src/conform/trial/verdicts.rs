//! The verdicts, each with the rule that it depends on.

use super::server::Part::{Ends, Resets, Says, SaysIfWhole, Silent};
use super::{MUST, PROFILE, judged, one_of, sees, sends, step};
use crate::result::{CaseResult, Verdict};
use crate::script::{Action, Step};

const RIGHT: &[super::server::Part] = &[Says("pong\n")];

fn asks() -> Vec<Step> {
    vec![sends("hello there\\n"), sees("ho\\n")]
}

fn then(action: Action) -> Vec<Step> {
    vec![sends("hello there\\n"), step(action)]
}

#[test]
fn a_right_answer_in_every_cut_passes() {
    let result = judged(MUST, asks(), &[Says("ho\n")], RIGHT);
    assert_eq!((result.verdict, result.race), (Verdict::Pass, None), "{}", result.message);
}

#[test]
fn a_wrong_answer_fails_with_its_sentence_and_its_page() {
    let result = judged(MUST, asks(), &[Says("hi\n")], RIGHT);
    assert_eq!((result.verdict, result.outcome), (Verdict::Fail, Some("mismatch")));
    assert_eq!((result.race, &result.segmentation), (None, &None));
    assert_eq!(result.says.as_deref(), Some("Wrong."));
    let page = result.page.expect("a page");
    assert!(page.contains("Allowed: ho\\n") && page.contains("hi\\n came"), "{page}");
}

#[test]
fn without_a_proof_nothing_passes() {
    let result = judged(MUST, asks(), &[Says("ho\n")], &[Says("pang\n")]);
    assert_eq!(result.verdict, Verdict::Inconclusive);
    assert!(result.message.contains("did not prove that it works: a: "), "{}", result.message);
}

/// The first attempt is whole and proved, the second is cut and is not.
#[test]
fn every_cut_needs_a_proof_of_its_own() {
    let result = judged(MUST, asks(), &[Says("ho\n")], &[Says("pong\n"), Says("pang\n")]);
    assert_eq!(result.verdict, Verdict::Inconclusive, "{}", result.message);
    assert!(result.message.starts_with("byte by byte: "), "{}", result.message);
}

#[test]
fn a_failure_in_a_cut_names_the_cut() {
    let result = judged(MUST, asks(), &[Says("ho\n"), Says("hi\n")], RIGHT);
    assert_eq!((result.verdict, result.race), (Verdict::Fail, None), "{}", result.message);
    assert_eq!(result.segmentation.as_deref(), Some("byte by byte"));
}

/// Were the repetitions whole, all of them would pass, each time: wrong in one of six attempts. A
/// machine that is busy at the moment may give the server the pieces of a line at once.
#[test]
fn repetitions_are_cut_as_the_failure_was() {
    let played = || judged(MUST, asks(), &[SaysIfWhole("ho\n", "hi\n")], RIGHT);
    let as_cut = |result: &CaseResult| {
        result.verdict == Verdict::Fail && result.race.map(|[wrong, _]| wrong) != Some(1)
    };
    let result = (0..20).map(|_| played()).find(as_cut).expect("the pieces are seen at some time");
    assert_eq!(result.segmentation.as_deref(), Some("byte by byte"));
}

#[test]
fn a_race_has_its_rate() {
    let parts = [Says("hi\n"), Says("ho\n"), Says("hi\n"), Says("ho\n")];
    let result = judged(MUST, asks(), &parts, RIGHT);
    assert_eq!((result.verdict, result.race), (Verdict::Fail, Some([1, 5])));
    let result = judged(MUST, asks(), &[Says("hi\n"), Says("ho\n")], RIGHT);
    assert_eq!((result.verdict, result.race), (Verdict::Fail, Some([1, 6])));
}

#[test]
fn one_late_answer_may_be_a_slow_machine() {
    let result = judged(MUST, asks(), &[Silent, Says("ho\n")], RIGHT);
    assert_eq!(result.verdict, Verdict::Inconclusive, "{}", result.message);
    assert!(result.message.ends_with("try --patience"), "{}", result.message);
    let result = judged(MUST, asks(), &[Silent], RIGHT);
    assert_eq!((result.verdict, result.outcome), (Verdict::Fail, Some("timeout")));
}

#[test]
fn one_early_end_is_no_slow_machine() {
    for (part, outcome) in [(Ends, "end-of-stream"), (Resets, "reset")] {
        let result = judged(MUST, asks(), &[part, Says("ho\n")], RIGHT);
        let found = (result.verdict, result.outcome, result.race);
        assert_eq!(found, (Verdict::Fail, Some(outcome), Some([1, 6])), "{}", result.message);
    }
}

#[test]
fn one_reading_is_kept_to_in_every_attempt() {
    let steps = || vec![sends("hello there\\n"), one_of(&["ho\\n", "hi\\n"])];
    let result = judged(PROFILE, steps(), &[Says("hi\n")], RIGHT);
    assert_eq!(result.verdict, Verdict::Pass, "{}", result.message);
    assert_eq!(result.reading.as_deref(), Some("says-hi"));
    let result = judged(PROFILE, steps(), &[Says("hi\n"), Says("ho\n")], RIGHT);
    assert!(result.verdict.is_wrong(), "{:?} {}", result.verdict, result.message);
    assert!(result.message.contains("does not keep to one reading"), "{}", result.message);
}

#[test]
fn silence_is_neither_an_end_nor_a_line() {
    let outcome = |part| {
        let result = judged(MUST, then(Action::Silent), &[part], RIGHT);
        (result.verdict, result.outcome)
    };
    assert_eq!(outcome(Silent), (Verdict::Pass, None));
    assert_eq!(outcome(Ends), (Verdict::Fail, Some("end-of-stream")));
    assert_eq!(outcome(Resets), (Verdict::Fail, Some("reset")));
    assert_eq!(outcome(Says("ho\n")), (Verdict::Fail, Some("surplus")));
}

#[test]
fn an_end_is_no_reset_and_a_close_may_be_one() {
    let outcome = |action, part| {
        let result = judged(MUST, then(action), &[part], RIGHT);
        (result.verdict, result.outcome)
    };
    assert_eq!(outcome(Action::Ends, Ends), (Verdict::Pass, None));
    assert_eq!(outcome(Action::Ends, Resets), (Verdict::Fail, Some("reset")));
    assert_eq!(outcome(Action::Ends, Silent), (Verdict::Fail, Some("timeout")));
    assert_eq!(outcome(Action::Ends, Says("ho\n")), (Verdict::Fail, Some("surplus")));
    assert_eq!(outcome(Action::Closed, Ends), (Verdict::Pass, None));
    assert_eq!(outcome(Action::Closed, Resets), (Verdict::Pass, None));
    assert_eq!(outcome(Action::Closed, Silent), (Verdict::Fail, Some("timeout")));
}

#[test]
fn the_first_line_counts_and_not_the_second() {
    let result = judged(MUST, asks(), &[Says("hi\nho\n")], RIGHT);
    assert_eq!((result.verdict, result.outcome), (Verdict::Fail, Some("mismatch")));
}
