//! The contract of every aggregator in the catalog: a new aggregator joins the suite with its entry
//! there.
//!
//! The tests of each method's results are next to the method; these tests check what all of them
//! promise.

mod crowd;

use crowd::{Crowd, run};
use proptest::prelude::*;
use querist_core::{Aggregation, Aggregator, AnnotationSet, Class, Edition, Known, SkillPrior, Verdict};
use querist_quality::{AGGREGATORS, aggregator};

const K: usize = 4;
/// How far a posterior may move after a few dozen iterations if sums have another order.
const ROUNDING: f64 = 1e-6;
/// How far other draws may move a posterior or a skill of the second edition. The largest moves are
/// items near a half in a small crowd, whose chains mix slowly.
const DRAWS: f64 = 0.1;

type Answers = Vec<(String, String, Class)>;

/// Answers as (item, annotator, label), with indices for names. Each pair occurs once, so that the
/// order cannot matter.
fn answers() -> impl Strategy<Value = Answers> {
    prop::collection::btree_map((0u8..15, 0u8..6), 0..K as u16, 0..60).prop_map(|answers| {
        let named =
            answers.into_iter().map(|((i, a), label)| (format!("i{i}"), format!("a{a}"), Class(label)));
        named.collect()
    })
}

fn set<'a>(answers: impl IntoIterator<Item = &'a (String, String, Class)>) -> AnnotationSet {
    AnnotationSet::new(answers.into_iter().map(|(i, a, label)| (i.as_str(), a.as_str(), *label)), K)
}

fn names() -> impl Iterator<Item = &'static str> {
    AGGREGATORS.iter().map(|(name, _)| *name)
}

/// Checks everything that holds for any result.
fn sound(name: &str, set: &AnnotationSet, result: &Aggregation) {
    assert_eq!(result.verdicts.len(), set.items().len(), "{name}");
    assert_eq!(result.posteriors.view().dim(), (set.items().len(), set.n_classes()), "{name}");
    for (row, verdict) in result.posteriors.view().outer_iter().zip(&result.verdicts) {
        assert!((row.sum() - 1.0).abs() < 1e-9, "{name}: {row}");
        let most = row.iter().copied().fold(0.0, f64::max);
        let leading: Vec<Class> =
            (0..row.len()).filter(|class| row[*class] >= most - 1e-9).map(Class::from_index).collect();
        match verdict {
            Verdict::Label(class) => assert_eq!(leading, [*class], "{name}: {row}"),
            Verdict::Tie(classes) => assert!(classes.len() > 1 && *classes == leading, "{name}: {row}"),
        }
    }
    assert_eq!(result.skills.len(), set.annotators().len(), "{name}");
    for (annotator, skill) in result.skills.iter().enumerate() {
        assert_eq!(skill.answers, set.of_annotator(annotator).count(), "{name}");
        let (accuracy, interval) =
            (skill.accuracy.expect("an accuracy"), skill.interval.expect("an interval"));
        assert!(0.0 <= interval.low && interval.low <= accuracy, "{name}: {skill:?}");
        assert!(accuracy <= interval.high && interval.high <= 1.0, "{name}: {skill:?}");
        for row in skill.confusion.iter().flat_map(|matrix| matrix.outer_iter()) {
            assert!((row.sum() - 1.0).abs() < 1e-9 && row.iter().all(|p| *p >= 0.0), "{name}: {row}");
        }
    }
    if let Some(fit) = &result.fit {
        assert_eq!((fit.iterations, fit.iterations > 0), (fit.objective.len(), true), "{name}");
        for (at, pair) in fit.objective.windows(2).enumerate() {
            let rounding = 1e-12 * pair[0].abs().max(1.0);
            assert!(pair[1].is_finite() && pair[1] >= pair[0] - rounding, "{name}, iteration {at}: {pair:?}");
        }
    }
}

/// The method as the first and as the second edition have it, each with the tolerance of its
/// results.
fn editions(name: &str) -> [(Box<dyn Aggregator>, f64); 2] {
    [(Edition::First, ROUNDING), (Edition::Second, DRAWS)]
        .map(|(edition, tolerance)| (aggregator(name, edition).expect("a method"), tolerance))
}

fn close(name: &str, a: &Aggregation, b: &Aggregation, tolerance: f64, class: impl Fn(usize) -> usize) {
    for item in 0..a.posteriors.len() {
        for k in 0..a.posteriors.n_classes() {
            let (p, q) = (a.posteriors.row(item)[k], b.posteriors.row(item)[class(k)]);
            assert!((p - q).abs() < tolerance, "{name}, item {item}, class {k}: {p} {q}");
        }
    }
}

#[test]
fn iterative_methods_say_how_they_went_and_the_others_do_not() {
    let set = Crowd::default().answers();
    for name in names() {
        let result = run(name, &set, &Known::default());
        assert_eq!(result.fit.is_some(), !["mv", "wawa"].contains(&name), "{name}");
    }
}

