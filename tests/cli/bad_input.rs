//! Bad input of any kind leads to exit code 2 and to a message that says where the fault is and
//! what to do. The workspace stays as it was.

mod files;
mod rows;
mod settings;
mod workspaces;
