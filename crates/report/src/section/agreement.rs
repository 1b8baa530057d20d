//! How far annotators agree with one another.

use querist_core::Interval;
use serde::Serialize;

use crate::markdown::{decimal, escape, percent, table};

/// Agreement between annotators.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Agreement {
    /// Documents with at least two answers.
    pub overlap: usize,
    /// Mean of Cohen's kappa over all pairs of annotators who share at least `min_shared`
    /// documents, each pair the same; `None` when it is not defined.
    pub mean_kappa: Option<f64>,
    /// Its 95 % interval, by the jackknife over documents.
    pub mean_kappa_interval: Option<Interval>,
    /// Why it is not defined.
    pub mean_kappa_undefined: Option<String>,
    /// How many pairs the mean is of.
    pub mean_kappa_pairs: usize,
    /// The fewest documents that a pair in the mean shares.
    pub min_shared: usize,
    /// How many annotators answered.
    pub annotators: usize,
    /// The number of annotators whose pairs are listed: those with the most answers; `None`: all.
    pub listed_annotators: Option<usize>,
    /// Measures over all answers, the first of them the one to look at.
    pub measures: Vec<AgreementMeasure>,
    /// Each class against the rest, in label order; those that somebody chose.
    pub classes: Vec<ClassAgreement>,
    /// Each pair that shares a document, by name; of the `listed_annotators`.
    pub pairs: Vec<Pair>,
}

/// One measure of agreement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgreementMeasure {
    /// Its name.
    pub name: String,
    /// Its value; `None` when it is not defined.
    pub value: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// Why it is not defined.
    pub undefined: Option<String>,
}

/// How far annotators agree on one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassAgreement {
    /// The class.
    pub class: String,
    /// Answers that are it.
    pub answers: usize,
    /// Measures of it against the rest.
    pub measures: Vec<AgreementMeasure>,
}

/// Two annotators.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// One.
    pub a: String,
    /// The other.
    pub b: String,
    /// Documents that both answered.
    pub shared: usize,
    /// Share of them with the same answer.
    pub agreement: f64,
    /// Cohen's kappa; `None` when not defined.
    pub kappa: Option<f64>,
    /// Why it is not defined.
    pub undefined: Option<String>,
}

/// How many pairs and classes the Markdown shows; the JSON has all.
const SHOWN: usize = 50;

impl Agreement {
    /// The section as Markdown; empty when no two annotators share a document and nothing was
    /// measured.
    pub fn markdown(&self) -> String {
        if self.pairs.is_empty() && self.measures.is_empty() {
            return String::new();
        }
        let mut parts = vec!["## Agreement".to_owned()];
        parts.push(format!(
            "{} documents have two or more answers; mean pairwise Cohen's kappa {}.",
            self.overlap,
            escape(&self.mean_kappa_text())
        ));
        if !self.measures.is_empty() {
            let rows: Vec<Vec<String>> =
                self.measures.iter().map(|measure| vec![escape(&measure.name), measure.cell()]).collect();
            parts.push(table(&["Over all answers", "Value, 95 % interval"], &rows));
        }
        parts.push(self.classes_markdown());
        if !self.pairs.is_empty() {
            let rows: Vec<Vec<String>> = self.pairs.iter().take(SHOWN).map(Pair::cells).collect();
            parts.push(table(&["Pair", "Shared documents", "Same answer", "Cohen's kappa"], &rows));
        }
        if let Some(listed) = self.listed_annotators {
            parts.push(format!(
                "The table lists pairs among the {listed} annotators with the most answers, out of {}; \
                 the mean covers all annotators.",
                self.annotators
            ));
        }
        if self.pairs.len() > SHOWN {
            parts.push(format!("report.json lists {} more pairs.", self.pairs.len() - SHOWN));
        }
        parts.retain(|part| !part.is_empty());
        parts.join("\n\n")
    }

    /// The mean of Cohen's kappa with its interval, and of which pairs it is; or why there is none.
    pub fn mean_kappa_text(&self) -> String {
        let (pairs, least) = (self.mean_kappa_pairs, self.min_shared);
        let of = match pairs {
            1 => format!("from the one pair of annotators with {least} or more documents in common"),
            _ => format!("over {pairs} pairs of annotators with {least} or more documents in common"),
        };
        match (self.mean_kappa, self.mean_kappa_interval, &self.mean_kappa_undefined) {
            (Some(kappa), Some(Interval { low, high }), _) => {
                format!("{kappa:.3} ({low:.3} to {high:.3}), {of}")
            }
            (Some(kappa), None, _) => format!("{kappa:.3}, {of}"),
            (None, _, Some(why)) => format!("not defined: {why}"),
            (None, _, None) => "not defined".to_owned(),
        }
    }

    /// Each class against the rest; a single one has no rest.
    fn classes_markdown(&self) -> String {
        let Some(first) = self.classes.first().filter(|_| self.classes.len() > 1) else {
            return String::new();
        };
        let mut head = vec!["By class", "Answers"];
        head.extend(first.measures.iter().map(|measure| measure.name.as_str()));
        let row = |class: &ClassAgreement| {
            let mut cells = vec![escape(&class.class), class.answers.to_string()];
            cells.extend(class.measures.iter().map(AgreementMeasure::cell));
            cells
        };
        let mut text = table(&head, &self.classes.iter().take(SHOWN).map(row).collect::<Vec<_>>());
        if self.classes.len() > SHOWN {
            text += &format!("\n\nreport.json lists {} more classes.", self.classes.len() - SHOWN);
        }
        text
    }
}

impl AgreementMeasure {
    fn cell(&self) -> String {
        match (self.value, self.interval, &self.undefined) {
            (Some(value), Some(Interval { low, high }), _) => format!("{value:.3} ({low:.3} to {high:.3})"),
            (Some(value), None, _) => format!("{value:.3}"),
            (None, _, Some(why)) => format!("– ({why})"),
            (None, _, None) => "–".to_owned(),
        }
    }
}

impl Pair {
    fn cells(&self) -> Vec<String> {
        let pair = format!("{} – {}", escape(&self.a), escape(&self.b));
        let kappa = match &self.undefined {
            Some(why) => format!("– ({why})"),
            None => decimal(self.kappa),
        };
        vec![pair, self.shared.to_string(), percent(Some(self.agreement)), kappa]
    }
}
