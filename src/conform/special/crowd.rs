//! Many clients at once.

use super::cast::Cast;
use crate::attempt::{Attempt, Played};

/// This many clients in one room, each of which has seen all later ones join.
fn gathered<'a>(attempt: &mut Attempt<'a>, clients: usize) -> Played<(Cast<'a>, Vec<String>)> {
    let mut cast = Cast::of(attempt);
    let names: Vec<String> = (1..=clients).map(|number| format!("m{number}")).collect();
    for name in &names {
        attempt.connect(name)?;
    }
    for (at, name) in names.iter().enumerate() {
        cast.play(attempt, &format!("{name} joins {name}"))?;
        for earlier in &names[..at] {
            cast.play(attempt, &format!("{earlier} sees {name} join"))?;
        }
    }
    Ok((cast, names))
}

/// This many clients in one room all hear each other.
pub(super) fn crowd(attempt: &mut Attempt<'_>, clients: usize) -> Played {
    let (mut cast, names) = gathered(attempt, clients)?;
    let last = &names[clients - 1];
    cast.play(attempt, &format!("{last} says hello\n{last} echoes hello"))?;
    for name in &names[..clients - 1] {
        cast.play(attempt, &format!("{name} hears {last}: hello"))?;
    }
    cast.play(attempt, "m1 fence")
}

/// All of this many clients but the first one go, and a client that joins then is served too.
pub(super) fn departures(attempt: &mut Attempt<'_>, clients: usize) -> Played {
    let (mut cast, names) = gathered(attempt, clients)?;
    for name in &names[1..] {
        cast.play(attempt, &format!("{name} resets\nm1 sees {name} leave"))?;
    }
    cast.play(
        attempt,
        "late joins late
         m1 sees late join
         m1 says alone
         late hears m1: alone
         m1 echoes alone
         m1 fence",
    )
}
