//! The search for a behaviour of the model that explains a recorded run.
//!
//! What the server did in which order was not recorded: it is searched for, depth first, what
//! explains most at once before the rest, and no point is visited twice.

use std::collections::BTreeSet;
use std::fmt;

/// More points than any run here needs.
pub(crate) const POINTS_MAX: usize = 400_000;

/// A recorded run, and how far it can be explained from where.
pub(crate) trait Story {
    /// How far an explanation has come.
    type Point: Clone + Ord;

    fn first(&self) -> Self::Point;

    /// All points that are one step further.
    fn after(&self, point: &Self::Point) -> Vec<Self::Point>;

    fn is_explained(&self, point: &Self::Point) -> bool;

    /// Of each client: how much of what it received was delivered.
    fn delivered<'point>(&self, point: &'point Self::Point) -> &'point [usize];
}

/// Why a run is not accepted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// No behaviour of the model explains it, and all were tried. At best, so much was delivered.
    Never { best: Vec<usize> },
    /// Nothing is known: there are more points than are looked at.
    TooLong,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejected::Never { best } => {
                write!(f, "no behaviour of the model explains it; at best {best:?} are delivered")
            }
            Rejected::TooLong => write!(f, "there are too many points to explain it"),
        }
    }
}

/// How many steps explain `story`, and how many points were seen on the way; or why none do.
/// Nothing is known if that needs more than `points_max`.
pub(crate) fn explain<S: Story>(story: &S, points_max: usize) -> Result<Explained, Rejected> {
    let first = story.first();
    let mut best = story.delivered(&first).to_vec();
    let mut seen = BTreeSet::from([first.clone()]);
    let mut stack = vec![(first, 0)];
    while let Some((point, steps)) = stack.pop() {
        if story.is_explained(&point) {
            return Ok(Explained { steps, points: seen.len() });
        }
        if seen.len() > points_max {
            return Err(Rejected::TooLong);
        }
        let delivered = story.delivered(&point);
        if delivered.iter().sum::<usize>() > best.iter().sum() {
            best = delivered.to_vec();
        }
        let mut after = story.after(&point);
        after.sort_by_key(|next| story.delivered(next).iter().sum::<usize>());
        for next in after {
            if seen.insert(next.clone()) {
                stack.push((next, steps + 1));
            }
        }
    }
    Err(Rejected::Never { best })
}

#[derive(Debug)]
pub(crate) struct Explained {
    pub(crate) steps: usize,
    pub(crate) points: usize,
}
