//! The brake on guessing passwords.
//!
//! Attempts are counted by account and address, in the database, so that the count holds across instances. They are braked
//! by address alone: those at one account, and those at all accounts together. So whoever signs in from an address of their
//! own is not stopped by what others do from theirs, and nobody can lock somebody else out. A guesser with many addresses
//! gets a few tries from each; long and uncommon passwords are the answer to that.

pub mod model;
pub mod store;
