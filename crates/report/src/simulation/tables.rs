//! The tables of a benchmark, used by the Markdown and by the page.

use super::{Comparison, Estimate, Simulation, Target};
use crate::markdown::{decimal, percent};
use crate::page::Table;

/// Formats a share with its interval, such as "81.2 % (80.1–82.3)".
pub fn share(value: &Estimate) -> String {
    match (value.low, value.high) {
        (Some(low), Some(high)) => {
            format!("{} ({:.1}–{:.1})", percent(Some(value.mean)), low * 100.0, high * 100.0)
        }
        _ => percent(Some(value.mean)),
    }
}

/// Formats a number with its interval, such as "0.812 (0.801–0.823)".
pub fn number(value: &Estimate) -> String {
    match (value.low, value.high) {
        (Some(low), Some(high)) => format!("{} ({low:.3}–{high:.3})", decimal(Some(value.mean))),
        _ => decimal(Some(value.mean)),
    }
}

/// Formats a difference with its interval, such as "+0.012 (−0.003 to +0.027)".
pub fn difference(value: &Estimate) -> String {
    let signed = |value: f64| {
        let shown = format!("{:.3}", value.abs());
        match value {
            _ if shown == "0.000" => shown,
            value if value < 0.0 => format!("−{shown}"),
            _ => format!("+{shown}"),
        }
    };
    match (value.low, value.high) {
        (Some(low), Some(high)) => {
            format!("{} ({} to {})", signed(value.mean), signed(low), signed(high))
        }
        _ => signed(value.mean),
    }
}

/// Formats a p-value with three decimals. If it would be shown as 0, it is shown as "< 0.001".
fn probability(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") }
}

impl Simulation {
    /// Returns the names of the rare classes.
    pub fn rare(&self) -> Vec<&str> {
        self.classes.iter().filter(|class| class.rare).map(|class| class.label.as_str()).collect()
    }

    /// Makes the table with the final value and the mean of each strategy's curves.
    pub fn strategies_table(&self) -> Table {
        let noisy = self.strategies.iter().any(|strategy| strategy.wrong > 0.0 || strategy.undecided > 0.0);
        let mut head = vec!["Strategy", "Final accuracy", "Mean accuracy", "Final macro-F1", "Mean macro-F1"];
        if noisy {
            head.extend(["Wrong labels", "Undecided documents"]);
        }
        let row = |strategy: &super::Strategy| {
            let mut row = vec![
                strategy.name.clone(),
                share(&strategy.final_accuracy),
                share(&strategy.mean_accuracy),
                number(&strategy.final_macro_f1),
                number(&strategy.mean_macro_f1),
            ];
            if noisy {
                row.extend([percent(Some(strategy.wrong)), format!("{:.1}", strategy.undecided)]);
            }
            row
        };
        let caption = "Means over seeds, with 95 % intervals";
        Table::new(caption, &head, self.strategies.iter().map(row).collect())
    }

    /// Makes the tables of answers needed, one table per measure.
    pub fn targets_tables(&self) -> Vec<Table> {
        let mut measures: Vec<&str> = self.targets.iter().map(|target| target.measure.as_str()).collect();
        measures.dedup();
        measures.into_iter().map(|measure| self.targets_table(measure)).collect()
    }

    /// Makes the table of answers needed for one measure.
    fn targets_table(&self, measure: &str) -> Table {
        let reached = |target: &&Target| target.reached.iter().any(|reached| reached.seeds > 0);
        let of_measure = self.targets.iter().filter(|target| target.measure == measure);
        let targets: Vec<&Target> = of_measure.filter(reached).collect();
        let in_percent = measure == "accuracy";
        let level = |level: f64| if in_percent { percent(Some(level)) } else { decimal(Some(level)) };
        let mut head = vec!["Strategy".to_owned()];
        head.extend(targets.iter().map(|target| match &target.of {
            Some(of) => format!("final of {of} ({})", level(target.level)),
            None => level(target.level),
        }));
        let row = |(place, strategy): (usize, &super::Strategy)| {
            let cell = |target: &&Target| {
                let reached = &target.reached[place];
                let answers = reached.answers.map_or("–".to_owned(), |answers| format!("{answers:.0}"));
                format!("{answers} ({} of {})", reached.seeds, self.n_seeds())
            };
            let mut row = vec![strategy.name.clone()];
            row.extend(targets.iter().map(cell));
            row
        };
        Table {
            caption: format!(
                "Answers needed to reach a level of {measure}: median over seeds, and how many seeds reach \
                 the level"
            ),
            head,
            rows: self.strategies.iter().enumerate().map(row).collect(),
        }
    }

    /// Returns the number of seeds, which the configuration of the simulation contains.
    fn n_seeds(&self) -> u64 {
        self.configuration["protocol"]["seeds"].as_u64().unwrap_or_default()
    }

    /// Makes the table that compares strategies. For each strategy and measure, it has the number
    /// of strategies that it beats beyond chance, and that beat it.
    pub fn standings_table(&self) -> Table {
        let mut head = vec!["Strategy".to_owned()];
        head.extend(self.comparisons.iter().map(|comparison| comparison.measure.clone()));
        let row = |(place, strategy): (usize, &super::Strategy)| {
            let cell = |comparison: &Comparison| {
                let standing = &comparison.standings[place];
                format!("{} / {}", standing.better, standing.worse)
            };
            let mut row = vec![strategy.name.clone()];
            row.extend(self.comparisons.iter().map(cell));
            row
        };
        Table {
            caption: "Wins: how many other strategies this one beats beyond chance / how many beat this one \
                      beyond chance"
                .to_owned(),
            head,
            rows: self.strategies.iter().enumerate().map(row).collect(),
        }
    }