#[test]
fn no_answers_give_no_verdicts() {
    for name in names() {
        let result = run(name, &set(&[]), &Known::default());
        sound(name, &set(&[]), &result);
        assert!(result.fit.is_none() && result.skills.is_empty(), "{name}");
    }
}

#[test]
fn unanimous_annotators_are_believed() {
    let pairs = (0..20).flat_map(|item| (0..5).map(move |annotator| (item, annotator)));
    let answers: Answers =
        pairs.map(|(i, a)| (format!("i{i:02}"), format!("a{a}"), Class(i % K as u16))).collect();
    for name in names() {
        let result = run(name, &set(&answers), &Known::default());
        sound(name, &set(&answers), &result);
        for (item, verdict) in result.verdicts.iter().enumerate() {
            assert_eq!(*verdict, Verdict::Label(Class::from_index(item % K)), "{name}");
        }
        assert!(
            result.skills.iter().all(|skill| skill.accuracy.unwrap() > 0.9),
            "{name}: {:?}",
            result.skills
        );
    }
}

#[test]
fn a_single_annotator_is_repeated() {
    let answers: Answers = (0..40).map(|i| (format!("i{i:02}"), "a".to_owned(), Class(i % 3))).collect();
    for name in names() {
        let result = run(name, &set(&answers), &Known::default());
        sound(name, &set(&answers), &result);
        for (item, verdict) in result.verdicts.iter().enumerate() {
            assert_eq!(*verdict, Verdict::Label(Class::from_index(item % 3)), "{name}");
        }
    }
}

#[test]
fn one_class_is_always_right() {
    let triples = [("i", "a", Class(0)), ("i", "b", Class(0)), ("j", "a", Class(0))];
    let set = AnnotationSet::new(triples, 1);
    for name in names() {
        let skills = vec![Some(SkillPrior { right: 2.0, wrong: 1.0 }), None];
        for known in [Known::default(), Known { labels: vec![None, Some(Class(0))], skills }] {
            let result = run(name, &set, &known);
            sound(name, &set, &result);
            assert_eq!(result.verdicts, [Verdict::Label(Class(0)), Verdict::Label(Class(0))], "{name}");
        }
    }
}

#[test]
fn an_item_with_ten_thousand_answers() {
    let mut answers: Answers =
        (0..10_000).map(|a| ("i".to_owned(), format!("a{a}"), Class(u16::from(a % 5 < 2)))).collect();
    answers.push(("j".to_owned(), "a0".to_owned(), Class(1)));
    for name in names() {
        let result = run(name, &set(&answers), &Known::default());
        sound(name, &set(&answers), &result);
        assert_eq!(result.verdicts[0], Verdict::Label(Class(0)), "{name}");
    }
}

#[test]
fn a_hundred_thousand_annotators_with_an_answer_each() {
    let answers: Answers = (0..100_000u32)
        .map(|a| {
            (format!("i{}", a / 5), format!("a{a}"), Class(((a / 5 + u32::from(a % 5 == 0)) % 3) as u16))
        })
        .collect();
    let set = set(&answers);
    for name in names() {
        let result = run(name, &set, &Known::default());
        sound(name, &set, &result);
        // Four of five agree; the fifth annotator is another one each time.
        for (item, verdict) in result.verdicts.iter().enumerate() {
            let number: u32 = set.items()[item][1..].parse().unwrap();
            assert_eq!(*verdict, Verdict::Label(Class((number % 3) as u16)), "{name}");
        }
    }
}

#[test]
fn a_known_label_stands_whatever_the_answers_say() {
    let set = Crowd::default().answers();
    let mut labels = vec![None; set.items().len()];
    labels[3] = Some(Class(2));
    labels[7] = Some(Class(0));
    let known = Known { labels, ..Known::default() };
    for name in names() {
        let result = run(name, &set, &known);
        sound(name, &set, &result);
        for (item, class) in [(3, Class(2)), (7, Class(0))] {
            assert_eq!(result.verdicts[item], Verdict::Label(class), "{name}");
            assert_eq!(result.posteriors.of(item, class).to_bits(), 1f64.to_bits(), "{name}");
        }
    }
}

#[test]
fn known_labels_teach_who_is_right() {
    // Two against two on every item; the controls side with a and b. A vote can only learn from
    // this through weights.
    let mut answers: Answers = Vec::new();
    for i in 0..40u16 {
        for (annotator, label) in [("a", i % 2), ("b", i % 2), ("c", 1 - i % 2), ("d", 1 - i % 2)] {
            answers.push((format!("i{i:02}"), annotator.to_owned(), Class(label)));
        }
    }
    let set = set(&answers);
    let labels = (0..40).map(|i| (i < 10).then_some(Class(i % 2))).collect();
    let known = Known { labels, ..Known::default() };
    for name in names().filter(|name| *name != "mv") {
        let result = run(name, &set, &known);
        for item in 10..40 {
            assert_eq!(result.verdicts[item], Verdict::Label(Class::from_index(item % 2)), "{name}");
        }
    }
}

