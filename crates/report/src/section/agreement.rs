//! How far annotators agree with one another.

use serde::{Deserialize, Serialize};

use crate::markdown::{decimal, escape, percent, table};

/// Agreement between annotators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Documents with at least two answers.
    pub overlap: usize,
    /// Mean of the pairs' kappas, where defined, weighted by shared documents.
    pub mean_kappa: Option<f64>,
    /// Each pair that shares a document, by name.
    pub pairs: Vec<Pair>,
}

/// Two annotators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

/// How many pairs the Markdown shows; the JSON has all.
const SHOWN: usize = 50;

impl Agreement {
    /// The section as Markdown; empty when no two annotators share a document.
    pub fn markdown(&self) -> String {
        if self.pairs.is_empty() {
            return String::new();
        }
        let rows: Vec<Vec<String>> = self.pairs.iter().take(SHOWN).map(Pair::cells).collect();
        let mut parts = vec!["## Agreement".to_owned()];
        let mean = decimal(self.mean_kappa);
        parts.push(format!(
            "{} documents have two answers or more; mean pairwise kappa {mean}, weighted by shared documents.",
            self.overlap
        ));
        parts.push(table(&["Pair", "Shared documents", "Same answer", "Cohen's kappa"], &rows));
        if self.pairs.len() > SHOWN {
            parts.push(format!("{} more pairs are in report.json.", self.pairs.len() - SHOWN));
        }
        parts.join("\n\n")
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
