//! Bad input of every kind gives exit code 2 and a message that names the place and the remedy; the
//! workspace stays as it was.

mod files;
mod rows;
mod settings;
mod workspaces;
