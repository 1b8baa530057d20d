//! The report's section on pace and cost: how fast each annotator answers, how long the batch still
//! takes, and what the labels of the forecast cost in hours and money.

use serde::Serialize;

use crate::markdown::{escape, table};

/// How fast annotators answer, and what the remaining work costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pace {
    /// Everybody who has answered, or who has documents of the batch assigned; sorted by name.
    pub annotators: Vec<AnnotatorPace>,
    /// The pace of all annotators together.
    pub all: PaceRate,
    /// The time that the batch still needs.
    pub batch: BatchTime,
    /// The labels that the forecast asks for, in hours and money.
    pub forecast: Effort,
    /// Price of an hour of annotation; `None` if the settings have none.
    pub hourly_rate: Option<f64>,
    /// The currency, which reports write after the price.
    pub currency: String,
}

/// From what a pace was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PaceBasis {
    /// From the durations that were imported with answers.
    Seconds,
    /// From the gaps between the times of answers.
    Times,
}

impl PaceBasis {
    /// Returns in words from what the pace was measured.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seconds => "recorded durations",
            Self::Times => "gaps between answers",
        }
    }
}

/// How fast answers are given, and from what this was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PaceRate {
    /// Number of answers, skips included.
    pub answers: usize,
    /// From what the pace was measured; empty if it is unknown.
    pub basis: Vec<PaceBasis>,
    /// Number of durations, or of gaps between answers, that were measured.
    pub measured: usize,
    /// Number of durations or gaps that were left out as breaks.
    pub breaks: usize,
    /// Mean seconds per answer; `None` if unknown.
    pub seconds_per_answer: Option<f64>,
    /// Answers per hour; `None` if unknown.
    pub answers_per_hour: Option<f64>,
    /// Why the pace is unknown; `None` if it is known.
    pub why_none: Option<String>,
}

/// An annotator's pace and remaining work.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnnotatorPace {
    /// Name of the annotator.
    pub annotator: String,
    /// The pace.
    #[serde(flatten)]
    pub rate: PaceRate,
    /// Number of answers that the batch still needs from this annotator.
    pub to_do: usize,
    /// Hours that these answers will take at the annotator's own pace or, if it is unknown, at the
    /// overall pace. `None` if both are unknown.
    pub hours_left: Option<f64>,
}

/// The time that a batch still needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchTime {
    /// Number of the round.
    pub round: u32,
    /// Number of answers that the batch still needs.
    pub answers: usize,
    /// Hours that all annotators together need for these answers; `None` if unknown.
    pub hours: Option<f64>,
    /// Cost of these hours; `None` without an hourly rate.
    pub cost: Option<f64>,
}

/// The labels that the forecast asks for, in hours and money. "Low" and "high" are for the lower
/// and the upper end of the forecast's interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effort {
    /// Number of answers so far, divided by the number of documents whose label comes from answers.
    /// The answers include skips, answers to control items, and several answers to one document.
    pub answers_per_label: Option<f64>,
    /// Hours of work; `None` if unknown.
    pub hours: Option<f64>,
    /// Hours at the lower end of the interval.
    pub hours_low: Option<f64>,
    /// Hours at the upper end of the interval; `None` also if the pool has too few documents for
    /// it.
    pub hours_high: Option<f64>,
    /// Cost of the hours; `None` without an hourly rate.
    pub cost: Option<f64>,
    /// Cost at the lower end of the interval.
    pub cost_low: Option<f64>,
    /// Cost at the upper end of the interval.
    pub cost_high: Option<f64>,
    /// Why the effort is unknown; `None` if it is known.
    pub why_none: Option<String>,
}

impl Pace {
    /// Returns three sentences: on the pace, the batch and the forecast. If the pace is unknown,
    /// there is only the first.
    pub fn sentences(&self) -> Vec<String> {
        match self.all.seconds_per_answer {
            Some(_) => vec![self.together(), self.left(), self.effort()],
            None => vec![self.together()],
        }
    }

