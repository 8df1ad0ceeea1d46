//! The rates of one client's lines. [common/rate-1]

use super::dialect::Stage;
use super::exchange::Request;
use super::step::Step;
use crate::rate::{Meter, Rates, Rule};
use crate::time::Time;

/// What a client has done of late.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    rates: Rates,
    lines: Meter,
    bytes: Meter,
    joins: Meter,
    names: Meter,
    /// From when on what it has asked for last may be done.
    pub(super) due: Time,
    /// The rule that has put this off most.
    pub(super) rule: Rule,
}

/// What a line asks for, besides being one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asks {
    join: bool,
    name: bool,
}

impl Asks {
    /// What the step of a client at this stage asks for.
    pub(super) fn of(step: &Step, stage: Stage) -> Asks {
        let join = matches!(step, Step::Enter { .. });
        let name = match step {
            Step::Ask(Request::Name { .. } | Request::LogIn { .. } | Request::Ghost { .. }) => true,
            Step::Ask(Request::Register { .. }) => stage == Stage::Fresh,
            _ => false,
        };
        Asks { join, name: name || join && stage == Stage::Fresh }
    }
}

impl Pace {
    /// The pace of a client under these rules, if one of them concerns its lines.
    pub(super) fn under(rates: &Rates) -> Option<Box<Pace>> {
        let any = [rates.lines, rates.bytes, rates.joins, rates.names];
        let none = any.iter().all(|rate| rate.is_off());
        let [lines, bytes, joins, names] = [Meter::default(); 4];
        let pace =
            Pace { rates: *rates, lines, bytes, joins, names, due: Time::ZERO, rule: Rule::Lines };
        (!none).then(|| Box::new(pace))
    }

    /// From when on the next line of text may be said.
    pub(super) fn line_due(&self) -> Time {
        self.lines.due(self.rates.lines).max(self.bytes.due(self.rates.bytes))
    }

    /// Counts a line that came at `now`, of so many bytes. Returns from when on it may be acted on.
    pub(super) fn count(&mut self, asks: Asks, bytes: usize, now: Time) -> Time {
        let mut due = self.line_due();
        let by_bytes = due > self.lines.due(self.rates.lines);
        self.rule = if by_bytes { Rule::Bytes } else { Rule::Lines };
        self.lines.charge(self.rates.lines, 1, now);
        self.bytes.charge(self.rates.bytes, bytes, now);
        if asks.join {
            self.put_off(&mut due, self.joins.due(self.rates.joins), Rule::Joins);
            self.joins.charge(self.rates.joins, 1, now);
        }
        if asks.name {
            self.put_off(&mut due, self.names.due(self.rates.names), Rule::Names);
            self.names.charge(self.rates.names, 1, now);
        }
        due
    }

    /// Puts `due` off until `later`, if it is, for this rule.
    fn put_off(&mut self, due: &mut Time, later: Time, rule: Rule) {
        if later > *due {
            (*due, self.rule) = (later, rule);
        }
    }
}
