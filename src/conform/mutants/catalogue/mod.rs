//! The faults, by subject.

mod channels;
mod commands;
mod connections;
mod dialects;
mod extensions;
mod framing;
mod histories;
mod joining;
mod lobby;
mod login;
mod names;
mod replay;
mod rooms;
mod rooms_service;
mod simple;
mod simple_lines;
mod talk;
mod users;

use super::mutation::Mutation;

pub(super) use extensions::KEPT;

/// The mutations of servers that have the extensions of channels.
///
/// # Examples
///
/// ```
/// use parlance_conform::mutants::extension_mutations;
///
/// assert!(extension_mutations().all(|one| one.breaks.starts_with("extensions/")));
/// ```
pub fn extension_mutations() -> impl Iterator<Item = &'static Mutation> {
    extensions::MUTATIONS.iter()
}

/// Every mutation of servers that speak what the documents have.
///
/// # Examples
///
/// ```
/// use parlance_conform::mutants::mutations;
/// use parlance_model::Dialect;
///
/// // One clause can be broken in several ways, of which one test may see only some.
/// let rooms = mutations().filter(|one| one.dialects.contains(&Dialect::Rooms));
/// assert!(rooms.filter(|one| one.breaks == "rooms/join-4").count() > 2);
/// ```
pub fn mutations() -> impl Iterator<Item = &'static Mutation> {
    let all = [
        framing::MUTATIONS,
        connections::MUTATIONS,
        talk::MUTATIONS,
        histories::MUTATIONS,
        names::MUTATIONS,
        joining::MUTATIONS,
        rooms::MUTATIONS,
        rooms_service::MUTATIONS,
        lobby::MUTATIONS,
        simple::MUTATIONS,
        simple_lines::MUTATIONS,
        login::MUTATIONS,
        users::MUTATIONS,
        channels::MUTATIONS,
        commands::MUTATIONS,
        replay::MUTATIONS,
    ];
    all.into_iter().flatten()
}
