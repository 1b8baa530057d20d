//! The report of a round again, with all answers so far.

use crate::error::{Asked, Result};
use crate::next;
use crate::progress::Progress;
use crate::round::{MadeRound, files};
use crate::session::Session;

impl Session {
    /// Writes the report of a round again; the last one's if none is named.
    ///
    /// # Errors
    /// There is no such round, or the disk cannot be written.
    pub fn report(&self, round: Option<u32>, progress: &dyn Progress) -> Result<MadeRound> {
        let opened = self.write("report", progress)?;
        let Some(number) = round.or(opened.workspace.last_round()?) else {
            return Err(next::none_yet(&opened, Asked::Round)?);
        };
        let report = files::write_report(&opened, number)?;
        Ok(opened.made(report))
    }
}
