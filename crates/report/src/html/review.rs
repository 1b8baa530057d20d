//! The page's section on documents that need review. Each document has a card with its text.

use crate::Review;
use crate::markdown::excerpt;
use crate::page::{escape, isolated};
use crate::section::conflicts::EXCERPT;
use crate::section::review::ReviewItem;

/// The section shows at most this many documents. The JSON has more, and `querist review` has all.
const SHOWN: usize = 10;

impl Review {
    /// Returns the section as HTML; empty if no document needs review.
    pub(super) fn html(&self) -> String {
        if self.total == 0 {
            return String::new();
        }
        let mut section = format!(
            "<h2>Review</h2>\n<p>Documents for review: {} ({}). These are the first {}, ranked by how \
             much one more answer is expected to help, in nats of log-loss:</p>\n",
            self.total,
            isolated(&self.counts()),
            self.top.len().min(SHOWN)
        );
        section.extend(self.top.iter().take(SHOWN).map(card));
        section
            + "<p>A review can write all of these documents to a file for labelling. An expert's decisions \
               settle them.</p>\n"
    }
}

/// Renders a document that needs review as a card.
fn card(item: &ReviewItem) -> String {
    format!(
        "<article class=\"card\" aria-label=\"{}\">\n<p class=\"of\">{} · {}</p>\n<blockquote \
         dir=\"auto\">{}</blockquote>\n<p class=\"soft\">{} · expected help {:.3} · best answered by \
         {}</p>\n</article>\n",
        escape(&crate::page::plain(&item.id)),
        isolated(&item.id),
        isolated(&item.why()),
        isolated(&excerpt(&item.text, EXCERPT)),
        isolated(&item.votes_line()),
        item.help,
        isolated(item.who_line())
    )
}
