//! The page's section on documents about which annotators disagree. Each document has a card with
//! its text, because wide tables of texts are hard to read on a phone.

use super::prose::{prose, without_heading};
use crate::page::{escape, isolated};
use crate::{Conflict, Conflicts};

/// Besides ties, the section shows at most this many conflicts, and at most [`MOST`] cards in all.
/// The JSON contains all conflicts.
const SHOWN: usize = 30;
const MOST: usize = 200;

impl Conflicts {
    /// Returns the section as HTML.
    pub(super) fn html(&self) -> String {
        // The sentences come from the section's Markdown. Its table is left out, because the cards
        // replace it.
        let bare = Self { conflicts: Vec::new(), ..self.clone() };
        let mut section = format!("<h2>Conflicts</h2>\n{}", prose(without_heading(&bare.markdown())));
        let shown = (self.ties + SHOWN).min(MOST);
        section.extend(self.conflicts.iter().take(shown).map(card));
        if self.conflicts.len() > shown {
            section += &format!("<p>report.json lists {} more.</p>\n", self.conflicts.len() - shown);
        }
        section
    }
}

/// Renders a conflict as a card.
fn card(conflict: &Conflict) -> String {
    let outcome = if let Some(label) = &conflict.known {
        format!("known: {}", isolated(label))
    } else if let Some(label) = &conflict.label {
        isolated(label)
    } else if conflict.left_out {
        "left out by an expert".to_owned()
    } else {
        let tied: Vec<String> = conflict.tied.iter().map(|label| isolated(label)).collect();
        format!("<strong>tie: {}</strong>", tied.join(" / "))
    };
    let votes: Vec<String> =
        conflict.votes.iter().map(|(label, n)| format!("{} {n}", isolated(label))).collect();
    let who = conflict.answers.iter().map(|(who, what)| format!("{}: {}", isolated(who), isolated(what)));
    format!(
        "<article class=\"card\" aria-label=\"{}\">\n<p class=\"of\">{} · {outcome}</p>\n<blockquote dir=\"auto\">{}</blockquote>\n\
         <p class=\"soft\">{} · {}</p>\n</article>\n",
        escape(&crate::page::plain(&conflict.id)),
        isolated(&conflict.id),
        isolated(&conflict.text),
        votes.join(", "),
        who.collect::<Vec<_>>().join(", ")
    )
}
