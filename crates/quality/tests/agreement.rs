//! The agreement of a whole set in one call: what must not change it, its limiting cases, very
//! large sets, and how often its intervals hold the truth.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::prelude::*;
use querist_core::{AnnotationSet, Class, Seed};
use querist_quality::{
    AgreementOptions, AgreementSummary, Measure, Measured, PairLimits, Scale, Undefined, agreement,
};

fn options(resamples: usize) -> AgreementOptions {
    let pairs = PairLimits { min_shared: 2, ..PairLimits::default() };
    AgreementOptions { scale: Scale::Ordinal, resamples, pairs, ..AgreementOptions::default() }
}

/// A set made from (item, annotator, class), with names made from the numbers.
fn set(
    answers: &[(u8, u8, u16)],
    item: impl Fn(u8) -> String,
    annotator: impl Fn(u8) -> String,
) -> AnnotationSet {
    let named: Vec<_> =
        answers.iter().map(|(i, a, label)| (item(*i), annotator(*a), Class(*label))).collect();
    AnnotationSet::new(named.iter().map(|(i, a, label)| (i.as_str(), a.as_str(), *label)), 4)
}

fn plain(answers: &[(u8, u8, u16)]) -> AnnotationSet {
    set(answers, |item| format!("{item:03}"), |annotator| format!("{annotator:03}"))
}

fn rows(summary: &AgreementSummary) -> impl Iterator<Item = &Measured> {
    summary.measures.iter().chain(summary.classes.iter().flat_map(|class| &class.measures))
}

fn value(summary: &AgreementSummary, measure: Measure) -> Option<f64> {
    summary.row(measure).unwrap().value
}

/// The bits of a value. Means over pairs are sums in the order of the annotators, so their last
/// bits are rounded off.
fn digits(row: &Measured, number: f64) -> u64 {
    // Adding 0 removes the sign of a rounded -1e-17.
    if row.pairs.is_some() { ((number * 1e12).round() + 0.0).to_bits() } else { number.to_bits() }
}

