//! Text of others made safe to show.
//!
//! [`is_hidden`] names the characters that act on a terminal or on the text around them instead of
//! being visible, [`escape`] and [`escape_bytes`] show them as escapes, and [`arguments`] reads a
//! command line whose messages, which repeat what was typed, are escaped in this way.

mod arguments;
mod escape;
mod hidden;

pub use arguments::arguments;
pub use escape::{
    escape, escape_bytes, escape_bytes_unless, escape_json, escape_lines, push_escaped,
};
pub use hidden::is_hidden;
