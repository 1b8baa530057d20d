//! Combines the judgments of several rules into one verdict.
//!
//! Some rules **decide**: the verdict is stop if all of them say stop or, by another setting, if
//! one does. Other rules may **object**: if one of these says go on, the verdict is go on although
//! the deciding rules say stop. A spent budget stops, whatever the other rules say.

use querist_core::{Advice, History, Judgment, Named, StoppingRule};

/// The number of deciding rules that must say stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// All deciding rules must say stop.
    All,
    /// One deciding rule that says stop is enough.
    Any,
}

impl Named for When {
    const ALL: &'static [Self] = &[Self::All, Self::Any];

    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Any => "any",
        }
    }
}

/// The names of the rules that decide or may object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Combination {
    /// The names of the rules that decide.
    pub deciding: Vec<String>,
    /// The number of deciding rules that must say stop.
    pub when: When,
    /// The names of the rules that may object.
    pub objecting: Vec<String>,
}

/// Judges the history by each of the rules and then by `budget`. Returns the combined judgment;
/// also the name and the judgment of each rule, in the same order. A spent budget overrides all
/// other rules.
pub fn combine(
    combination: &Combination,
    rules: &[&dyn StoppingRule],
    budget: Option<&dyn StoppingRule>,
    history: &History<'_>,
) -> (Judgment, Vec<(&'static str, Judgment)>) {
    let all = rules.iter().copied().chain(budget);
    let judged: Vec<(&'static str, Judgment)> = all.map(|rule| (rule.name(), rule.judge(history))).collect();
    let (advice, reason) = verdict(combination, &judged, budget.map(StoppingRule::name));
    (Judgment { advice, reason, numbers: Vec::new() }, judged)
}

/// Returns the combined advice and its reason. `judged` has each rule's name and judgment, and
/// `budget` is the name of the budget rule, if there is one.
fn verdict(
    combination: &Combination,
    judged: &[(&'static str, Judgment)],
    budget: Option<&str>,
) -> (Advice, String) {
    let of = |name: &str| judged.iter().find(|(known, _)| *known == name).map(|(_, judgment)| judgment);
    if let Some(spent) = budget.and_then(of).filter(|judgment| judgment.advice == Advice::Stop) {
        return (Advice::Stop, format!("{} (budget)", spent.reason));
    }
    let deciding: Vec<(&str, &Judgment)> =
        combination.deciding.iter().filter_map(|name| Some((name.as_str(), of(name)?))).collect();
    let with = |advice: Advice| -> Vec<(&str, &Judgment)> {
        deciding.iter().filter(|(_, judgment)| judgment.advice == advice).copied().collect()
    };
    let words = |judgments: &[(&str, &Judgment)]| {
        let each = judgments.iter().map(|(name, judgment)| format!("{} ({name} rule)", judgment.reason));
        each.collect::<Vec<_>>().join("; ")
    };
    let [stop, on, open] = [Advice::Stop, Advice::GoOn, Advice::CannotTell].map(with);
    let stops = match combination.when {
        When::All => !deciding.is_empty() && stop.len() == deciding.len(),
        When::Any => !stop.is_empty(),
    };
    if stops {
        let objection = combination.objecting.iter().find_map(|name| {
            let judgment = of(name).filter(|judgment| judgment.advice == Advice::GoOn)?;
            Some(format!("{} ({name} rule), although {}", judgment.reason, words(&stop)))
        });
        return match objection {
            Some(objection) => (Advice::GoOn, objection),
            None => (Advice::Stop, words(&stop)),
        };
    }
    if deciding.is_empty() {
        return match budget.and_then(of) {
            Some(left) => (Advice::GoOn, format!("{} (budget)", left.reason)),
            None => (Advice::CannotTell, "no rule may decide".to_owned()),
        };
    }
    // If all rules must say stop, one rule that says go on settles the verdict. If one stop is
    // enough, the verdict remains open while a rule cannot tell.
    match (combination.when, on.is_empty(), open.is_empty()) {
        (When::All, false, _) | (When::Any, _, true) => (Advice::GoOn, words(&on)),
        _ => (Advice::CannotTell, words(&open)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(&'static str, Advice);

    impl StoppingRule for Fixed {
        fn name(&self) -> &'static str {
            self.0
        }

        fn judge(&self, _: &History<'_>) -> Judgment {
            Judgment { advice: self.1, reason: "so".to_owned(), numbers: vec![] }
        }
    }

    const EMPTY: History<'_> = History { rounds: &[], pool: 0, labeled: 0, answers: 0 };

    fn advice(deciding: &[&str], when: When, a: Advice, b: Advice, c: Advice) -> Advice {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let combination = Combination { deciding: names(deciding), when, objecting: names(&["c"]) };
        let (a, b, c) = (Fixed("a", a), Fixed("b", b), Fixed("c", c));
        combine(&combination, &[&a, &b, &c], None, &EMPTY).0.advice
    }

    #[test]
    fn all_any_and_objections() {
        use Advice::{CannotTell, GoOn, Stop};
        let both = ["a", "b"];
        for (when, a, b, c, expected) in [
            (When::All, Stop, Stop, CannotTell, Stop),
            (When::All, Stop, Stop, Stop, Stop),
            (When::All, Stop, Stop, GoOn, GoOn),
            (When::All, Stop, CannotTell, Stop, CannotTell),
            (When::All, CannotTell, GoOn, Stop, GoOn),
            (When::Any, Stop, CannotTell, CannotTell, Stop),
            (When::Any, GoOn, Stop, GoOn, GoOn),
            (When::Any, GoOn, CannotTell, Stop, CannotTell),
            (When::Any, GoOn, GoOn, Stop, GoOn),
        ] {
            assert_eq!(advice(&both, when, a, b, c), expected, "{when:?} {a:?} {b:?} {c:?}");
        }
        assert_eq!(advice(&[], When::All, Stop, Stop, Stop), CannotTell);
    }

    #[test]
    fn a_spent_budget_ends_it() {
        let combination = Combination { deciding: vec!["a".into()], when: When::All, objecting: vec![] };
        let on = Fixed("a", Advice::GoOn);
        let spent = Fixed("budget", Advice::Stop);
        let (verdict, judged) = combine(&combination, &[&on], Some(&spent), &EMPTY);
        assert_eq!((verdict.advice, verdict.reason.as_str()), (Advice::Stop, "so (budget)"));
        assert_eq!(judged.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["a", "budget"]);
    }
}
