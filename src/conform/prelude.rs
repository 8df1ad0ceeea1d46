//! What a run finds out about a server before it judges anything.

use super::runner::Runner;
use super::script::Case;
use std::time::Duration;

/// Clients that a case has at most beside others, its control included.
const CLIENTS_OF_A_CASE: usize = 6;
/// How long clients that have closed may still count.
const UNTIL_GONE: Duration = Duration::from_millis(200);

impl Runner<'_> {
    /// Finds out how many cases may run side by side, and what they presuppose.
    pub(super) fn find_out(&mut self) {
        if self.serves_few() {
            self.manner.jobs = 1;
            // Those who made the crowd need not have gone when they have closed.
            std::thread::sleep(self.bounds.scaled(UNTIL_GONE));
        }
        self.probe();
    }

    /// Whether the server does not let in as many clients at once as cases that run side by side have, where
    /// the document allows that.
    fn serves_few(&self) -> bool {
        let (voice, jobs) = (&self.book.voice, self.manner.jobs);
        if !voice.few || jobs == 1 {
            return false;
        }
        let mut stage = self.stage(self.nonce("crowd", "at the start"));
        let crowd: Vec<String> = (0..jobs * CLIENTS_OF_A_CASE).map(|n| format!("k{n}")).collect();
        let fill = |template: &str, user: &str| template.replace("{user}", &format!("{{{user}}}"));
        let (sent, seen) = &voice.enter;
        let mut enter = |who: &String| stage.say(who, &fill(sent, who)).is_ok();
        if !crowd.iter().all(&mut enter) {
            return true;
        }
        !crowd.iter().all(|who| stage.expect_pattern(who, &fill(seen, who)).is_ok())
    }

    /// Finds out the readings that others depend on, before anything else and without judging.
    fn probe(&self) {
        let probes: Vec<&Case> = self.book.cases.iter().filter(|case| case.probe).collect();
        let probe = |case: &Case| {
            let mut stage = self.stage(self.nonce(&case.id, "probe"));
            let played = self.performed(case, &mut stage);
            if let (Ok(()), Some(reading)) = (played, &stage.findings.reading) {
                // Two probes of one clause that differ are told when they are judged.
                let _ = self.readings().note(&case.clause, reading, &case.id);
            }
        };
        if self.manner.jobs == 1 {
            probes.into_iter().for_each(probe);
            return;
        }
        std::thread::scope(|scope| {
            for case in probes {
                scope.spawn(move || probe(case));
            }
        });
    }
}
