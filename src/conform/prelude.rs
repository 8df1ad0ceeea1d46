//! What a run finds out about a server before it judges anything.

use super::readings::in_respect;
use super::runner::{Runner, performed};
use super::script::Case;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Maximum number of clients of a case that runs beside others, its control included.
const CLIENTS_OF_A_CASE: usize = 6;
/// How long clients that have closed may still count as connected.
const UNTIL_GONE: Duration = Duration::from_millis(200);

impl Runner<'_> {
    /// Finds out how many cases may run side by side, and the readings that cases require.
    pub(super) fn find_out(&mut self) {
        if self.serves_few() {
            self.manner.jobs = 1;
            // The clients of the crowd have closed, but the server may still count them.
            std::thread::sleep(self.bounds.scaled(UNTIL_GONE));
        }
        self.probe();
        self.readings().probed = true;
    }

    /// Whether the server admits fewer clients at once than cases side by side need, where the
    /// document allows that.
    fn serves_few(&self) -> bool {
        let (voice, jobs) = (&self.book.voice, self.manner.jobs);
        if !voice.few || jobs == 1 {
            return false;
        }
        let mut attempt = self.attempt(self.nonce("crowd", "at the start"));
        let crowd: Vec<String> = (0..jobs * CLIENTS_OF_A_CASE).map(|n| format!("k{n}")).collect();
        let fill = |template: &str, user: &str| template.replace("{user}", &format!("{{{user}}}"));
        let (sent, seen) = &voice.enter;
        let mut enter = |who: &String| attempt.say(who, &fill(sent, who)).is_ok();
        if !crowd.iter().all(&mut enter) {
            return true;
        }
        !crowd.iter().all(|who| attempt.expect_pattern(who, &fill(seen, who)).is_ok())
    }

    /// Finds out the readings that other cases depend on, before anything else and without judging.
    /// The readings that the words of the book depend on come first, because the other probes are
    /// written in these words. The fence of a probe may also depend on another probe, so a probe
    /// without a result is tried once more, by itself: a server that waits for one client may have
    /// let the others wait.
    fn probe(&self) {
        let probes = self.book.cases.iter().filter(|case| case.probe);
        let of_a_word = |case: &&Case| self.book.words.iter().any(|one| one.clause == case.clause);
        let (first, second): (Vec<&Case>, Vec<&Case>) = probes.partition(of_a_word);
        let jobs = self.manner.jobs;
        let mut unknown = self.probe_together(&first, "probe", jobs);
        unknown.extend(self.probe_together(&second, "probe", jobs));
        let nothing_works = unknown.len() == first.len() + second.len();
        if !nothing_works {
            self.probe_together(&unknown, "probe again", 1);
        }
    }

    /// The probes that found nothing out.
    fn probe_together<'c>(&self, probes: &[&'c Case], attempt: &str, jobs: usize) -> Vec<&'c Case> {
        let unknown = Mutex::new(Vec::new());
        let probe = |case: &'c Case| {
            let mut attempt = self.attempt(self.nonce(&case.id, attempt));
            let played = performed(case, &mut attempt);
            if let (Ok(()), Some(reading)) = (played, &attempt.findings.reading) {
                let (clause, reading) = in_respect(&case.clause, reading);
                // Two probes of one clause that differ are reported when they are judged.
                let _ = self.readings().note(&clause, reading, &case.id);
            } else {
                unknown.lock().unwrap_or_else(PoisonError::into_inner).push(case);
            }
        };
        if jobs == 1 {
            for case in probes {
                probe(case);
            }
        } else {
            std::thread::scope(|scope| {
                for case in probes {
                    scope.spawn(|| probe(case));
                }
            });
        }
        unknown.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
