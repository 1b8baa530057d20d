//! What other users, or a lack of resources, can do to a workspace. Each kind of attack has its own
//! file.

mod damage;
mod halves;
mod links;
mod scarce;
mod two_users;
mod umask;
