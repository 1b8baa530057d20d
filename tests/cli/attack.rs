//! What somebody else, or a lack of something, can do to a workspace: one file a kind.

mod damage;
mod halves;
mod links;
mod scarce;
mod two_users;
mod umask;
