//! The tables of a crowd's report, for Markdown and for the page.

use querist_core::Interval;

use super::{Crowd, CrowdAnnotator, CrowdItem, SURE};
use crate::markdown::percent;
use crate::page::Table;
use crate::section::behaviour::copies_need;

impl Crowd {
    /// Makes the table of what was read from the files. It also names the method that was used.
    pub(super) fn input_table(&self) -> Table {
        let input = &self.input;
        let mut rows = vec![
            ["Answers".to_owned(), input.answers.to_string()],
            ["Items".to_owned(), input.items.to_string()],
            ["Annotators".to_owned(), input.annotators.to_string()],
            [
                "Answers replaced by a later answer of the same annotator".to_owned(),
                input.replaced.to_string(),
            ],
            ["Rows without a label".to_owned(), input.skips.to_string()],
        ];
        if let Some(gold) = &input.gold {
            rows.push(["Items with a true label".to_owned(), gold.items.to_string()]);
            rows.push(["Items with a true label but no answer".to_owned(), gold.unanswered.to_string()]);
        }
        rows.push(["Method".to_owned(), self.method.clone()]);
        if let Some(used) = self.method_used.as_ref().filter(|used| **used != self.method) {
            rows.push(["Model fitted".to_owned(), used.clone()]);
        }
        if let Some(fit) = &self.fit {
            let end = if fit.converged { "converged" } else { "did not converge" };
            rows.push(["Iterations".to_owned(), format!("{}, {end}", fit.iterations)]);
        }
        Table::new("Input and method", &["What", "Value"], rows.into_iter().map(Vec::from).collect())
    }

    /// Makes the table with the number of items of each label.
    pub(super) fn labels_table(&self) -> Table {
        let all = self.input.items.max(1) as f64;
        let row =
            |name: String, count: usize| vec![name, count.to_string(), percent(Some(count as f64 / all))];
        let consensus = &self.consensus;
        let mut rows: Vec<Vec<String>> = self
            .labels
            .iter()
            .cloned()
            .zip(&consensus.labeled)
            .map(|(label, count)| row(label, *count))
            .collect();
        rows.push(row("(tie, no label)".to_owned(), consensus.ties));
        rows.push(row(format!("(labels with a posterior below {:.0} %)", SURE * 100.0), consensus.unsure));
        Table::new("Items by label", &["Label", "Items", "Share"], rows)
    }

    /// Makes the table of the annotators to look at first.
    pub(super) fn annotators_table(&self) -> Table {
        let gold = self.input.gold.is_some();
        let mut head = vec!["Annotator", "Answers", "Skill"];
        if gold {
            head.push("Accuracy on true labels");
        }
        head.push("Flags");
        let rows = self.annotators.iter().map(|annotator| {
            let skill = match annotator.interval {
                Some(Interval { low, high }) => {
                    format!("{} ({:.1}–{:.1})", percent(annotator.skill), low * 100.0, high * 100.0)
                }
                None => percent(annotator.skill),
            };
            let mut row = vec![annotator.annotator.clone(), annotator.answers.to_string(), skill];
            if gold {
                row.push(annotator.gold.map_or_else(|| "–".to_owned(), |gold| gold.text()));
            }
            row.push(flags(annotator));
            row
        });
        Table::new("Annotators: flagged ones first, then by number of answers", &head, rows.collect())
    }

    /// Returns the text that explains the table of annotators.
    pub(super) fn annotators_words(&self) -> String {
        let mut words = format!(
            "Skill: the share of an annotator's answers that the method considers right, with a 95 % \
             interval. An annotator is flagged as surely below {:.2} only if they gave at least five \
             answers, their whole interval lies below this value, and the difference is significant at the 2 \
             % level, corrected for the number of annotators. For an annotator who answered at least five \
             items with a true label, the interval of their accuracy on true labels decides; for all others, \
             the interval of their skill.",
            self.min_accuracy
        );
        if let Some(needs) = self.copies_need {
            words += &format!(" {}", copies_need(needs, "items"));
        }
        if self.annotators.len() < self.input.annotators {
            words += &format!(
                " The table shows {} of {} annotators; annotators.csv has all of them.",
                self.annotators.len(),
                self.input.annotators
            );
        }
        words
    }

    /// Makes the table of the items to look at first.
    pub(super) fn review_table(&self) -> Table {
        let row = |item: &CrowdItem| {
            let label = item.label.clone().unwrap_or_else(|| format!("tie: {}", item.tied.join(" / ")));
            let votes = item.votes.iter().map(|(label, count)| format!("{label} {count}"));
            vec![
                item.item.clone(),
                label,
                percent(Some(item.posterior)),
                votes.collect::<Vec<_>>().join(", "),
            ]
        };
        let head = ["Item", "Label", "Posterior", "Answers"];
        Table::new("Ties first, then the least certain labels", &head, self.review.iter().map(row).collect())
    }
}

/// Returns an annotator's flags. Without flags, says whether there was enough evidence to judge.
fn flags(annotator: &CrowdAnnotator) -> String {
    match &annotator.standing {
        _ if !annotator.flags.is_empty() => annotator.flags.join(", "),
        Some(standing) if standing.too_few() => format!("too few answers to tell: {}", standing.why),
        Some(standing) if standing.withheld() => format!("not judged: {}", standing.why),
        _ => "ok".to_owned(),
    }
}
