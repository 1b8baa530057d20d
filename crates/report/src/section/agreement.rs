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
    /// The mean of weighted kappa, over the same pairs; `None` where classes have no order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted: Option<WeightedKappa>,
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

/// The mean of weighted kappa over pairs of annotators; it is defined where that of Cohen's kappa
/// is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeightedKappa {
    /// What a disagreement weighs: "quadratic", the square of the ranks between the two answers.
    pub weights: String,
    /// The mean.
    pub mean_kappa: Option<f64>,
    /// Its 95 % interval, by the jackknife over documents.
    pub mean_kappa_interval: Option<Interval>,
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
    /// Weighted kappa; `None` when not defined, and where classes have no order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted_kappa: Option<f64>,
    /// Its 95 % interval, by the large-sample error; `None` of few documents, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted_kappa_interval: Option<Interval>,
    /// Why it is not defined.
    pub undefined: Option<String>,
}

/// What the weights of ordered classes are.
const ORDERED: &str = "The classes are ordered, so a near miss is better than a far one. With quadratic weights a disagreement \
                       counts by the square of the ranks between the two answers; ordinal alpha counts the answers that lie \
                       between them.";
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
            "{} documents have two answers or more; mean pairwise {} {}.",
            self.overlap,
            self.kappa_name(),
            escape(&self.mean_kappa_text())
        ));
        parts.extend(self.weighted.is_some().then(|| ORDERED.to_owned()));
        if !self.measures.is_empty() {
            let rows: Vec<Vec<String>> =
                self.measures.iter().map(|measure| vec![escape(&measure.name), measure.cell()]).collect();
            parts.push(table(&["Over all answers", "Value, 95 % interval"], &rows));
        }
        parts.push(self.classes_markdown());
        if !self.pairs.is_empty() {
            let rows: Vec<Vec<String>> = self.pairs.iter().take(SHOWN).map(Pair::cells).collect();
            let kappa = if self.weighted.is_some() { "Weighted kappa" } else { "Cohen's kappa" };
            parts.push(table(&["Pair", "Shared documents", "Same answer", kappa], &rows));
        }
        if let Some(listed) = self.listed_annotators {
            parts.push(format!(
                "The pairs are of the {listed} annotators with the most answers, out of {}; the mean is of all annotators.",
                self.annotators
            ));
        }
        if self.pairs.len() > SHOWN {
            parts.push(format!("{} more pairs are in report.json.", self.pairs.len() - SHOWN));
        }
        parts.retain(|part| !part.is_empty());
        parts.join("\n\n")
    }

    /// The kappa that the text and the drawing speak of: of ordered classes the weighted one.
    pub fn kappa_name(&self) -> &'static str {
        if self.weighted.is_some() { "weighted kappa (quadratic weights)" } else { "Cohen's kappa" }
    }

    /// The mean of that kappa and its interval.
    pub fn shown_kappa(&self) -> (Option<f64>, Option<Interval>) {
        self.weighted.as_ref().map_or((self.mean_kappa, self.mean_kappa_interval), |weighted| {
            (weighted.mean_kappa, weighted.mean_kappa_interval)
        })
    }

    /// The mean of kappa with its interval, and of which pairs it is; or why there is none.
    pub fn mean_kappa_text(&self) -> String {
        let (pairs, least) = (self.mean_kappa_pairs, self.min_shared);
        let of = match pairs {
            1 => format!("of the one pair of annotators who share {least} documents or more"),
            _ => format!("over {pairs} pairs of annotators who share {least} documents or more"),
        };
        match (self.shown_kappa(), &self.mean_kappa_undefined) {
            ((Some(kappa), Some(Interval { low, high })), _) => {
                format!("{kappa:.3} ({low:.3} to {high:.3}), {of}")
            }
            ((Some(kappa), None), _) => format!("{kappa:.3}, {of}"),
            ((None, _), Some(why)) => format!("not defined: {why}"),
            ((None, _), None) => "not defined".to_owned(),
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
            text += &format!("\n\n{} more classes are in report.json.", self.classes.len() - SHOWN);
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
    /// The kappa that is shown: of ordered classes the weighted one.
    pub fn shown_kappa(&self) -> Option<f64> {
        self.weighted_kappa.or(self.kappa)
    }

    fn cells(&self) -> Vec<String> {
        let pair = format!("{} – {}", escape(&self.a), escape(&self.b));
        let kappa = match (&self.undefined, self.weighted_kappa_interval) {
            (Some(why), _) => format!("– ({why})"),
            (None, Some(Interval { low, high })) => {
                format!("{} ({low:.3} to {high:.3})", decimal(self.shown_kappa()))
            }
            (None, None) => decimal(self.shown_kappa()),
        };
        vec![pair, self.shared.to_string(), percent(Some(self.agreement)), kappa]
    }
}
