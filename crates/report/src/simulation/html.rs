//! A benchmark as one page that needs nothing else: no script, no font, no address.
//!
//! It follows the reader's choice of light or dark, is read on a phone without scrolling sideways but within wide tables, and can be
//! printed. Every chart has its numbers in a table below it.

use super::chart::{COLOURS, Chart, MARKERS, escape, look, style};
use super::tables::{Table, number, share};
use super::{Estimate, Point, Simulation, Strategy};
use crate::ReportError;

/// Everything of the style sheet but the colours of curves.
const STYLE: &str = include_str!("style.css");

/// How to read it; the formulas are in docs/simulate.md.
const READING: &str = "Curves are means over seeds, bands their 95 % intervals (Student's t). \"Mean\" is the mean over the points of \
a curve, what one has on average while labelling; \"final\" is the last point. Strategies of a seed start from the same labels, so \
they are compared in pairs: p is that of an exact sign-flip test over seeds, corrected for the number of pairs by Holm's method, and \
below 0.05 a difference counts as beyond chance. That says nothing of other data.";

/// A curve's values at its points.
type Values = fn(&Point) -> Estimate;

impl Simulation {
    /// The benchmark as a page.
    ///
    /// # Errors
    /// A chart that cannot be drawn.
    pub fn to_html(&self) -> Result<Vec<u8>, ReportError> {
        let mut page = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>Strategies compared</title>\n<style>\n{STYLE}{}{}</style>\n</head>\n<body>\n<main>\n\
             <h1>Strategies compared</h1>\n<p>{READING}</p>\n",
            variables(),
            style()
        );
        if !self.notes.is_empty() {
            let notes = self.notes.iter().map(|note| format!("<li>{}</li>", escape(note)));
            page += &format!("<ul class=\"notes\">{}</ul>\n", notes.collect::<String>());
        }
        page += &format!("<h2>Learning curves</h2>\n{}", self.legend());
        page += &self.charts()?;
        page += &section("Ends and means", &[self.strategies_table()]);
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
        page += &section("What was simulated", &[self.classes_table(), self.configuration_table()]);
        page += "</main>\n<footer>Made by querist simulate. The same inputs and settings give the same figures, but for the \
                 seconds.</footer>\n</body>\n</html>\n";
        Ok(page.into_bytes())
    }

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
            let chart = Chart { id, title: &title, description: &description, percent, curves };
            page += &format!(
                "<figure>\n{}<figcaption>{}</figcaption>\n</figure>\n",
                chart.svg()?,
                escape(&title)
            );
            tables.extend(self.curve_tables(&title, percent, values));
        }
        page += "</div>\n";
        Ok(page + &details("The curves in numbers", &tables))
    }

    /// Where each curve begins and ends.
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

    /// The numbers of a chart: one table for all strategies whose points have the same answers.
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

/// The curves' colours as variables, for light and dark.
fn variables() -> String {
    let all = |of: fn(&(&str, &str)) -> String| -> String {
        let each = COLOURS.iter().enumerate().map(|(place, pair)| format!("--c{place}:{};", of(pair)));
        each.collect::<Vec<_>>().concat()
    };
    let (light, dark) = (all(|pair| pair.0.to_owned()), all(|pair| pair.1.to_owned()));
    format!(
        ":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n@media print{{:root{{{light}--paper:#fff;--ink:#000;--soft:#444;--note:#fff}}}}\n"
    )
}

fn section(title: &str, tables: &[Table]) -> String {
    if tables.is_empty() {
        return String::new();
    }
    format!("<h2>{}</h2>\n{}", escape(title), tables.iter().map(table).collect::<String>())
}

fn details(title: &str, tables: &[Table]) -> String {
    let tables: String = tables.iter().map(table).collect();
    format!("<details>\n<summary>{}</summary>\n{tables}</details>\n", escape(title))
}

fn table(table: &Table) -> String {
    let caption = escape(&table.caption);
    let head = table.head.iter().map(|cell| format!("<th scope=\"col\">{}</th>", escape(cell)));
    let head = head.collect::<Vec<_>>().concat();
    let row = |row: &Vec<String>| {
        let mut cells = row.iter();
        let first = cells.next().map(|cell| format!("<th scope=\"row\">{}</th>", escape(cell)));
        let rest = cells.map(|cell| format!("<td>{}</td>", escape(cell)));
        let rest = rest.collect::<Vec<_>>().concat();
        format!("<tr>{}{rest}</tr>\n", first.unwrap_or_default())
    };
    let rows: String = table.rows.iter().map(row).collect();
    // Whoever has no mouse scrolls a wide table with the arrow keys, so it can be focused.
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table>\n<caption>{caption}</caption>\n\
         <thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}
