//! Why something that concerns accounts is refused.

/// Why something that concerns accounts is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountFault {
    /// The name has an account, or has to have one. [extensions/account-1]
    PasswordRequired,
    /// There is no such account, or its password is another. [extensions/account-2]
    WrongPassword,
    /// Another connection has the name of the client's account. [extensions/account-3]
    NameTaken,
    /// There is an account of this name already. [extensions/account-4]
    AccountExists,
    /// The client has not logged in. [extensions/account-5]
    NotLoggedIn,
    /// The new password is too short or too long, or has a space in it. [extensions/account-6]
    PasswordInvalid,
    /// The password could be read on its way. [extensions/account-6]
    PasswordsNeedTls,
    /// The client's network has tried too often. [extensions/account-8]
    TooManyAttempts,
    /// Too many clients wait for the same. [extensions/account-9]
    Busy,
    /// The accounts cannot be read.
    Unavailable,
    /// Another connection has logged in to the client's name, and this one ends.
    /// [extensions/account-3]
    Ghosted,
}
