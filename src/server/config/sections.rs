//! The sections of a configuration file. The option table says of each option in which one it is,
//! by the heading below which `--help` has it.

/// Where to listen, and sockets.
pub const NETWORK: &str = "Network";
/// Certificates.
pub const TLS: &str = "TLS";
/// Pages and WebSocket.
pub const WEB: &str = "Web";
/// Bounds.
pub const LIMITS: &str = "Limits";
/// The operator's socket, and who is not let in.
pub const ADMIN: &str = "Admin";
/// What outlives the server.
pub const STORE: &str = "Store";
/// Names that belong to somebody.
pub const ACCOUNTS: &str = "Accounts";
/// What is logged.
pub const LOG: &str = "Log";
/// The process itself.
pub const PROCESS: &str = "Process";

/// Every section in the order of the default file, with what it is for.
pub const SECTIONS: [(&str, &str); 9] = [
    (NETWORK, "Where to listen, and the sockets of clients."),
    (TLS, "Certificates of +tls and https listeners."),
    (WEB, "Pages that may connect over WebSocket."),
    (LIMITS, "Bounds for each dialect on its own."),
    (ADMIN, "The operator's socket, and who is not let in."),
    (STORE, "What outlives the server: rooms of the channels dialect."),
    (ACCOUNTS, "Names of the channels dialect that are for whoever knows their password."),
    (LOG, "What is written to standard error."),
    (PROCESS, "The process itself."),
];

/// A section as a file writes it: `[limits]`.
pub fn in_file(heading: &str) -> String {
    heading.to_ascii_lowercase()
}
