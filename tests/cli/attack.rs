//! What other users, or a lack of resources, can do to a workspace: one file for each kind of
//! attack.

mod damage;
mod halves;
mod links;
mod scarce;
mod two_users;
mod umask;
