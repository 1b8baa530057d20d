//! The report's section on annotators: how well each one answered the control items.

use querist_core::{Interval, Proportion};
use serde::Serialize;

use super::standing::Standing;
use crate::markdown::{decimal, escape, percent, table};
use crate::trust::{Trust, intervals_sentence};

/// The results of all annotators, and the thresholds that they must reach.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Annotators {
    /// The values that annotators must reach on control items.
    pub thresholds: Thresholds,
    /// Name of the aggregator that estimates the skills.
    pub aggregator: Option<String>,
    /// The aggregator's usual name, for readers.
    #[serde(skip)]
    pub method: String,
    /// Whether the intervals of skills can be trusted; `None` if the first edition of Querist's
    /// rules applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skill_intervals: Option<Trust>,
    /// Whether the aggregator's posteriors can be trusted; `None` if the first edition of Querist's
    /// rules applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posteriors: Option<Trust>,
    /// The annotators, sorted by name.
    pub annotators: Vec<Annotator>,
    /// People whose answers do not count, sorted by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Names of people who have seen every control item, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_controls: Vec<String>,
    /// Groups of people who share the value of an attribute, which the team lead sets. Sorted by
    /// attribute and value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
}

/// The people who share a value of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Key of the attribute, such as `group`.
    pub attribute: String,
    /// Value of the attribute.
    pub value: String,
    /// Number of people in the group.
    pub people: usize,
    /// Number of answers of these people to any document, without skips.
    pub answers: usize,
    /// Accuracy of all their answers to control items, taken together, with its interval.
    pub control_accuracy: Proportion,
}

/// A person whose answers do not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The person's name.
    pub annotator: String,
    /// Why the answers do not count.
    pub why: String,
    /// Number of this person's answers and decisions. None of them counts.
    pub answers: usize,
}

impl LeftOut {
    /// Returns a clause such as "The 12 answers and decisions by ana do not count: left the team".
    /// It has no full stop.
    pub fn sentence(&self) -> String {
        let (annotator, why) = (&self.annotator, &self.why);
        match self.answers {
            1 => format!("The only answer or decision by {annotator} does not count: {why}"),
            n => format!("The {n} answers and decisions by {annotator} do not count: {why}"),
        }
    }
}

/// The values that annotators must reach on control items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Thresholds {
    /// The required accuracy, in [0, 1].
    pub min_accuracy: f64,
    /// The required Cohen's kappa, in [-1, 1].
    pub min_kappa: f64,
}

/// An annotator's results.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Annotator {
    /// Name of the annotator.
    pub annotator: String,
    /// Number of answers to any document, without skips.
    pub answers: usize,
    /// Number of skips.
    pub skips: usize,
    /// Accuracy on control items, with its interval.
    pub control_accuracy: Proportion,
    /// Cohen's kappa between the annotator's answers and the labels of the control items; `None` if
    /// undefined.
    pub control_kappa: Option<f64>,
    /// Why this kappa is undefined; `None` if it is defined.
    pub kappa_undefined: Option<String>,
    /// The share of the annotator's answers, to any document, that are right according to the
    /// aggregator; in [0, 1]. `None` if unknown.
    pub skill: Option<f64>,
    /// The 95 % interval of the skill.
    pub skill_interval: Option<Interval>,
    /// Whether the accuracy on control items reaches its threshold; `None` without answers to
    /// control items.
    pub by_accuracy: Option<Standing>,
    /// Whether kappa reaches its threshold; `None` without answers to control items, or if all
    /// answered control items have the same class.
    pub by_kappa: Option<Standing>,
    /// Which thresholds the annotator misses, beyond chance: `accuracy below 0.90`, `kappa below
    /// 0.80`. Or `no control answers`. Empty otherwise.
    pub flags: Vec<String>,
}

impl Annotator {
    /// Returns the verdicts on accuracy and on kappa, as far as there are any.
    fn standings(&self) -> impl Iterator<Item = &Standing> {
        self.by_accuracy.iter().chain(&self.by_kappa)
    }

