//! Tests of a crowd so small that all results can be computed by hand.

use querist_core::Interval;

use super::*;

const A: Class = Class(0);
const B: Class = Class(1);

/// Three items: 1 is A by three votes, 2 is tied, 3 is B by two. Gold has 1 (A), 2 (B) and 3 (A).
fn small() -> (AnnotationSet, Aggregation) {
    let answers = [
        ("1", "x", A),
        ("1", "y", A),
        ("1", "z", A),
        ("2", "x", A),
        ("2", "y", B),
        ("3", "x", B),
        ("3", "z", B),
    ];
    let set = AnnotationSet::new(answers, 2);
    let aggregation = MajorityVote.aggregate(&set, &Known::default()).unwrap();
    (set, aggregation)
}

fn input() -> CrowdInput {
    CrowdInput {
        hash: String::new(),
        rows: 7,
        answers: 7,
        replaced: 0,
        skips: 0,
        items: 3,
        annotators: 3,
        gold: None,
    }
}

/// Answers whose classes have no order.
fn nominal<'a>(
    annotations: &'a AnnotationSet,
    labels: &'a [String],
    aggregation: &'a Aggregation,
    gold: &'a [Option<Class>],
) -> CrowdAnswers<'a> {
    CrowdAnswers { annotations, labels, aggregation, gold, scale: Scale::Nominal }
}

#[test]
fn counts_and_rates_by_hand() {
    let (annotations, aggregation) = small();
    let labels = ["a".to_owned(), "b".to_owned()];
    let gold = [Some(A), Some(B), Some(A)];
    let crowd = nominal(&annotations, &labels, &aggregation, &gold);
    let annotators = crowd.annotators(0.75, &crowd.trusted(&MajorityVote, false).unwrap()).unwrap();
    let on_gold: Vec<(usize, usize)> =
        annotators.iter().map(|a| a.gold.map(|gold| (gold.correct, gold.n)).unwrap()).collect();
    assert_eq!(on_gold, [(1, 3), (2, 2), (1, 2)]);
    let report = crowd
        .report(&MajorityVote, input(), 0.75, (&annotators, crowd.trusted(&MajorityVote, false).unwrap()))
        .unwrap();
    assert_eq!((report.consensus.labeled.clone(), report.consensus.ties), (vec![1, 1], 1));
    // Only item 1 is right: item 2 is a tie, and item 3 is wrong.
    let accuracy = report.consensus.accuracy.unwrap();
    assert_eq!((accuracy.correct, accuracy.n), (1, 3));
    // Of the 3 + 1 + 1 pairs of answers to the same item, 3 + 0 + 1 agree.
    let same = report.agreement.measures.iter().find(|row| row.name.contains("pairs of answers")).unwrap();
    assert!((same.value.unwrap() - 0.8).abs() < 1e-15);
    assert_eq!(report.review.len(), 1);
    assert_eq!((report.review[0].item.as_str(), report.review[0].tied.len()), ("2", 2));
    let confusion = &report.confusions.annotators[0];
    assert_eq!(
        (confusion.annotator.as_str(), &confusion.cells[..]),
        ("x", &[(0, 0, 1), (0, 1, 1), (1, 0, 1)][..])
    );
}

#[test]
fn who_is_surely_below_is_flagged() {
    // "bad" is wrong on 20 of 20 true labels, "good" right.
    let items: Vec<String> = (0..20).map(|item| format!("{item:02}")).collect();
    let answers = items.iter().enumerate().flat_map(|(item, name)| {
        let right = Class::from_index(item % 2);
        [
            (name.as_str(), "bad", Class::from_index(1 - item % 2)),
            (name.as_str(), "good", right),
            (name.as_str(), "too", right),
        ]
    });
    let annotations = AnnotationSet::new(answers, 2);
    let aggregation = MajorityVote.aggregate(&annotations, &Known::default()).unwrap();
    let labels = ["a".to_owned(), "b".to_owned()];
    let gold: Vec<Option<Class>> = (0..20).map(|item| Some(Class::from_index(item % 2))).collect();
    let crowd = nominal(&annotations, &labels, &aggregation, &gold);
    let annotators =
        crowd.annotators(default_min_accuracy(2), &crowd.trusted(&MajorityVote, false).unwrap()).unwrap();
    assert_eq!(annotators[0].flags, ["surely below 0.75"]);
    assert!(annotators[1].flags.is_empty());
    assert_eq!(people::first(&annotators), [0, 1, 2]);
    let report = crowd
        .report(&MajorityVote, input(), 0.75, (&annotators, crowd.trusted(&MajorityVote, false).unwrap()))
        .unwrap();
    assert_eq!(report.flagged, 1);
    assert!(report.headlines.contains(&"1 annotator is flagged.".to_owned()));
}