    /// Makes the tables of all pairs of strategies, one table per measure.
    pub fn pairs_tables(&self) -> Vec<Table> {
        let table = |comparison: &Comparison| {
            let row = |pair: &super::Pair| {
                vec![
                    format!("{} – {}", pair.first, pair.second),
                    difference(&pair.difference),
                    format!("{} / {} / {}", pair.wins, pair.ties, pair.losses),
                    probability(pair.p),
                    probability(pair.p_corrected),
                ]
            };
            let head = ["Pair", "Difference", "Wins / ties / losses", "p", "p, corrected"];
            let caption = format!("Pairs by {}: first minus second on the same seeds", comparison.measure);
            Table::new(&caption, &head, comparison.pairs.iter().map(row).collect())
        };
        self.comparisons.iter().map(table).collect()
    }

    /// Makes the table that says when each stopping rule would have ended the runs.
    pub fn stopped_table(&self) -> Table {
        let row = |stopped: &super::Stopped| {
            let cell = |value: &Option<Estimate>| value.as_ref().map_or("–".to_owned(), share);
            vec![
                stopped.strategy.clone(),
                stopped.rule.clone(),
                format!("{} of {}", stopped.seeds, self.n_seeds()),
                stopped.answers.map_or("–".to_owned(), |answers| format!("{answers:.0}")),
                cell(&stopped.accuracy),
                cell(&stopped.final_accuracy),
                stopped.lost.as_ref().map_or("–".to_owned(), difference),
                stopped
                    .most_lost
                    .map_or("–".to_owned(), |mean| difference(&Estimate { mean, low: None, high: None })),
            ]
        };
        let head = [
            "Strategy",
            "Rule",
            "Stops",
            "Answers when it stops",
            "Accuracy when it stops",
            "Final accuracy",
            "Gain from going on",
            "Largest gain",
        ];
        let caption = "When stopping rules would have ended the runs";
        Table::new(caption, &head, self.stopped.iter().map(row).collect())
    }

    /// Makes the table of the rare classes: their recall at the end, and how many of their
    /// documents have a label.
    pub fn rare_table(&self) -> Table {
        let rare: Vec<usize> = (0..self.classes.len()).filter(|class| self.classes[*class].rare).collect();
        let mut head = vec!["Strategy".to_owned(), "Mean recall".to_owned()];
        for class in &rare {
            let label = &self.classes[*class].label;
            head.extend([format!("Recall of {label}"), format!("Labelled {label}")]);
        }
        let row = |strategy: &super::Strategy| {
            let mut row = vec![strategy.name.clone(), share(&strategy.final_rare_recall)];
            for class in &rare {
                row.extend([percent(strategy.recall[*class]), format!("{:.1}", strategy.labeled[*class])]);
            }
            row
        };
        Table {
            caption: "Rare classes after the last round (means over seeds)".to_owned(),
            head,
            rows: self.strategies.iter().map(row).collect(),
        }
    }

    /// Makes the table of the classes, with their numbers of documents.
    pub fn classes_table(&self) -> Table {
        let row = |class: &super::SimulatedClass| {
            let rare = if class.rare { "rare" } else { "" };
            vec![class.label.clone(), class.pool.to_string(), class.test.to_string(), rare.to_owned()]
        };
        let head = ["Class", "Pool", "Test", ""];
        Table::new("Documents by class", &head, self.classes.iter().map(row).collect())
    }

    /// Makes the table of the seconds that rounds took.
    pub fn seconds_table(&self) -> Table {
        let row = |seconds: &super::Seconds| {
            vec![seconds.strategy.clone(), format!("{:.3}", seconds.mean), format!("{:.3}", seconds.most)]
        };
        let caption = "Seconds per round (training, scoring and choosing), on one thread while other runs \
                       were active";
        Table::new(caption, &["Strategy", "Mean", "Longest"], self.seconds.iter().map(row).collect())
    }

    /// Makes the table of the simulation's settings.
    pub fn configuration_table(&self) -> Table {
        let mut rows = Vec::new();
        for (key, value) in self.configuration.as_object().into_iter().flatten() {
            match (key.as_str(), value) {
                ("strategies" | "labels" | "featurizers" | "classifier", _) => {}
                (key, serde_json::Value::Object(inside)) => {
                    rows.extend(
                        inside.iter().map(|(name, value)| vec![format!("{key}: {name}"), plain(value)]),
                    );
                }
                (key, value) => rows.push(vec![key.to_owned(), plain(value)]),
            }
        }
        Table::new("Settings of the simulation; summary.json has the rest", &["Setting", "Value"], rows)
    }
}

/// Formats a JSON value for a table: text without quotes, and "–" for null.
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => "–".to_owned(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(mean: f64, low: f64, high: f64) -> Estimate {
        Estimate { mean, low: Some(low), high: Some(high) }
    }

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(share(&estimate(0.8125, 0.8, 0.825)), "81.2 % (80.0–82.5)");
        assert_eq!(number(&estimate(0.8125, 0.8, 0.825)), "0.812 (0.800–0.825)");
        assert_eq!(difference(&estimate(-0.0125, -0.04, 0.015)), "−0.013 (−0.040 to +0.015)");
        assert_eq!(difference(&Estimate { mean: -0.0001, low: None, high: None }), "0.000");
        assert_eq!((probability(0.0004), probability(0.0625)), ("< 0.001".to_owned(), "0.062".to_owned()));
    }
}