    /// Returns the sentence on the pace of all annotators.
    fn together(&self) -> String {
        let all = &self.all;
        let (Some(seconds), Some(an_hour)) = (all.seconds_per_answer, all.answers_per_hour) else {
            let why = all.why_none.as_deref().unwrap_or("nothing is measured");
            return format!("Pace unknown: {why}.");
        };
        let basis: Vec<&str> = all.basis.iter().map(|basis| basis.name()).collect();
        let breaks = match all.breaks {
            0 => String::new(),
            1 => "; 1 break is left out".to_owned(),
            n => format!("; {n} breaks are left out"),
        };
        format!(
            "Pace: {an_hour:.0} answers per person and hour, {seconds:.1} s per answer (from {} {}{breaks}).",
            all.measured,
            basis.join(" and ")
        )
    }

    /// Returns the sentence on the answers that the batch still needs, and how long they take.
    fn left(&self) -> String {
        let BatchTime { round, answers, hours, cost } = &self.batch;
        if *answers == 0 {
            return format!("Batch {round} needs no more answers.");
        }
        let need = if *answers == 1 { "1 more answer".to_owned() } else { format!("{answers} more answers") };
        let time = hours.map_or_else(|| "duration unknown".to_owned(), duration);
        format!("Batch {round} needs {need}: {time}{}.", self.priced(*cost))
    }

    /// Returns the sentence on the hours and the cost of the labels that the forecast asks for.
    fn effort(&self) -> String {
        let Effort { hours, hours_low, hours_high, cost, cost_low, cost_high, .. } = self.forecast;
        if let Some(why) = &self.forecast.why_none {
            return format!("No forecast of hours: {why}.");
        }
        let range = |low: Option<String>, high: Option<String>| match (low, high) {
            (Some(low), Some(high)) => format!(" ({low} to {high})"),
            (Some(low), None) => format!(" (at least {low})"),
            _ => String::new(),
        };
        // If no labels are needed, "at most 9 min" says as much as "0 s (0 s to 9 min)".
        let at_most = |high: Option<String>| high.map(|high| format!("at most {high}"));
        let is_none = hours == Some(0.0);
        let about = |value: Option<String>, range: String| match value {
            Some(value) => format!("{value}{range}"),
            None => range.trim_matches([' ', '(', ')']).to_owned(),
        };
        let time = about(hours.map(duration), range(hours_low.map(duration), hours_high.map(duration)));
        let time = at_most(hours_high.map(duration)).filter(|_| is_none).unwrap_or(time);
        let money = |value: Option<f64>| value.map(|value| self.money(value));
        let costs = match cost.or(cost_low) {
            Some(_) if is_none => {
                at_most(money(cost_high)).map_or_else(String::new, |most| format!(", or {most}"))
            }
            Some(_) => format!(", or {}", about(money(cost), range(money(cost_low), money(cost_high)))),
            None => String::new(),
        };
        let answers = self.forecast.answers_per_label.unwrap_or(1.0);
        format!(
            "The labels in the forecast take {time} of work{costs}, at this pace and with {answers:.2} \
             answers per label."
        )
    }

    /// Returns a clause with the cost. The text is empty if there is no cost.
    fn priced(&self, cost: Option<f64>) -> String {
        cost.map_or_else(String::new, |cost| format!(", or {}", self.money(cost)))
    }

    /// Formats a cost with its currency.
    fn money(&self, value: f64) -> String {
        if value < 1_000.0 {
            format!("{value:.2} {}", self.currency)
        } else {
            format!("{value:.0} {}", self.currency)
        }
    }

