//! Sets of dialects that several subjects need.

use parlance_model::Dialect;

/// Every dialect.
pub(super) const ALL: &[Dialect] =
    &[Dialect::Rooms, Dialect::Lobby, Dialect::Simple, Dialect::Login, Dialect::Channels];

/// The dialects that announce departures.
pub(super) const ANNOUNCING: &[Dialect] =
    &[Dialect::Rooms, Dialect::Simple, Dialect::Login, Dialect::Channels];

/// The dialects in which no two clients have the same name.
pub(super) const UNIQUE: &[Dialect] = &[Dialect::Simple, Dialect::Login, Dialect::Channels];
