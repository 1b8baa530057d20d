//! Agreement between annotators.

use querist_core::Interval;
use serde::Serialize;

use crate::markdown::{decimal, escape, percent, table};

/// How well annotators agree: over all classes, for each class, and for each pair of annotators.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Agreement {
    /// Number of documents with at least two answers.
    pub overlap: usize,
    /// Cohen's kappa, averaged over all pairs of annotators who share at least `min_shared`
    /// documents. Each pair has the same weight. `None` if undefined.
    pub mean_kappa: Option<f64>,
    /// 95 % interval of the mean, by the jackknife over documents.
    pub mean_kappa_interval: Option<Interval>,
    /// Why the mean is undefined; `None` if it is defined.
    pub mean_kappa_undefined: Option<String>,
    /// Number of pairs of annotators in this average.
    pub mean_kappa_pairs: usize,
    /// Number of documents that two annotators must share, so that their kappa is averaged.
    pub min_shared: usize,
    /// Weighted kappa, averaged over the same pairs; `None` if the classes are not ranks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted: Option<WeightedKappa>,
    /// Number of annotators who have answered.
    pub annotators: usize,
    /// If only the pairs of some annotators are listed: the number of these annotators, who have
    /// the most answers. `None` if all pairs are listed.
    pub listed_annotators: Option<usize>,
    /// Measures of agreement over all classes, the most important first.
    pub measures: Vec<AgreementMeasure>,
    /// For each class that somebody chose, the agreement on whether a document belongs to it; in
    /// label order.
    pub classes: Vec<ClassAgreement>,
    /// Pairs of annotators who share at least one document, sorted by name.
    pub pairs: Vec<Pair>,
}

/// Weighted kappa, averaged over pairs of annotators. It is defined if the average of Cohen's kappa
/// is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeightedKappa {
    /// How much a disagreement weighs. "quadratic": the square of the number of ranks between the
    /// two answers.
    pub weights: String,
    /// The average; `None` if undefined.
    pub mean_kappa: Option<f64>,
    /// 95 % interval of the mean, by the jackknife over documents.
    pub mean_kappa_interval: Option<Interval>,
}

/// A measure of agreement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgreementMeasure {
    /// Name of the measure.
    pub name: String,
    /// Value of the measure; `None` if undefined.
    pub value: Option<f64>,
    /// 95 % interval of the value.
    pub interval: Option<Interval>,
    /// Why the value is undefined; `None` if it is defined.
    pub undefined: Option<String>,
}

/// Agreement on whether a document belongs to one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassAgreement {
    /// Name of the class.
    pub class: String,
    /// Number of answers with the class.
    pub answers: usize,
    /// Measures of agreement on one class against all other classes.
    pub measures: Vec<AgreementMeasure>,
}

/// Two annotators who share at least one document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// Name of the first annotator.
    pub a: String,
    /// Name of the second annotator.
    pub b: String,
    /// Number of documents that both answered.
    pub shared: usize,
    /// Share of these documents to which both gave the same answer, in [0, 1].
    pub agreement: f64,
    /// Cohen's kappa; `None` if undefined.
    pub kappa: Option<f64>,
    /// Weighted kappa; `None` if undefined, or if the classes are not ranks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted_kappa: Option<f64>,
    /// 95 % interval of weighted kappa, by its large-sample error. `None` if there is no weighted
    /// kappa, or if the annotators share too few documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted_kappa_interval: Option<Interval>,
    /// Why Cohen's kappa is undefined; `None` if it is defined.
    pub undefined: Option<String>,
}

/// Explains the weights if the classes are ranks.
const ORDERED: &str = "The classes are ordered, so a near miss is better than a far one. Quadratic weights \
                       count a disagreement by the square of the number of ranks between the two answers. \
                       Ordinal alpha counts it by the number of answers that fall between the two ranks.";
/// The Markdown shows at most this many pairs of annotators, and at most this many classes. The
/// JSON contains all.
const SHOWN: usize = 50;

impl Agreement {
    /// Renders the section as Markdown; empty if nothing was measured and no two annotators share a
    /// document.
    pub fn markdown(&self) -> String {
        if self.pairs.is_empty() && self.measures.is_empty() {
            return String::new();
        }
        let mut parts = vec!["## Agreement".to_owned()];
        parts.push(format!(
            "{} documents have two or more answers; mean pairwise {} {}.",
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

    /// Returns the name of the kappa that text and chart show. It is weighted kappa if the classes
    /// are ranks, otherwise Cohen's kappa.
    pub fn kappa_name(&self) -> &'static str {
        if self.weighted.is_some() { "weighted kappa (quadratic weights)" } else { "Cohen's kappa" }
    }

    /// Returns the average of the kappa that text and chart show, and its interval.
    pub fn shown_kappa(&self) -> (Option<f64>, Option<Interval>) {
        self.weighted.as_ref().map_or((self.mean_kappa, self.mean_kappa_interval), |weighted| {
            (weighted.mean_kappa, weighted.mean_kappa_interval)
        })
    }

    /// Returns the average of the kappa that text and chart show, in words, with its interval and
    /// the number of pairs of annotators. If there is no average, returns the reason.
    pub fn mean_kappa_text(&self) -> String {
        let (pairs, least) = (self.mean_kappa_pairs, self.min_shared);
        let of = match pairs {
            1 => format!("from the one pair of annotators with {least} or more documents in common"),
            _ => format!("over {pairs} pairs of annotators with {least} or more documents in common"),
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

    /// Renders the agreement on each class. Returns an empty string if there is a single class.
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
    /// Returns the value with its interval, or why it is undefined.
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
    /// Returns the kappa that text and chart show: weighted kappa if there is one, otherwise
    /// Cohen's kappa.
    pub fn shown_kappa(&self) -> Option<f64> {
        self.weighted_kappa.or(self.kappa)
    }

    /// Returns the cells of the pair's row, escaped.
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