#[test]
fn what_cannot_be_believed_is_said() {
    let labels = ["a".to_owned(), "b".to_owned()];
    // Three annotators who agree on twenty items, without true labels.
    let items: Vec<String> = (0..20).map(|item| format!("{item:02}")).collect();
    let answers = items.iter().enumerate().flat_map(|(item, name)| {
        ["a", "b", "c"].map(|who| (name.as_str(), who, Class::from_index(item % 2)))
    });
    let annotations = AnnotationSet::new(answers, 2);
    let aggregation = MajorityVote.aggregate(&annotations, &Known::default()).unwrap();
    let crowd = nominal(&annotations, &labels, &aggregation, &[None; 20]);
    let annotators = crowd.annotators(0.75, &crowd.trusted(&MajorityVote, false).unwrap()).unwrap();
    let report = |name: &str| {
        let method = querist_quality::aggregator(name, querist_core::Edition::CURRENT).unwrap();
        let method = method.as_ref();
        crowd.report(method, input(), 0.75, (&annotators, crowd.trusted(method, false).unwrap())).unwrap()
    };
    let votes = report("mv");
    assert_eq!(votes.method_used.as_deref(), Some("mv"));
    assert!(votes.skill_intervals.unwrap().trusted);
    let why = votes.posteriors.unwrap().why.unwrap();
    assert_eq!(why, "they are shares of votes, not probabilities");
    // A model's posteriors need true labels to confirm them, and there are none.
    let model = report("onecoin");
    let why = model.posteriors.unwrap().why.unwrap();
    assert!(why.ends_with("30 are needed, and there are 0"), "{why}");
    let untrusted = "The posteriors cannot be trusted: only true labels";
    assert!(model.headlines.iter().any(|line| line.starts_with(untrusted)));

    let (annotations, aggregation) = small();
    let crowd = nominal(&annotations, &labels, &aggregation, &[None; 3]);
    let why = crowd.trusted(&MajorityVote, false).unwrap().skill_intervals.why.unwrap();
    assert!(why.starts_with("too few items have answers by several annotators"), "{why}");
}

#[test]
fn thirty_true_labels_decide_whatever_the_majority_says() {
    // "alone" is right on 40 of 40 true labels, the three others wrong together.
    let items: Vec<String> = (0..40).map(|item| format!("{item:02}")).collect();
    let answers = items.iter().enumerate().flat_map(|(item, name)| {
        let (right, wrong) = (Class::from_index(item % 2), Class::from_index(1 - item % 2));
        [("alone", right), ("b", wrong), ("c", wrong), ("d", wrong)]
            .map(|(who, label)| (name.as_str(), who, label))
    });
    let annotations = AnnotationSet::new(answers, 2);
    let aggregation = MajorityVote.aggregate(&annotations, &Known::default()).unwrap();
    let labels = ["a".to_owned(), "b".to_owned()];
    let gold: Vec<Option<Class>> = (0..40).map(|item| Some(Class::from_index(item % 2))).collect();
    let crowd = nominal(&annotations, &labels, &aggregation, &gold);
    let annotators = crowd.annotators(0.75, &crowd.trusted(&MajorityVote, false).unwrap()).unwrap();
    let Interval { low, high } = annotators[0].interval.unwrap();
    assert!(annotators[0].flags.is_empty() && low > 0.9 && high >= 1.0, "{:?}", annotators[0]);
    let Interval { low, high } = annotators[1].interval.unwrap();
    assert!(low <= 0.0 && high < 0.1 && annotators[1].flags[0] == "surely below 0.75", "{:?}", annotators[1]);
}

#[test]
fn a_skill_that_is_not_trusted_accuses_nobody() {
    // "bad" says the opposite of the four others, and no true label is known.
    let items: Vec<String> = (0..60).map(|item| format!("{item:02}")).collect();
    let answers = items.iter().enumerate().flat_map(|(item, name)| {
        let (right, wrong) = (Class::from_index(item % 2), Class::from_index(1 - item % 2));
        [("bad", wrong), ("c", right), ("d", right), ("e", right), ("f", right)]
            .map(|(who, label)| (name.as_str(), who, label))
    });
    let annotations = AnnotationSet::new(answers, 2);
    let method = querist_quality::aggregator("mv", querist_core::Edition::CURRENT).unwrap();
    let aggregation = method.aggregate(&annotations, &Known::default()).unwrap();
    let labels = ["a".to_owned(), "b".to_owned()];
    let crowd = nominal(&annotations, &labels, &aggregation, &[None; 60]);
    let trusted = |why: Option<&str>| {
        let trust = querist_report::Trust::unless(why.map(str::to_owned));
        Trusted { skill_intervals: trust.clone(), posteriors: trust }
    };
    let annotators = crowd.annotators(0.75, &trusted(None)).unwrap();
    assert_eq!(annotators[0].flags, ["surely below 0.75"]);
    let annotators = crowd.annotators(0.75, &trusted(Some("of hard items"))).unwrap();
    assert!(annotators.iter().all(|annotator| annotator.flags.is_empty()));
    let standing = annotators[0].standing.as_ref().unwrap();
    assert!(
        standing.withheld()
            && standing.why.ends_with("a verdict needs answers to 5 items with true labels, and there are 0")
    );
}