/// Distinct (item, annotator) pairs, each with a class.
fn answers() -> impl Strategy<Value = Vec<(u8, u8, u16)>> {
    prop::collection::btree_map((0u8..30, 0u8..6), 0u16..4, 0..120)
        .prop_map(|answers| answers.into_iter().map(|((item, who), label)| (item, who, label)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn order_and_names_do_not_matter(answers in answers()) {
        let one = agreement(&plain(&answers), &options(20)).unwrap();
        let backwards = set(&answers, |item| format!("{:03}", 200 - item), |who| format!("{:03}", 200 - who));
        let other = agreement(&backwards, &options(20)).unwrap();
        for (one, other) in rows(&one).zip(rows(&other)) {
            let facts = |row: &Measured| (row.measure, row.undefined, row.no_interval, row.items, row.answers, row.pairs);
            prop_assert_eq!(facts(one), facts(other));
            let value = |row: &Measured| row.value.map(|value| digits(row, value));
            prop_assert_eq!(value(one), value(other), "{:?}", one.measure);
            let ends = |row: &Measured| row.interval.map(|ends| [digits(row, ends.low), digits(row, ends.high)]);
            prop_assert_eq!(ends(one), ends(other), "{:?}", one.measure);
        }
    }

    #[test]
    fn values_are_bounded_and_what_is_missing_is_named(answers in answers()) {
        let summary = agreement(&plain(&answers), &options(20)).unwrap();
        prop_assert_eq!(summary.classes.len(), 4);
        for row in rows(&summary) {
            prop_assert_eq!(row.value.is_none(), row.undefined.is_some(), "{:?}", row);
            prop_assert_eq!(row.value.is_some() && row.interval.is_none(), row.no_interval.is_some(), "{:?}", row);
            prop_assert!(row.value.is_none_or(|value| value.is_finite() && value <= 1.0 + 1e-12), "{:?}", row);
            prop_assert!(row.interval.is_none_or(|ends| ends.low <= ends.high && ends.high <= 1.0 + 1e-12));
            let least = match row.measure {
                Measure::PairAgreement => 0.0,
                Measure::CohenKappa | Measure::CohenKappaQuadratic => -1.0,
                _ => f64::NEG_INFINITY,
            };
            prop_assert!(row.value.is_none_or(|value| value >= least - 1e-12), "{:?}", row);
        }
    }

    #[test]
    fn all_is_one_where_all_agree(items in prop::collection::vec((0u16..4, 2u8..6), 2..30)) {
        let mut answers = Vec::new();
        for (item, (label, annotators)) in (0..).zip(&items) {
            answers.extend((0..*annotators).map(|who| (item, who, *label)));
        }
        let several = items.iter().any(|(label, _)| *label != items[0].0);
        let summary = agreement(&plain(&answers), &options(0)).unwrap();
        for row in rows(&summary) {
            if several && row.measure == Measure::KrippendorffAlpha && row.undefined != Some(Undefined::ClassNotUsed) {
                prop_assert_eq!(row.value, Some(1.0));
            }
            prop_assert!(row.value.is_none_or(|value| (value - 1.0).abs() < 1e-12), "{:?}", row);
        }
    }

    #[test]
    fn two_classes_know_no_weights(answers in answers()) {
        let named: Vec<_> = answers.iter().map(|(i, a, l)| (format!("{i:03}"), a.to_string(), Class(l % 2))).collect();
        let binary = AnnotationSet::new(named.iter().map(|(i, a, l)| (i.as_str(), a.as_str(), *l)), 2);
        let summary = agreement(&binary, &options(20)).unwrap();
        for (plain, ordinal) in [
            (Measure::CohenKappa, Measure::CohenKappaQuadratic),
            (Measure::GwetAc1, Measure::GwetAc2Quadratic),
            (Measure::KrippendorffAlpha, Measure::KrippendorffAlphaOrdinal),
        ] {
            let (plain, ordinal) = (summary.row(plain).unwrap(), summary.row(ordinal).unwrap());
            prop_assert_eq!((plain.undefined, plain.pairs), (ordinal.undefined, ordinal.pairs));
            let ends = |row: &Measured| row.interval.map(|ends| [ends.low, ends.high]);
            let numbers = |row: &Measured| row.value.into_iter().chain(ends(row).into_iter().flatten()).collect::<Vec<_>>();
            let (ours, theirs) = (numbers(ordinal), numbers(plain));
            prop_assert_eq!(ours.len(), theirs.len(), "{:?}", ordinal);
            prop_assert!(ours.iter().zip(&theirs).all(|(one, other)| (one - other).abs() < 1e-12), "{:?}", ordinal);
        }
    }
}

#[test]
fn undefined_cases_have_names() {
    let reasons = |answers: &[(u8, u8, u16)], measure: Measure| {
        agreement(&plain(answers), &options(50)).unwrap().row(measure).unwrap().undefined
    };
    let all = [Measure::PairAgreement, Measure::CohenKappa, Measure::FleissKappa, Measure::KrippendorffAlpha];
    for measure in all.into_iter().chain([Measure::GwetAc1]) {
        assert_eq!(reasons(&[], measure), Some(Undefined::NoAnswers), "{measure:?}");
        assert_eq!(reasons(&[(0, 0, 1), (1, 0, 2)], measure), Some(Undefined::OneAnnotator), "{measure:?}");
    }
    let apart = [(0, 0, 1), (1, 1, 2)];
    assert_eq!(reasons(&apart, Measure::KrippendorffAlpha), Some(Undefined::NoOverlap));
    assert_eq!(reasons(&apart, Measure::CohenKappa), Some(Undefined::NoPairs));
    let same = [(0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 1)];
    assert_eq!(reasons(&same, Measure::FleissKappa), Some(Undefined::OneLabelOnly));
    assert_eq!(reasons(&same, Measure::CohenKappa), Some(Undefined::UndefinedPairs));
    assert_eq!(reasons(&same, Measure::GwetAc1), None);
    let summary = agreement(&plain(&same), &options(50)).unwrap();
    let unused = &summary.classes[3];
    assert_eq!(unused.answers, 0);
    assert_eq!(unused.measures.len(), 3);
    assert!(unused.measures.iter().all(|row| row.undefined == Some(Undefined::ClassNotUsed)));
}

#[test]
fn intervals_that_would_say_nothing_are_named() {
    // 40 items, all but one of a single class. Most resamples without that one have an undefined
    // kappa.
    let rare: Vec<_> = (0..40).flat_map(|item| [(item, 0, u16::from(item == 0)), (item, 1, 0)]).collect();
    let summary = agreement(&plain(&rare), &options(200)).unwrap();
    let row = |measure| summary.row(measure).unwrap();
    assert_eq!(row(Measure::FleissKappa).no_interval, Some(Undefined::UnstableResamples));
    assert!(row(Measure::GwetAc1).interval.is_some());
    let without = agreement(&plain(&rare), &options(0)).unwrap();
    assert_eq!(without.row(Measure::GwetAc1).unwrap().no_interval, Some(Undefined::NoResamples));
    let few = agreement(&plain(&rare[..18]), &options(200)).unwrap();
    assert_eq!(few.row(Measure::GwetAc1).unwrap().no_interval, Some(Undefined::TooFewItems));
}

#[test]
fn classes_without_an_order_have_no_weights() {
    let answers = plain(&[(0, 0, 1), (0, 1, 2), (1, 0, 3), (1, 1, 3)]);
    let measures = |scale| {
        let summary = agreement(&answers, &AgreementOptions { scale, ..options(0) }).unwrap();
        summary.measures.iter().map(|row| row.measure).collect::<Vec<_>>()
    };
    let nominal = [
        Measure::PairAgreement,
        Measure::CohenKappa,
        Measure::FleissKappa,
        Measure::KrippendorffAlpha,
        Measure::GwetAc1,
    ];
    assert_eq!(measures(Scale::Nominal), nominal);
    let ordinal = measures(Scale::Ordinal);
    assert_eq!(ordinal.len(), 8);
    assert!(nominal.iter().all(|measure| ordinal.contains(measure)), "{ordinal:?}");
}

#[test]
fn the_summary_is_json() {
    let summary = agreement(&plain(&[(0, 0, 1), (0, 1, 2), (1, 0, 1), (1, 1, 1)]), &options(10)).unwrap();
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!(json["answers"], 4);
    assert_eq!(json["measures"][0]["measure"], "pair_agreement");
    assert_eq!(json["measures"][0]["value"], 0.5);
    assert_eq!(json["measures"][0]["no_interval"], "too_few_items");
    assert_eq!(json["classes"][0]["class"], 0);
    assert_eq!(json["classes"][0]["measures"][0]["undefined"], "class_not_used");
}

#[test]
fn one_item_with_ten_thousand_answers() {
    let names: Vec<String> = (0..10_000).map(|who| format!("{who:05}")).collect();
    let labels = (0..).map(|place| Class(place % 3));
    let set =
        AnnotationSet::new(names.iter().zip(labels).map(|(who, label)| ("only", who.as_str(), label)), 3);
    let summary = agreement(&set, &options(1000)).unwrap();
    // All disagreement is within the one item, so it is as high as by chance.
    assert!(value(&summary, Measure::KrippendorffAlpha).unwrap().abs() < 1e-12);
    let cohen = summary.row(Measure::CohenKappa).unwrap();
    assert_eq!(cohen.undefined, Some(Undefined::TooManyAnnotators));
    assert_eq!(summary.row(Measure::GwetAc1).unwrap().no_interval, Some(Undefined::TooFewItems));
}

#[test]
fn a_hundred_thousand_annotators_with_one_answer_each() {
    let names: Vec<String> = (0..100_000).map(|who| format!("{who:06}")).collect();
    // Ten annotators for each item; six to nine of them say the same.
    let triples = names.iter().enumerate().map(|(who, name)| {
        let (item, place) = (who / 10, who % 10);
        let label = Class::from_index(if place < 6 + item / 4 % 4 { item % 4 } else { (item + place) % 4 });
        (&names[item][..], name.as_str(), label)
    });
    let summary = agreement(&AnnotationSet::new(triples, 4), &options(1000)).unwrap();
    assert_eq!((summary.items, summary.answers, summary.annotators), (10_000, 100_000, 100_000));
    let alpha = summary.row(Measure::KrippendorffAlpha).unwrap();
    let interval = alpha.interval.unwrap();
    assert!(interval.low <= alpha.value.unwrap() && alpha.value.unwrap() <= interval.high);
    assert_eq!(summary.row(Measure::CohenKappa).unwrap().undefined, Some(Undefined::TooManyAnnotators));
}

/// The answers of five annotators to items from a known process: with three classes, each is right
/// with probability 0.75, and else answers any class.
fn simulated(items: u32, seed: u64) -> AnnotationSet {
    let mut rng = Seed(seed).rng(0, "simulated answers");
    let mut draw = |below: u64| (rng.next_u64() % below) as u16;
    let mut named = Vec::new();
    for item in 0..items {
        let truth = draw(10).saturating_sub(7);
        for who in 0..5u8 {
            let label = if draw(4) > 0 { truth } else { draw(3) };
            named.push((format!("{item:06}"), who.to_string(), Class(label)));
        }
    }
    AnnotationSet::new(named.iter().map(|(i, a, l)| (i.as_str(), a.as_str(), *l)), 3)
}

#[test]
fn intervals_hold_the_truth_about_as_often_as_they_say() {
    let options =
        |resamples, seed| AgreementOptions { seed: Seed(seed), scale: Scale::Nominal, ..options(resamples) };
    let truth = agreement(&simulated(50_000, 0), &options(0, 0)).unwrap();
    let measures = [Measure::FleissKappa, Measure::KrippendorffAlpha, Measure::GwetAc1, Measure::CohenKappa];
    let mut held = [0; 4];
    for seed in 1..=200 {
        let summary = agreement(&simulated(150, seed), &options(300, seed)).unwrap();
        for (held, measure) in held.iter_mut().zip(measures) {
            let interval = summary.row(measure).unwrap().interval.unwrap();
            let truth = value(&truth, measure).unwrap();
            *held += usize::from(interval.low <= truth && truth <= interval.high);
        }
    }
    println!("held of 200 at 95 %: {held:?} of {measures:?}");
    // The target is 190; 200 trials at 0.95 have a standard deviation of 3.1.
    for (held, measure) in held.iter().zip(measures) {
        assert!((179..=199).contains(held), "{measure:?}: {held} of 200");
    }
}
