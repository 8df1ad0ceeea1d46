//! Many clients at once.

use super::cast::Cast;
use crate::stage::{Played, Stage};

/// So many clients in one room all hear each other, and one that comes when they have gone is served too.
pub(super) fn crowd(stage: &mut Stage<'_>, clients: usize) -> Played {
    let mut cast = Cast::of(stage);
    let names: Vec<String> = (1..=clients).map(|number| format!("m{number}")).collect();
    for name in &names {
        stage.connect(name)?;
    }
    for (at, name) in names.iter().enumerate() {
        cast.play(stage, &format!("{name} joins {name}"))?;
        for earlier in &names[..at] {
            cast.play(stage, &format!("{earlier} sees {name} join"))?;
        }
    }
    let last = &names[clients - 1];
    cast.play(stage, &format!("{last} says hello\n{last} echoes hello"))?;
    for name in &names[..clients - 1] {
        cast.play(stage, &format!("{name} hears {last}: hello"))?;
    }
    for name in &names[1..] {
        cast.play(stage, &format!("{name} resets\nm1 sees {name} leave"))?;
    }
    cast.play(
        stage,
        "late joins late
         m1 sees late join
         m1 says alone
         late hears m1: alone
         m1 echoes alone
         m1 fence",
    )
}