#[test]
fn earlier_skills_decide_between_strangers() {
    let triples = [("i", "a", Class(0)), ("i", "b", Class(1)), ("j", "a", Class(1)), ("j", "b", Class(0))];
    let set = AnnotationSet::new(triples, 2);
    let prior = |right, wrong| Some(SkillPrior { right, wrong });
    let known = Known { skills: vec![prior(2.0, 8.0), prior(19.0, 1.0)], ..Known::default() };
    for name in names().filter(|name| *name != "mv") {
        let result = run(name, &set, &known);
        sound(name, &set, &result);
        assert_eq!(result.verdicts, [Class(1), Class(0)].map(Verdict::Label), "{name}");
        assert!(result.skills[1].accuracy > result.skills[0].accuracy, "{name}");
    }
}

#[test]
fn what_is_equal_is_a_tie() {
    let triples = [("i", "a", Class(0)), ("i", "b", Class(3)), ("j", "a", Class(3)), ("j", "b", Class(0))];
    let set = AnnotationSet::new(triples, K);
    for name in names() {
        let result = run(name, &set, &Known::default());
        sound(name, &set, &result);
        let tie = Verdict::Tie(vec![Class(0), Class(3)]);
        assert_eq!(result.verdicts, [tie.clone(), tie], "{name}");
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    let set = AnnotationSet::new([("i", "a", Class(1))], 2);
    let outside = AnnotationSet::new([("i", "a", Class(2))], 2);
    for (name, _) in AGGREGATORS {
        let method = aggregator(name, Edition::CURRENT).unwrap();
        assert!(method.aggregate(&outside, &Known::default()).is_err(), "{name}");
        let known = Known { labels: vec![None; 2], ..Known::default() };
        assert!(method.aggregate(&set, &known).is_err(), "{name}");
    }
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    // Enough answers for several groups of items.
    let set = Crowd { items: 6000, annotators: 40, each: 6, ..Crowd::default() }.answers();
    for name in names() {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(name, &set, &Known::default()))
        };
        let one = on(1);
        sound(name, &set, &one);
        for threads in [2, 8] {
            assert_eq!(on(threads), one, "{name}");
        }
    }
}

#[test]
fn the_objective_never_falls_on_crowds_of_all_kinds() {
    for seed in 0..6 {
        for (skill, each) in [((0.5, 0.95), 3), ((0.1, 0.6), 5), ((0.9, 1.0), 2), ((0.25, 0.25), 4)] {
            let crowd = Crowd { each, skill, seed, ..Crowd::default() };
            let (set, truth) = (crowd.answers(), crowd.truth());
            let controls =
                truth.iter().enumerate().map(|(at, class)| (at % 10 == 0).then_some(*class)).collect();
            let skills = vec![Some(SkillPrior { right: 4.0, wrong: 1.5 }); set.annotators().len()];
            for known in [Known::default(), Known { labels: controls, skills }] {
                for name in names() {
                    sound(name, &set, &run(name, &set, &known));
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_answers_give_a_sound_result(answers in answers()) {
        let set = set(&answers);
        for name in names() {
            sound(name, &set, &run(name, &set, &Known::default()));
        }
    }

    #[test]
    fn the_order_of_the_answers_changes_nothing(answers in answers()) {
        for name in names() {
            let forward = run(name, &set(&answers), &Known::default());
            let backward = run(name, &set(answers.iter().rev()), &Known::default());
            prop_assert_eq!(forward, backward);
        }
    }
}

#[test]
fn renamed_classes_are_the_same_classes() {
    let crowd = Crowd::default();
    let (set, moved) =
        (crowd.answers(), crowd.named(|class| (class + 3) % K, |item| item, |annotator| annotator));
    for name in names() {
        for (method, tolerance) in editions(name) {
            let of = |set: &AnnotationSet| method.aggregate(set, &Known::default()).unwrap();
            close(name, &of(&set), &of(&moved), tolerance, |class| (class + 3) % K);
        }
    }
}

#[test]
fn renamed_items_and_annotators_are_the_same() {
    let crowd = Crowd::default();
    let (items, annotators) = (crowd.items, crowd.annotators);
    let set = crowd.answers();
    let moved = crowd.named(|class| class, |item| items - 1 - item, |annotator| annotators - 1 - annotator);
    let methods = names().flat_map(|name| editions(name).map(|edition| (name, edition)));
    for (name, (method, tolerance)) in methods {
        let of = |set: &AnnotationSet| method.aggregate(set, &Known::default()).unwrap();
        let (before, after) = (of(&set), of(&moved));
        for item in 0..items {
            for class in 0..K {
                let (p, q) =
                    (before.posteriors.row(item)[class], after.posteriors.row(items - 1 - item)[class]);
                assert!((p - q).abs() < tolerance, "{name}, item {item}: {p} {q}");
            }
        }
        for annotator in 0..annotators {
            let (a, b) = (&before.skills[annotator], &after.skills[annotators - 1 - annotator]);
            assert!((a.accuracy.unwrap() - b.accuracy.unwrap()).abs() < tolerance, "{name}");
        }
    }
}
