//! The report's section on the user's rules: how much of the pool they match, how often they are
//! right, and how much their weak labels weigh in training.

use querist_core::Proportion;
use querist_core::round::{Rule, Rules};

use super::{Row, Section};
use crate::markdown::{escape, percent, table};

impl Section for Rules {
    /// Returns a headline that names the rules that labels contradict, if there are any. Labels
    /// contradict a rule if, with 95 % confidence, it is right on less than half of the labelled
    /// documents that it matches.
    fn headline(&self) -> Option<String> {
        let wrong: Vec<String> = self
            .rules
            .iter()
            .filter(|rule| rule.agreement.high.is_some_and(|high| high < 0.5))
            .map(|rule| {
                let Proportion { correct, n, .. } = rule.agreement;
                format!("\"{}\" for {} ({correct} of {n} right)", rule.pattern, rule.label)
            })
            .collect();
        (!wrong.is_empty()).then(|| format!("Rules contradicted by the labels: {}.", wrong.join("; ")))
    }

    fn markdown(&self) -> String {
        let mut parts = vec!["## Rules".to_owned()];
        parts.push(format!(
            "{} of {} documents ({}) match a rule; {} of these get no weak label because their rules \
             disagree.",
            self.covered,
            self.documents,
            percent(self.coverage),
            self.conflicts
        ));
        let rows: Vec<Vec<String>> = self.rules.iter().map(Rule::cells).collect();
        parts.push(table(&["Pattern", "Votes for", "Matches", "Agrees with labels"], &rows));
        parts.push(if self.used == 0 {
            "The model was trained without weak labels.".to_owned()
        } else {
            format!(
                "The model was trained with {} weak labels, each counting as {:.3} of a label; they count \
                 less as real labels come in.",
                self.used, self.weight
            )
        });
        parts.extend(self.note.as_deref().map(escape));
        parts.join("\n\n")
    }
}

impl Row for Rule {
    fn cells(&self) -> Vec<String> {
        let pattern = escape(&self.pattern);
        vec![pattern, escape(&self.label), self.matches.to_string(), self.agreement.text()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(pattern: &str, agreement: Proportion) -> Rule {
        Rule { pattern: pattern.into(), label: "spam".into(), matches: 40, agreement }
    }

    fn rules() -> Rules {
        let unknown = Proportion { n: 0, correct: 0, value: None, low: None, high: None };
        let wrong = Proportion { n: 10, correct: 1, value: Some(0.1), low: Some(0.02), high: Some(0.4) };
        Rules {
            documents: 200,
            covered: 50,
            coverage: Some(0.25),
            conflicts: 3,
            rules: vec![rule(r"\b(win|won)\b", unknown), rule("free", wrong)],
            weight: 0.25,
            used: 47,
            note: None,
        }
    }

    #[test]
    fn each_rule_with_its_matches() {
        assert_eq!(
            rules().markdown(),
            "## Rules\n\n50 of 200 documents (25.0 %) match a rule; 3 of these get no weak label because \
             their rules disagree.\n\n| Pattern | Votes for | Matches | Agrees with labels |\n| --- | --- \
             | --- | --- |\n| \\\\b(win\\|won)\\\\b | spam | 40 | – |\n| free | spam | 40 | 10.0 % \
             (2.0–40.0, n = 10) |\n\nThe model was trained with 47 weak labels, each counting as 0.250 of \
             a label; they count less as real labels come in."
        );
    }

    #[test]
    fn only_rules_that_are_surely_wrong_are_a_headline() {
        let mut rules = rules();
        let headline = "Rules contradicted by the labels: \"free\" for spam (1 of 10 right).";
        assert_eq!(rules.headline().unwrap(), headline);
        rules.rules.pop();
        assert_eq!(rules.headline(), None);
    }
}
