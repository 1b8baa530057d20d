//! Documents whose annotators disagree, for review.

use serde::Serialize;

use crate::markdown::{escape, excerpt, table};

/// Disagreement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflicts {
    /// Documents of the pool with an answer, skips included; in format 2, control items too.
    pub answered: usize,
    /// Documents of the pool with an answer and a label: by the aggregator, or known anyhow
    /// (imported, or decided by an expert); in format 2, control items too.
    pub decided: usize,
    /// Documents of the pool that the aggregator calls a tie: no label until somebody decides.
    pub ties: usize,
    /// Documents of the pool that every annotator who saw them skipped, by id: no label until
    /// somebody decides.
    pub only_skips: Vec<String>,
    /// Documents of the pool with answers that an expert left out, as no class fits.
    pub left_out: usize,
    /// Control items with an answer other than a skip.
    pub controls_answered: usize,
    /// Control items that every annotator who saw them skipped.
    pub controls_skipped: usize,
    /// Control items with answers that an expert left out, as no class fits.
    pub controls_left_out: usize,
    /// Every document of the pool, and every control item, that is tied or has different answers:
    /// ties first, then the most contested.
    pub conflicts: Vec<Conflict>,
}

/// One document that is tied, or whose annotators disagree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// The document.
    pub id: String,
    /// The beginning of its text.
    pub text: String,
    /// Each label given, with its number of votes, in label order.
    pub votes: Vec<(String, usize)>,
    /// Who said what, by annotator.
    pub answers: Vec<(String, String)>,
    /// Whether it is a control item.
    pub control: bool,
    /// The label that stands, by the aggregator in force unless it is known; `None`: a tie, or left
    /// out.
    pub label: Option<String>,
    /// The label that is known without annotators, which counts whatever the answers: of a control
    /// item, imported, or decided by an expert.
    pub known: Option<String>,
    /// Whether an expert left it out, as no class fits.
    pub left_out: bool,
    /// The labels of a tie; empty otherwise.
    pub tied: Vec<String>,
}

/// How much of a text is shown, in characters.
pub const EXCERPT: usize = 160;
/// How many conflicts beside the ties the Markdown shows; the JSON has all.
const SHOWN: usize = 30;

impl Conflicts {
    /// How many documents of the pool have different answers.
    pub fn contested(&self) -> usize {
        self.conflicts.iter().filter(|conflict| !conflict.control && conflict.votes.len() > 1).count()
    }

    /// How many control items have different answers.
    pub fn contested_controls(&self) -> usize {
        self.conflicts.iter().filter(|conflict| conflict.control && conflict.votes.len() > 1).count()
    }

    /// Who has different answers, as "3 documents of the pool and 1 control item"; empty if nothing
    /// has.
    pub fn contested_words(&self) -> String {
        let count = |n: usize, one: &str, more: &str| {
            (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { more }))
        };
        let pool = count(self.contested(), "document of the pool", "documents of the pool");
        let controls = count(self.contested_controls(), "control item", "control items");
        pool.into_iter().chain(controls).collect::<Vec<_>>().join(" and ")
    }

    /// "5 control items have answers, 1 was only skipped."; empty if nobody has answered one.
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

    /// How many documents need one more answer or a label: those that are tied or were only
    /// skipped.
    pub fn to_settle(&self) -> usize {
        self.ties + self.only_skips.len()
    }

    /// The section as Markdown.
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
