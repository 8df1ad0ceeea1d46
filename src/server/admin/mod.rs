//! Administration: a Unix socket on which an operator asks and commands. [common/admin-1]
//!
//! One line is a command, like `clients` or `kick 7 take a break`. The answer is any number of
//! lines, each of them a JSON object, and then a line `OK`, or `ERROR` and what is wrong. The
//! commands are in [`Command`]; `parlance ctl` speaks this, and so does `nc -U`.

mod command;
mod controls;
mod operator;
mod rows;
mod server;
mod socket;

pub use self::command::{Command, Whom};
pub use self::controls::{Controls, Later};
pub use self::operator::Operator;
pub use self::rows::Row;
pub use self::server::serve;

pub(crate) use self::controls::{DaemonControls, reload};
pub(crate) use self::server::accept;
pub(crate) use self::socket::{AdminFile, AdminListener, bind};
