//! Rules: patterns that vote for classes. They help while few documents are labelled.
//!
//! The class with the most votes is a document's weak label. If several classes tie for the most
//! votes, the rules are in conflict and there is no weak label. Weak labels train the model as
//! examples with a [`weight`] below 1, which falls with the number of real labels. [`RuleMatches`]
//! applies rules to a corpus. The idea is from Ratner, De Sa, Wu, Selsam and Ré, Data programming,
//! NIPS 2016, with a plain majority in place of their label model.
//!
//! All rules have the same strength, and none is learned from data; both are deliberate.

mod matches;

pub use matches::{RuleCount, RuleCounts, RuleMatches, Standing};

use querist_core::Class;
use querist_core::digest::Digest;
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use crate::error::TextError;

/// A pattern that votes for a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The regular expression, in the syntax of the `regex` crate: without look-around and
    /// back-references, so no text can make it slow. It ignores case unless it says `(?-i)`; `\b`,
    /// `\w` and `\d` know Unicode. Unless anchored, it matches anywhere in a text.
    pub pattern: String,
    /// The class that the rule votes for if the pattern matches.
    pub class: Class,
}

/// Compiled rules.
#[derive(Debug, Clone)]
pub struct Rules {
    given: Vec<Rule>,
    n_classes: usize,
    all: RegexSet,
    /// The same patterns one by one, for texts that are not pure ASCII.
    each: Vec<Regex>,
}

/// The verdict of the rules on one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakLabel {
    /// No rule matches.
    Uncovered,
    /// One class has the most votes.
    Label(Class),
    /// Several classes tie for the most votes.
    Conflict,
}

/// The maximum size of all compiled patterns together, in bytes.
const SIZE_LIMIT: usize = 64 << 20;

/// The weight of a weak label if no document is labelled; a real label has weight 1.
pub const WEIGHT_AT_START: f64 = 0.3;
/// The number of labelled documents that halves the weight of weak labels.
pub const HALVING_LABELS: f64 = 200.0;
/// The maximum number of weak labels of one class that train a model.
pub const MAX_EXAMPLES_PER_CLASS: usize = 300;

/// Returns the weight of a weak label in training if `n_real` documents have a real label, in (0,
/// 0.3]: `w0 m0 / (m0 + n_real)` with w0 = [`WEIGHT_AT_START`] and m0 = [`HALVING_LABELS`].
///
/// Many weak labels of low weight do better than a few of high weight: they spread over more words,
/// and the errors of one rule never outweigh the labels. This was measured with a dozen keyword
/// rules on `sms_spam`, `r8` and `ag_news`, ten draws each, with logistic regression (C = 10) on
/// tf-idf and on its truncated SVD. Rules gain 6 to 55 points of accuracy at 10 to 50 random
/// labels, 3 to 28 at 100 and 200, 0.6 to 6 at 500, and nothing (within 0.2) at 2,000. If one rule
/// in four or five has the wrong class, nothing beyond noise is lost from 25 labels on, whereas a
/// constant weight of 1 costs 5 points at 500.
pub fn weight(n_real: usize) -> f64 {
    WEIGHT_AT_START * HALVING_LABELS / (HALVING_LABELS + n_real as f64)
}

impl Rules {
    /// Compiles the rules; each keeps its index in the list.
    ///
    /// # Errors
    /// A pattern is not a regular expression, a pattern matches every text because it matches the
    /// empty text, or the compiled patterns are too large.
    pub fn new(rules: Vec<Rule>) -> Result<Self, TextError> {
        let each = (1..).zip(&rules).map(|(number, rule)| compile(number, &rule.pattern));
        let each = each.collect::<Result<Vec<Regex>, TextError>>()?;
        let all = RegexSetBuilder::new(rules.iter().map(|rule| &rule.pattern))
            .case_insensitive(true)
            .size_limit(SIZE_LIMIT)
            .build()
            .map_err(|_| TextError::RulesTooLarge { limit: SIZE_LIMIT })?;
        let n_classes = rules.iter().map(|rule| rule.class.index() + 1).max().unwrap_or(0);
        Ok(Self { given: rules, n_classes, all, each })
    }

    /// Returns the rules, in the order in which they were given.
    pub fn rules(&self) -> &[Rule] {
        &self.given
    }

    /// Returns the rules that match a text, as indices into [`Rules::rules`], ascending.
    pub fn votes(&self, text: &str) -> Vec<usize> {
        // The automaton that runs all patterns at once does not support Unicode word boundaries in
        // texts that are not pure ASCII. The engines that do support them are faster if they run
        // the patterns one by one.
        if text.is_ascii() {
            self.all.matches(text).into_iter().collect()
        } else {
            (0..self.each.len()).filter(|&rule| self.each[rule].is_match(text)).collect()
        }
    }