    /// Renders the section as Markdown.
    pub fn markdown(&self) -> String {
        let mut parts = vec!["## Pace and cost".to_owned()];
        let figure = |value: Option<f64>, digits: usize| {
            value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
        };
        let row = |person: &AnnotatorPace| {
            let AnnotatorPace { annotator, rate, to_do, hours_left } = person;
            let basis = match (rate.basis.first(), &rate.why_none) {
                (Some(basis), _) => format!("{} {}", rate.measured, basis.name()),
                (None, Some(why)) => why.clone(),
                (None, None) => "–".to_owned(),
            };
            vec![
                escape(annotator),
                rate.answers.to_string(),
                figure(rate.seconds_per_answer, 1),
                figure(rate.answers_per_hour, 0),
                basis,
                to_do.to_string(),
                hours_left.filter(|_| *to_do > 0).map_or_else(|| "–".to_owned(), duration),
            ]
        };
        let rows: Vec<Vec<String>> = self.annotators.iter().map(row).collect();
        if !rows.is_empty() {
            let head = [
                "Annotator",
                "Answers",
                "Seconds per answer",
                "Answers per hour",
                "Measured by",
                "Answers left in the batch",
                "Time left for the batch",
            ];
            parts.push(table(&head, &rows));
        }
        parts.push(escape(&self.sentences().join(" ")));
        parts.join("\n\n")
    }
}

/// Formats a duration in words: "40 s", "25 min", "3.4 h".
fn duration(hours: f64) -> String {
    let minutes = hours * 60.0;
    if minutes < 1.5 {
        format!("{:.0} s", minutes * 60.0)
    } else if minutes < 100.0 {
        format!("{minutes:.0} min")
    } else {
        format!("{hours:.1} h")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace() -> Pace {
        let all = PaceRate {
            answers: 120,
            basis: vec![PaceBasis::Seconds],
            measured: 118,
            breaks: 2,
            seconds_per_answer: Some(15.0),
            answers_per_hour: Some(240.0),
            why_none: None,
        };
        let ana =
            AnnotatorPace { annotator: "ana".into(), rate: all.clone(), to_do: 8, hours_left: Some(0.033) };
        let forecast = Effort {
            answers_per_label: Some(1.2),
            hours: Some(5.0),
            hours_low: Some(0.5),
            hours_high: Some(10.0),
            cost: Some(150.0),
            cost_low: Some(15.0),
            cost_high: Some(3_000.0),
            why_none: None,
        };
        let batch = BatchTime { round: 3, answers: 8, hours: Some(0.033), cost: Some(0.99) };
        Pace { annotators: vec![ana], all, batch, forecast, hourly_rate: Some(30.0), currency: "EUR".into() }
    }

    #[test]
    fn hours_and_money_come_with_their_interval() {
        assert_eq!(
            pace().sentences(),
            [
                "Pace: 240 answers per person and hour, 15.0 s per answer (from 118 recorded durations; 2 \
                 breaks are left out).",
                "Batch 3 needs 8 more answers: 2 min, or 0.99 EUR.",
                "The labels in the forecast take 5.0 h (30 min to 10.0 h) of work, or 150.00 EUR (15.00 EUR \
                 to 3000 EUR), at this pace and with 1.20 answers per label.",
            ]
        );
        let text = pace().markdown();
        assert!(text.contains("| ana | 120 | 15.0 | 240 | 118 recorded durations | 8 | 2 min |"), "{text}");
    }

    #[test]
    fn an_open_interval_has_one_end_and_no_rate_no_money() {
        let mut open = pace();
        open.forecast = Effort {
            hours: None,
            hours_high: None,
            cost: None,
            cost_low: None,
            cost_high: None,
            ..open.forecast
        };
        let said = open.sentences().remove(2);
        assert!(
            said.starts_with("The labels in the forecast take at least 30 min of work, at this pace"),
            "{said}"
        );
    }

    #[test]
    fn what_cannot_be_told_says_why() {
        let mut none = pace();
        none.all.seconds_per_answer = None;
        none.all.why_none = Some("nobody has answered yet".into());
        assert_eq!(none.sentences(), ["Pace unknown: nobody has answered yet."]);
        let mut early = pace();
        early.forecast.why_none = Some("the forecast of labels says \"too early to tell\"".into());
        let told = early.sentences().remove(2);
        assert_eq!(told, "No forecast of hours: the forecast of labels says \"too early to tell\".");
    }
}