    /// Returns whether the annotator misses a threshold beyond chance.
    pub fn below(&self) -> bool {
        self.standings().any(Standing::below)
    }

    /// Returns whether the annotator has answered control items, but too few for a verdict.
    pub fn too_few(&self) -> bool {
        !self.below() && self.standings().any(Standing::too_few)
    }
}

impl Annotators {
    /// Renders the section as Markdown.
    pub fn markdown(&self) -> String {
        let mut parts = vec!["## Annotators".to_owned()];
        parts.extend(self.left_out.iter().map(|left_out| format!("{}.", escape(&left_out.sentence()))));
        if self.annotators.is_empty() {
            parts.push("No answers yet.".to_owned());
            return parts.join("\n\n");
        }
        let rows: Vec<Vec<String>> = self.annotators.iter().map(Annotator::cells).collect();
        let head = [
            "Annotator",
            "Answers",
            "Skips",
            "Accuracy on control items",
            "Kappa on control items",
            "Skill",
            "Verdict",
        ];
        parts.push(table(&head, &rows));
        let Thresholds { min_accuracy, min_kappa } = self.thresholds;
        parts.push(format!(
            "Thresholds: accuracy {min_accuracy:.2}, Cohen's kappa {min_kappa:.2}. An annotator counts as \
             below a threshold only if they answered at least five control items, their whole 95 % interval \
             lies below the threshold, and the difference is significant at the 2 % level, corrected for the \
             number of annotators."
        ));
        if self.aggregator.is_some() {
            parts.push(format!(
                "Skill: an estimate of how often an annotator's answers agree with the consensus ({}), over \
                 all documents and not only control items. The range in brackets is its 95 % interval.",
                escape(&self.method)
            ));
        }
        parts.extend(self.skill_intervals.as_ref().and_then(intervals_sentence));
        parts.extend(self.more());
        parts.join("\n\n")
    }

    /// Renders the table of groups, and the names of the people who have seen every control item.
    fn more(&self) -> Vec<String> {
        let mut parts = Vec::new();
        if !self.groups.is_empty() {
            let rows = self.groups.iter().map(|group| {
                let Group { attribute, value, people, answers, control_accuracy } = group;
                vec![
                    format!("{} {}", escape(attribute), escape(value)),
                    people.to_string(),
                    answers.to_string(),
                    control_accuracy.text(),
                ]
            });
            let head = ["Group", "People", "Answers", "Accuracy on control items"];
            parts.push(table(&head, &rows.collect::<Vec<_>>()));
        }
        if !self.without_controls.is_empty() {
            parts.push(format!(
                "No control items are left for {}: they have seen all of them. Import more to keep \
                 measuring their accuracy.",
                escape(&self.without_controls.join(", "))
            ));
        }
        parts
    }
}

impl Annotator {
    /// Returns the cells of the annotator's row, escaped.
    fn cells(&self) -> Vec<String> {
        let kappa = match &self.kappa_undefined {
            Some(why) if self.control_accuracy.n > 0 => format!("– ({why})"),
            _ => decimal(self.control_kappa),
        };
        let why = |found: fn(&Standing) -> bool| {
            let whys: Vec<String> =
                self.standings().filter(|one| found(one)).map(|one| escape(&one.why)).collect();
            whys.join("; ")
        };
        let verdict = if self.below() {
            format!("**below: {}** ({})", self.flags.join(", "), why(Standing::below))
        } else if self.too_few() {
            format!("too few answers to tell: {}", why(Standing::too_few))
        } else if self.flags.is_empty() {
            "not below".to_owned()
        } else {
            format!("unknown: {}", self.flags.join(", "))
        };
        let skill = match self.skill_interval {
            Some(Interval { low, high }) => {
                format!("{} ({:.1}–{:.1})", percent(self.skill), low * 100.0, high * 100.0)
            }
            None => percent(self.skill),
        };
        let name = escape(&self.annotator);
        vec![
            name,
            self.answers.to_string(),
            self.skips.to_string(),
            self.control_accuracy.text(),
            kappa,
            skill,
            verdict,
        ]
    }
}
