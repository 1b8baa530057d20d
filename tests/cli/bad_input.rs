//! Bad input of every kind: exit code 2, a message that names the place and what to do, and a
//! workspace that is as it was.

mod files;
mod rows;
mod settings;
mod workspaces;