    /// Returns the weak label that the rules with these indices decide on; each votes once for its
    /// class.
    ///
    /// # Panics
    /// There is no rule with one of the indices, which is a bug of the caller.
    pub fn label(&self, votes: impl IntoIterator<Item = usize>) -> WeakLabel {
        let mut counts = vec![0_u32; self.n_classes];
        for rule in votes {
            counts[self.given[rule].class.index()] += 1;
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        let mut leaders = counts.iter().enumerate().filter(|(_, count)| **count == most);
        match (most, leaders.next(), leaders.next()) {
            (0, _, _) | (_, None, _) => WeakLabel::Uncovered,
            (_, Some((class, _)), None) => WeakLabel::Label(Class::from_index(class)),
            (_, Some(_), Some(_)) => WeakLabel::Conflict,
        }
    }

    /// Returns all parameters that change the votes, as text.
    pub fn fingerprint(&self) -> String {
        let mut digest = Digest::default();
        for rule in &self.given {
            digest.push(rule.pattern.as_bytes());
            digest.push(&rule.class.0.to_le_bytes());
        }
        format!("rules 1, case-insensitive, {} rules, {}", self.given.len(), digest.hex())
    }
}

/// Compiles a pattern; `number` is the number of its rule, from 1, for error messages.
fn compile(number: usize, pattern: &str) -> Result<Regex, TextError> {
    let owned = || pattern.to_owned();
    let compiled = RegexBuilder::new(pattern).case_insensitive(true).size_limit(SIZE_LIMIT).build();
    let regex = compiled.map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => TextError::RulesTooLarge { limit },
        other => {
            let (column, problem) = located(&other.to_string());
            TextError::MalformedRule { rule: number, pattern: owned(), column, problem }
        }
    })?;
    if regex.is_match("") {
        return Err(TextError::BoundlessRule { rule: number, pattern: owned() });
    }
    Ok(regex)
}

/// Extracts from the parser's message the position of the fault, as a column in the pattern from 1
/// (0 if unknown), and its description. The parser prints the pattern on a separate line, indented
/// by 4, marks the position with `^` on the line below, and describes the fault after `error: `.
fn located(message: &str) -> (usize, String) {
    const INDENT: usize = 4;
    let problem = message.rsplit("error: ").next().unwrap_or(message).trim().to_owned();
    let marks = |line: &&str| line.trim_start().starts_with('^');
    let column = message.lines().find(marks).and_then(|line| line.find('^')?.checked_sub(INDENT));
    (column.map_or(0, |column| column + 1), problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(rules: &[(&str, u16)]) -> Result<Rules, TextError> {
        let rule = |(pattern, class): &(&str, u16)| Rule { pattern: (*pattern).into(), class: Class(*class) };
        Rules::new(rules.iter().map(rule).collect())
    }

    #[test]
    fn the_class_with_most_votes_wins_and_a_tie_is_a_conflict() {
        let rules = rules(&[(r"\bfree\b", 1), (r"\bwin(ner)?\b", 1), (r"\bdinner\b", 0)]).unwrap();
        let label = |text| rules.label(rules.votes(text));
        assert_eq!(rules.votes("WINNER of a FREE dinner"), [0, 1, 2]);
        assert_eq!(label("WINNER of a FREE dinner"), WeakLabel::Label(Class(1)));
        assert_eq!(label("free dinner"), WeakLabel::Conflict);
        assert_eq!(label("dinners are freely given"), WeakLabel::Uncovered);
        assert_eq!(label(""), WeakLabel::Uncovered);
    }

    #[test]
    fn no_rules_say_nothing() {
        let none = rules(&[]).unwrap();
        assert!(none.votes("anything").is_empty());
        assert_eq!(none.label([]), WeakLabel::Uncovered);
    }

    #[test]
    fn texts_beyond_ascii_are_read_alike() {
        let rules =
            rules(&[(r"£\d+", 1), (r"\bstraße\b", 0), (r"\bcall now\b", 1), (r"(?-i)\bUS\b", 0)]).unwrap();
        assert_eq!(rules.votes("win £900, CALL NOW"), [0, 2]);
        assert_eq!(rules.votes("die STRASSE, die Straße"), [1]);
        assert_eq!(rules.votes("Straßenbahn"), [0; 0]);
        assert_eq!((rules.votes("US"), rules.votes("us"), rules.votes("é us")), (vec![3], vec![], vec![]));
    }

    #[test]
    fn a_fault_is_named_with_its_place() {
        let error = rules(&[("fine", 0), (r"\b(win|won\b", 1)]).unwrap_err();
        assert_eq!(
            error,
            TextError::MalformedRule {
                rule: 2,
                pattern: r"\b(win|won\b".into(),
                column: 3,
                problem: "unclosed group".into()
            }
        );
        assert_eq!(
            error.to_string(),
            "rule 2: the pattern \"\\b(win|won\\b\" has an error at character 3: unclosed group"
        );
        let look = rules(&[("a(?=b)", 0)]).unwrap_err();
        assert!(look.to_string().contains("look-around"), "{look}");
        let lines = rules(&[("(?x) a\n(b", 0)]).unwrap_err();
        assert!(matches!(lines, TextError::MalformedRule { rule: 1, .. }), "{lines}");
    }

    #[test]
    fn patterns_of_every_text_and_huge_ones_are_refused() {
        for pattern in ["", "a*", "x|", "^"] {
            let expected = TextError::BoundlessRule { rule: 1, pattern: pattern.into() };
            assert_eq!(rules(&[(pattern, 0)]).unwrap_err(), expected);
        }
        let huge = rules(&[(r"\w{200}{200}{5}", 0)]).unwrap_err();
        assert_eq!(huge, TextError::RulesTooLarge { limit: SIZE_LIMIT });
    }

    #[test]
    fn the_fingerprint_tells_rules_and_their_order_apart() {
        let print = |given: &[(&str, u16)]| rules(given).unwrap().fingerprint();
        assert_eq!(print(&[("a", 0), ("b", 1)]), print(&[("a", 0), ("b", 1)]));
        assert_ne!(print(&[("a", 0), ("b", 1)]), print(&[("b", 1), ("a", 0)]));
        assert_ne!(print(&[("a", 0)]), print(&[("a", 1)]));
    }

    #[test]
    fn weak_labels_fade() {
        assert!((weight(0) - 0.3).abs() < 1e-15);
        assert!((weight(200) - 0.15).abs() < 1e-15);
        assert!((0..5_000).all(|n| weight(n + 1) < weight(n)));
        assert!(weight(usize::MAX) > 0.0);
    }
}
