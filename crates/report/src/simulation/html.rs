//! A benchmark as one self-contained HTML page: it loads no script, font or other address.
//!
//! The page is light or dark as the reader's system is, and can be printed. On a phone, only wide
//! tables scroll sideways. Below every chart is a table with its numbers.

use super::tables::{number, share};
use super::{Estimate, Point, Simulation, Strategy};
use crate::ReportError;
use crate::chart::{Chart, MARKERS, look};
use crate::page::{Table, details, escape, figure, notes, section};

/// The foot of the page.
const MADE_BY: &str =
    "Made by Querist. The same inputs and settings give the same figures, except for the seconds.";

/// Explains how to read the page. docs/simulate.md has the formulas.
const READING: &str = "A curve is the mean over all seeds; its band is the 95 % interval of that mean \
                       (Student's t). A \"final\" score is the last point of a curve. A \"mean\" score is \
                       the mean over all points of a curve: the score you have on average while labelling. \
                       Runs with the same seed start from the same labels, so two strategies are compared \
                       seed by seed. p comes from an exact sign-flip test over seeds and is corrected for \
                       the number of pairs by Holm's method. If p is below 0.05, a difference counts as \
                       beyond chance. The results hold for these data only.";

/// Returns one of the measures of a point, such as the accuracy.
type Values = fn(&Point) -> Estimate;

impl Simulation {
    /// Renders the benchmark as an HTML page.
    ///
    /// # Errors
    /// A chart cannot be drawn.
    pub fn to_html(&self) -> Result<Vec<u8>, ReportError> {
        let mut page = format!("<p>{READING}</p>\n{}", notes(&self.notes));
        page += &format!("<h2>Learning curves</h2>\n{}", self.legend());
        page += &self.charts()?;
        page += &section("Final and mean scores", &[self.strategies_table()]);
        let targets: Vec<Table> =
            self.targets_tables().into_iter().filter(|table| table.head.len() > 1).collect();
        page += &section("Answers needed", &targets);
        if !self.comparisons.is_empty() {
            page += &section("Wins", &[self.standings_table()]);
            page += &details("All pairs", &self.pairs_tables());
        }
        if !self.rare().is_empty() {
            page += &section("Rare classes", &[self.rare_table()]);
        }
        if !self.stopped.is_empty() {
            page += &section("Stopping", &[self.stopped_table()]);
        }
        page += &section("Seconds", &[self.seconds_table()]);
        page += &section("Settings", &[self.classes_table(), self.configuration_table()]);
        Ok(crate::page::page("Strategies compared", &page, MADE_BY).into_bytes())
    }

    /// Renders the legend: each strategy with its colour and marker.
    fn legend(&self) -> String {
        let entry = |(place, strategy): (usize, &Strategy)| {
            let (colour, marker) = look(place);
            let (marker, name) = (MARKERS[marker], escape(&strategy.name));
            format!(
                "<li><span style=\"color:var(--c{colour})\" aria-hidden=\"true\">{marker}</span> {name}</li>"
            )
        };
        let entries: String = self.strategies.iter().enumerate().map(entry).collect();
        format!("<ul class=\"legend\">{entries}</ul>\n")
    }

    /// Draws one chart for each measure, each followed by tables with its numbers.
    fn charts(&self) -> Result<String, ReportError> {
        let mut charts: Vec<(&str, String, bool, Values)> = vec![
            ("accuracy", "Accuracy".to_owned(), true, |point| point.accuracy),
            ("macro-f1", "Macro-F1".to_owned(), false, |point| point.macro_f1),
        ];
        let rare = self.rare();
        if !rare.is_empty() {
            let title = format!("Recall of rare classes ({})", rare.join(", "));
            charts.push(("rare-recall", title, true, |point| point.rare_recall));
        }
        let mut page = "<div class=\"charts\">\n".to_owned();
        let mut tables = Vec::new();
        for (id, title, percent, values) in charts {
            let description = self.words(percent, values);
            let curve = |strategy: &Strategy| {
                strategy.points.iter().map(|point| (point.answers, values(point))).collect()
            };
            let curves = self.strategies.iter().map(curve).collect();
            let chart =
                Chart { id, title: &title, description: &description, across: "answers", percent, curves };
            page += &figure(&chart.svg()?, &title);
            tables.extend(self.curve_tables(&title, percent, values));
        }
        page += "</div>\n";
        Ok(page + &details("Curves as numbers", &tables))
    }

    /// Returns a text that says where each curve begins and ends.
    fn words(&self, percent: bool, values: Values) -> String {
        let shown = |value: Estimate| if percent { share(&value) } else { number(&value) };
        let words = self.strategies.iter().filter_map(|strategy| {
            let (first, last) = (strategy.points.first()?, strategy.points.last()?);
            let (from, to) = (shown(values(first)), shown(values(last)));
            Some(format!(
                "{}: from {from} with {} answers to {to} with {}.",
                strategy.name, first.answers, last.answers
            ))
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// Makes the tables with the numbers of a chart. Strategies whose points have the same numbers
    /// of answers share a table.
    fn curve_tables(&self, title: &str, percent: bool, values: Values) -> Vec<Table> {
        let answers = |strategy: &Strategy| -> Vec<usize> {
            strategy.points.iter().map(|point| point.answers).collect()
        };
        let mut groups: Vec<(Vec<usize>, Vec<&Strategy>)> = Vec::new();
        for strategy in &self.strategies {
            let answers = answers(strategy);
            match groups.iter_mut().find(|group| group.0 == answers) {
                Some(group) => group.1.push(strategy),
                None => groups.push((answers, vec![strategy])),
            }
        }
        let table = |(answers, strategies): (Vec<usize>, Vec<&Strategy>)| {
            let mut head = vec!["Answers".to_owned()];
            head.extend(strategies.iter().map(|strategy| strategy.name.clone()));
            let row = |(place, answers): (usize, usize)| {
                let mut row = vec![answers.to_string()];
                row.extend(strategies.iter().map(|strategy| {
                    let value = values(&strategy.points[place]);
                    if percent { share(&value) } else { number(&value) }
                }));
                row
            };
            Table {
                caption: title.to_owned(),
                head,
                rows: answers.into_iter().enumerate().map(row).collect(),
            }
        };
        groups.into_iter().map(table).collect()
    }
}
