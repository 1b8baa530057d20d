//! Writes the reports of a round again, from all answers so far.

use crate::error::{Asked, Result};
use crate::next;
use crate::progress::Progress;
use crate::round::{MadeRound, files};
use crate::session::Session;

impl Session {
    /// Writes report.md, report.html and report.json of a round again, from all answers so far.
    /// Without a number, it is the last round. The batch, the picks and the manifest do not change,
    /// and no model is trained. [`Session::status`] returns the last round's report without writing
    /// it.
    ///
    /// # Errors
    /// The workspace has no round ([`crate::SessionError::NoneYet`]) or no round with this number,
    /// or a file cannot be written.
    pub fn report(&self, round: Option<u32>, progress: &dyn Progress) -> Result<MadeRound> {
        let opened = self.write("report", progress)?;
        let Some(number) = round.or(opened.workspace.last_round()?) else {
            return Err(next::none_yet(&opened, Asked::Round)?);
        };
        let report = files::write_report(&opened, number)?;
        Ok(opened.made(report))
    }
}
