//! The report's section on documents about which annotators disagree.

use serde::Serialize;

use crate::markdown::{escape, excerpt, table};

/// Counts of answered documents, and the documents about which annotators disagree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflicts {
    /// Number of pool documents that have an answer or a skip. Reports of format 2 also count
    /// control items.
    pub answered: usize,
    /// Number of these documents that have a label: from the aggregator, imported, or decided by an
    /// expert. Reports of format 2 also count control items.
    pub decided: usize,
    /// Number of these documents that are tied according to the aggregator. They need a decision.
    pub ties: usize,
    /// Ids of the pool documents that have skips but no other answers. They need a decision.
    pub only_skips: Vec<String>,
    /// Number of answered pool documents that an expert left out because they fit no class.
    pub left_out: usize,
    /// Number of control items that have an answer besides skips.
    pub controls_answered: usize,
    /// Number of control items that have skips but no other answers.
    pub controls_skipped: usize,
    /// Number of answered control items that an expert left out because they fit no class.
    pub controls_left_out: usize,
    /// Every pool document and control item that is tied or has different answers. Ties come first,
    /// then the most contested documents.
    pub conflicts: Vec<Conflict>,
}

/// A document that is tied or whose annotators disagree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// The document's id.
    pub id: String,
    /// The beginning of the document's text.
    pub text: String,
    /// The number of answers with each label that was given, in label order.
    pub votes: Vec<(String, usize)>,
    /// Each annotator's name and answer.
    pub answers: Vec<(String, String)>,
    /// Whether the document is a control item.
    pub control: bool,
    /// The current label: the known label, or else the aggregator's. `None` for a tie, or if an
    /// expert left the document out.
    pub label: Option<String>,
    /// The label that holds whatever annotators answer: a control item's, an imported one, or an
    /// expert's decision. `None` without one.
    pub known: Option<String>,
    /// Whether an expert left the document out because it fits no class.
    pub left_out: bool,
    /// The tied labels; empty if there is no tie.
    pub tied: Vec<String>,
}

/// A text is cut after this many characters.
pub const EXCERPT: usize = 160;
/// Besides ties, the Markdown shows at most this many conflicts. The JSON contains all.
const SHOWN: usize = 30;

impl Conflicts {
    /// Returns the number of pool documents with different answers.
    pub fn contested(&self) -> usize {
        self.conflicts.iter().filter(|conflict| !conflict.control && conflict.votes.len() > 1).count()
    }

    /// Returns the number of control items with different answers.
    pub fn contested_controls(&self) -> usize {
        self.conflicts.iter().filter(|conflict| conflict.control && conflict.votes.len() > 1).count()
    }

    /// Returns in words how many pool documents and control items have different answers, such as
    /// "3 documents of the pool and 1 control item". The text is empty if none has.
    pub fn contested_words(&self) -> String {
        let count = |n: usize, one: &str, more: &str| {
            (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { more }))
        };
        let pool = count(self.contested(), "document of the pool", "documents of the pool");
        let controls = count(self.contested_controls(), "control item", "control items");
        pool.into_iter().chain(controls).collect::<Vec<_>>().join(" and ")
    }

    /// Returns a sentence about control items, such as " Control items: 5 have answers, 1 was only
    /// skipped." The text is empty if no control item has an answer.
    fn controls(&self) -> String {
        let (answered, skipped, left_out) =
            (self.controls_answered, self.controls_skipped, self.controls_left_out);
        if answered + skipped + left_out == 0 {
            return String::new();
        }
        let mut text = format!(
            " Control items: {answered} {} answers, {skipped} {} only skipped",
            if answered == 1 { "has" } else { "have" },
            if skipped == 1 { "was" } else { "were" }
        );
        if left_out > 0 {
            let were = if left_out == 1 { "was" } else { "were" };
            text += &format!(", {left_out} {were} left out by an expert");
        }
        text + "."
    }

    /// Returns the number of pool documents that need another answer or a decision: those that are
    /// tied or were only skipped.
    pub fn to_settle(&self) -> usize {
        self.ties + self.only_skips.len()
    }

    /// Renders the section as Markdown.
    pub fn markdown(&self) -> String {
        let mut parts = vec!["## Conflicts".to_owned()];
        parts.push(format!(
            "Documents of the pool with answers: {}, of which {} {} a label, {} {} tied, {} {} only skipped{}.{}",
            self.answered,
            self.decided,
            if self.decided == 1 { "has" } else { "have" },
            self.ties,
            if self.ties == 1 { "is" } else { "are" },
            self.only_skips.len(),
            if self.only_skips.len() == 1 { "was" } else { "were" },
            match self.left_out {
                0 => String::new(),
                1 => ", 1 was left out by an expert".to_owned(),
                n => format!(", {n} were left out by an expert"),
            },
            self.controls()
        ));
        if self.to_settle() > 0 {
            parts.push(
                "To settle a document, ingest one more answer for it, or import it with its label."
                    .to_owned(),
            );
        }
        if !self.only_skips.is_empty() {
            let ids: Vec<String> = self.only_skips.iter().map(|id| escape(id)).collect();
            parts.push(format!("Only skipped: {}.", ids.join(", ")));
        }
        if self.conflicts.is_empty() {
            return parts.join("\n\n");
        }
        let shown = self.ties + SHOWN;
        let rows: Vec<Vec<String>> = self.conflicts.iter().take(shown).map(Conflict::cells).collect();
        parts.push(table(&["Document", "Text", "Votes", "Answers", "Outcome"], &rows));
        if self.conflicts.len() > shown {
            parts.push(format!("report.json lists {} more.", self.conflicts.len() - shown));
        }
        parts.join("\n\n")
    }
}

impl Conflict {
    /// Returns the cells of the conflict's row, escaped.
    fn cells(&self) -> Vec<String> {
        let votes = self.votes.iter().map(|(label, n)| format!("{} {n}", escape(label))).collect::<Vec<_>>();
        let who = self.answers.iter().map(|(who, what)| format!("{}: {}", escape(who), escape(what)));
        let outcome = if let Some(label) = &self.known {
            format!("known: {}", escape(label))
        } else if let Some(label) = &self.label {
            escape(label)
        } else if self.left_out {
            "left out by an expert".to_owned()
        } else {
            let tied: Vec<String> = self.tied.iter().map(|label| escape(label)).collect();
            format!("**tie: {}**", tied.join(" / "))
        };
        let who = who.collect::<Vec<_>>().join(", ");
        vec![escape(&self.id), escape(&excerpt(&self.text, EXCERPT)), votes.join(", "), who, outcome]
    }
}
