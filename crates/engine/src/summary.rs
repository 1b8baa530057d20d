//! The facts that a round records about itself when it is made. The database stores them with the
//! round.
//!
//! Later reports and the stopping rules read this summary. Its layout has its own version,
//! independent of the report's layout. So the report can change without affecting stored rounds.
//! Only `legacy` reads summaries of earlier versions.

mod legacy;

use querist_core::round::{Batch, Features, Model, Rules};
use querist_core::{LabelSet, RoundRecord, Snapshot};
use serde::{Deserialize, Serialize};

use crate::error::EngineError;
use crate::stopping::{Learned, Predicted};

/// The version of the layout that this program writes.
const VERSION: u32 = 2;

/// The facts that a round recorded about itself when it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The report's section about the model.
    pub model: Model,
    /// The features; `None` in rounds made before features could be chosen.
    pub features: Option<Features>,
    /// The results of the rules; `None` without rules.
    pub rules: Option<Rules>,
    /// The model's predictions on the stop set; `None` without a model, and in rounds that did not
    /// store them.
    pub stop: Option<Predicted>,
    /// The texts from which the model learned, each with its label; `None` in rounds that did not
    /// store them.
    pub learned: Option<Learned>,
    /// The batch; `None` until it is selected.
    pub batch: Option<Batch>,
}

/// A summary together with its version.
#[derive(Serialize)]
struct Versioned<'a> {
    version: u32,
    #[serde(flatten)]
    summary: &'a Summary,
}

/// The version of a stored summary; `None` in the first layout, which had no version.
#[derive(Deserialize)]
struct Version {
    version: Option<u32>,
}

/// A round with its summary; the summary uses the current classes.
pub(crate) type Summarized<'a> = (&'a RoundRecord, Summary);

impl Summary {
    /// Returns the rounds of a snapshot up to number `last`, in order, each with its summary.
    ///
    /// # Errors
    /// As for [`Self::from_json`].
    pub(crate) fn up_to(snapshot: &Snapshot, last: u32) -> Result<Vec<Summarized<'_>>, EngineError> {
        let rounds = snapshot.rounds.iter().filter(|round| round.number <= last);
        rounds.map(|round| Ok((round, Self::of(round, &snapshot.labels)?))).collect()
    }

    /// Reads the summary of a stored round, and converts it to the current classes.
    ///
    /// # Errors
    /// As for [`Self::from_json`].
    pub fn of(round: &RoundRecord, labels: &LabelSet) -> Result<Self, EngineError> {
        let mut summary = Self::from_json(&round.summary)?;
        if !round.classes.is_empty() {
            let mut labeled = vec![0; labels.len()];
            for (n, class) in summary.model.labeled.iter().zip(&round.classes) {
                if let Some(class) = class {
                    labeled[class.index()] += n;
                }
            }
            summary.model.labeled = labeled;
            summary.stop = summary.stop.map(|stop| stop.among(&round.classes, labels));
        }
        Ok(summary)
    }

    /// Returns the summary as JSON, for the database.
    ///
    /// # Errors
    /// The summary contains a value that JSON cannot express. The caller must not store an empty
    /// text instead, because nobody could read the round again.
    pub fn to_json(&self) -> Result<String, EngineError> {
        serde_json::to_string(&Versioned { version: VERSION, summary: self })
            .map_err(|error| EngineError::Step { step: "write the round's summary", source: error.into() })
    }

    /// Reads a summary that [`Self::to_json`] wrote, in this version or an earlier one.
    ///
    /// # Errors
    /// The text is no summary, or was written by a later version.
    pub fn from_json(json: &str) -> Result<Self, EngineError> {
        let failed = |why: String| {
            let why = format!(
                "{why}; the database was changed by hand or by a newer version of Querist; restore it from a backup, or upgrade Querist"
            );
            EngineError::Step { step: "read the summary column of a round", source: why.into() }
        };
        let read = || -> Result<Self, String> {
            let Version { version } = serde_json::from_str(json).map_err(|error| error.to_string())?;
            let summary: Self = match version {
                None => legacy::first(json),
                Some(VERSION) => serde_json::from_str(json),
                Some(later) => {
                    return Err(format!(
                        "its version is {later}, but this Querist knows only versions up \
                                        to {VERSION}"
                    ));
                }
            }
            .map_err(|error| error.to_string())?;
            summary.stop.as_ref().and_then(Predicted::fault).map_or(Ok(summary), Err)
        };
        read().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest summary of this version.
    fn summary() -> Summary {
        let model = Model {
            labeled: vec![3, 0],
            fit: None,
            why_none: Some("one class".to_owned()),
            unseen: vec!["b".to_owned()],
            test: None,
            reliability: None,
            brought: None,
        };
        Summary { model, features: None, rules: None, stop: None, learned: None, batch: None }
    }

    #[test]
    fn what_was_written_is_read() {
        let json = summary().to_json().unwrap();
        assert!(json.starts_with(r#"{"version":2,"model":{"labeled":[3,0]"#), "{json}");
        assert_eq!(Summary::from_json(&json).unwrap(), summary());
    }

    #[test]
    fn a_later_version_is_refused_by_its_number() {
        let json = summary().to_json().unwrap().replacen(r#""version":2"#, r#""version":3"#, 1);
        let error = Summary::from_json(&json).unwrap_err().to_string();
        assert!(error.contains("its version is 3, but this Querist knows only versions up to 2"), "{error}");
    }
}
