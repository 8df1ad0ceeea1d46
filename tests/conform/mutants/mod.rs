//! The servers that are wrong on purpose.
//!
//! Goal: the server they are made of is right, and every mutation of it is alive: a client can tell
//! it from the right one. Method: conversations as data are played to the model, which predicts
//! every byte and every end of a connection, and then over sockets to the server without a fault,
//! to the product, and to each mutation; the first two must do as predicted, each mutation must
//! not, in one conversation at least. A missing line is noticed by a deadline, which the right
//! server beside it must keep. Limits: a machine that stops exactly while the wrong server is
//! tested could make a mutation look alive that is not; it cannot make a test fail.

mod alive;
mod catalogue;
mod conversations;
mod foretold;
mod null;
mod play;
mod readings;
mod right;
mod script;
mod slow;
