//! True labels and annotators' skill from a table of answers, by a vote and by Dawid-Skene, and how
//! far the annotators agree.

use querist_quality::core::error::BoxError;
use querist_quality::{AgreementOptions, Edition, Known, Measure, aggregator, agreement, table};

/// Items; the truth is that every third one is spam.
const ITEMS: usize = 60;

/// What an annotator says of an item. Ana and Ben err now and then; Cem and Dan
/// call most things spam.
fn answer(annotator: &str, item: usize) -> &'static str {
    let is_spam = item.is_multiple_of(3);
    let says_spam = match annotator {
        "ana" => is_spam != item.is_multiple_of(17),
        "ben" => is_spam != item.is_multiple_of(11),
        "cem" => is_spam || !item.is_multiple_of(5),
        _ => is_spam || !item.is_multiple_of(4),
    };
    if says_spam { "spam" } else { "ham" }
}

#[expect(clippy::print_stdout, reason = "an example shows what it found")]
fn main() -> Result<(), BoxError> {
    let items: Vec<String> = (0..ITEMS).map(|item| format!("item {item:02}")).collect();
    let names = ["ana", "ben", "cem", "dan"];
    let rows = (0..ITEMS).flat_map(|item| names.map(|who| (items[item].as_str(), who, answer(who, item))));
    let (labels, answers) = table(rows)?;

    for method in ["mv", "ds"] {
        let method = aggregator(method, Edition::CURRENT).ok_or("no such method")?;
        let result = method.aggregate(&answers, &Known::default())?;
        let truth = |item: usize| labels.class(if item.is_multiple_of(3) { "spam" } else { "ham" });
        let right = (0..ITEMS).filter(|item| result.verdicts[*item].label() == truth(*item)).count();
        println!("{}: {right} of {ITEMS} labels are right", method.name());
        for (name, skill) in answers.annotators().iter().zip(&result.skills) {
            let accuracy = skill.accuracy.map_or("not known".to_owned(), |share| format!("{share:.2}"));
            println!("  {name}: accuracy {accuracy}");
        }
    }

    let agreed = agreement(&answers, &AgreementOptions::default())?;
    for measure in [Measure::PairAgreement, Measure::KrippendorffAlpha, Measure::GwetAc1] {
        let value = agreed.row(measure).and_then(|row| row.value);
        println!(
            "{}: {}",
            measure.title(),
            value.map_or("undefined".to_owned(), |value| format!("{value:.2}"))
        );
    }
    Ok(())
}
