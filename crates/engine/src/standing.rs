//! Words the verdicts on annotators, both for workspaces and for plain files of answers.

use querist_quality::AnnotatorControl;
use querist_quality::verdict::{Change, ENOUGH, Judgement, Standing};
use querist_report as report;

/// Returns an annotator's standing for the report, from a judgement of how often they are right.
/// `what` names the answered items, in the plural.
pub(crate) fn standing(judgement: &Judgement, what: &str) -> report::Standing {
    let (low, high) = judgement.interval.map(|interval| (interval.low, interval.high)).unzip();
    report::Standing {
        verdict: judgement.standing.name().to_owned(),
        threshold: judgement.threshold,
        n: judgement.record.n(),
        value: judgement.record.share(),
        low,
        high,
        p: judgement.p,
        why: why(judgement, judgement.threshold, what),
    }
}

/// Returns an annotator's standing for the report: whether their kappa on control items reaches
/// `least`. `None` if all items have the same class.
pub(crate) fn kappa_standing(measured: &AnnotatorControl, least: f64) -> Option<report::Standing> {
    let judgement = measured.by_kappa?;
    let (low, high) = measured.kappa_interval.map(|interval| (interval.low, interval.high)).unzip();
    let why = format!("kappa {}", why(&judgement, least, "control items"));
    let value = measured.kappa.kappa;
    Some(report::Standing {
        threshold: least,
        value,
        low,
        high,
        why,
        ..standing(&judgement, "control items")
    })
}

/// Returns the reason for a verdict in words, and what would change the verdict.
fn why(judgement: &Judgement, threshold: f64, what: &str) -> String {
    let (n, people) = (judgement.record.n(), judgement.people);
    let chance = judgement.p.map_or_else(String::new, |p| {
        let p = if p < 0.000_1 { "p < 0.0001".to_owned() } else { format!("p = {p:.4}") };
        let over = if people > 1 { format!(", corrected for {people} annotators") } else { String::new() };
        format!("{p}{over}")
    });
    let change = match judgement.change {
        None => String::new(),
        Some(Change::Items(items)) => format!(
            "; at the same accuracy, about {items} {what} would be \
                                               enough to tell"
        ),
        Some(Change::Right(1)) => "; 1 more right answer would clear the annotator".to_owned(),
        Some(Change::Right(more)) => {
            format!("; {more} more right answers in a row would clear the annotator")
        }
        Some(Change::Wrong(more)) => format!("; {more} wrong answers in a row would put the annotator below"),
    };
    match judgement.standing {
        Standing::TooFew if n < ENOUGH => format!("{n} {what} answered, {ENOUGH} needed"),
        Standing::TooFew => {
            format!("below {threshold:.2} so far, but that may be chance ({chance}){change}")
        }
        Standing::Below => format!("the whole interval is below {threshold:.2} ({chance}){change}"),
        Standing::NotBelow => format!("not below {threshold:.2} so far{change}"),
    }
}
