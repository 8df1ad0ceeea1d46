//! Why there is no place for a connection.

use super::arrival::Farewell;
use super::observe::account::Account;
use super::observe::bound::Bound;
use parlance_core::protocol::{CloseReason, Dialect, Explanation, Fault};

/// Why there is no place for a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It would be one too many, of a bound that the limits name. [common/limit-2]
    Full,
    /// It would be one too many of this bound. [common/limit-2] [common/rate-5]
    Met(Bound),
    /// Its address is banned. [common/ban-1]
    Banned(Option<Explanation>),
}

impl Refused {
    pub(super) fn reason(&self) -> CloseReason {
        match self {
            Refused::Full | Refused::Met(_) => CloseReason::TooManyClients,
            Refused::Banned(_) => CloseReason::Banned,
        }
    }

    /// What the connection is told, in the words of `dialect` if that is known.
    pub(super) fn farewell(&self, dialect: Option<&dyn Dialect>) -> Farewell {
        let fault = match self {
            Refused::Full | Refused::Met(_) => Fault::TooManyClients,
            Refused::Banned(why) => Fault::Banned(why.clone()),
        };
        let mut line = Vec::new();
        if let Some(dialect) = dialect {
            dialect.fault(&fault, &mut line);
        }
        Farewell { reason: self.reason(), line }
    }

    /// What the log says of it.
    pub(super) fn account(&self) -> Account {
        match self {
            Refused::Full => Account::default(),
            Refused::Met(bound) => Account { bound: Some(*bound), ..Account::default() },
            Refused::Banned(why) => {
                let why = why.as_ref().map(|why| why.as_str().into());
                Account { why, ..Account::default() }
            }
        }
    }
}
