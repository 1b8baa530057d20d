//! The report of a round again, with all answers so far.

use crate::error::{Asked, Result};
use crate::next;
use crate::progress::Progress;
use crate::round::{MadeRound, files};
use crate::session::Session;

impl Session {
    /// Writes report.md, report.html and report.json of a round again, with all answers that are in
    /// by now; of the last round if none is named. Batch, picks and manifest stay as they are, and
    /// no model is trained. [`Session::status`] has the last round's report without writing.
    ///
    /// # Errors
    /// There is no round ([`crate::SessionError::NoneYet`]) or not that one, or the disk cannot be
    /// written.
    pub fn report(&self, round: Option<u32>, progress: &dyn Progress) -> Result<MadeRound> {
        let opened = self.write("report", progress)?;
        let Some(number) = round.or(opened.workspace.last_round()?) else {
            return Err(next::none_yet(&opened, Asked::Round)?);
        };
        let report = files::write_report(&opened, number)?;
        Ok(opened.made(report))
    }
}
