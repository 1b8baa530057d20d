//! Reviews worked by hand, and the value of one more answer against an enumeration of all answers.

use ndarray::{Array2, array};
use proptest::prelude::*;

use super::*;

const P: Class = Class(0);
const N: Class = Class(1);

fn skill(accuracy: f64, answers: usize) -> Skill {
    Skill { accuracy: Some(accuracy), interval: None, evidence: None, answers, confusion: None }
}

/// Annotators ann, ben and eve with these skills.
struct Crowd {
    set: AnnotationSet,
    verdicts: Vec<Verdict>,
    skills: Vec<Skill>,
    known: Vec<Option<Class>>,
    imported: Vec<bool>,
    closed: Vec<bool>,
    below: Vec<bool>,
    away: Vec<bool>,
    skipped: Vec<(u32, u32)>,
}

impl Crowd {
    fn new(triples: &[(&str, &str, Class)]) -> Self {
        let set = AnnotationSet::new(triples.iter().copied(), 2);
        let verdicts = (0..set.items().len())
            .map(|item| crate::votes::Votes::count(set.of_item(item), 2).unwrap().verdict())
            .collect();
        let n = set.items().len();
        let skills = set.annotators().iter().map(|_| skill(0.8, 100_000_000)).collect();
        let below = vec![false; set.annotators().len()];
        Self {
            verdicts,
            skills,
            known: vec![None; n],
            imported: vec![false; n],
            closed: vec![false; n],
            away: below.clone(),
            below,
            skipped: Vec::new(),
            set,
        }
    }

    fn cases(&self) -> Vec<Case> {
        self.reviewer().cases().unwrap()
    }

    fn reviewer(&self) -> Reviewer<'_> {
        Reviewer::new(Evidence {
            annotations: &self.set,
            verdicts: &self.verdicts,
            posteriors: None,
            skills: &self.skills,
            known: &self.known,
            imported: &self.imported,
            closed: &self.closed,
            below: &self.below,
            away: &self.away,
            skipped: &self.skipped,
            min_confidence: 0.75,
        })
        .unwrap()
    }
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "{found} {expected}");
}

/// Returns the entropy of (p, 1 - p), in nats.
fn h(p: f64) -> f64 {
    -p * p.ln() - (1.0 - p) * (1.0 - p).ln()
}

#[test]
fn a_tie_of_equals_by_hand() {
    // Each class has two answers, so the prior is even. On item "t", ann and ben disagree.
    // Annotator eve is as good as they are, and has not answered "t".
    let crowd = Crowd::new(&[("t", "ann", P), ("t", "ben", N), ("u", "eve", P), ("v", "eve", N)]);
    let cases = crowd.cases();
    // For the other items, one answer of accuracy 0.8 gives a belief of 0.8, which is enough. So
    // only the tie is reported.
    let [case] = &cases[..] else { panic!("{cases:?}") };
    assert_eq!((case.item, &case.reasons[..]), (0, &[Reason::Tie, Reason::Uncertain][..]));
    near(case.belief[0], 0.5);
    near(case.entropy, 2f64.ln());
    // Both possible answers of eve are equally likely, so H(P) is ln 2. The entropy of each row of
    // the rates is h(0.8).
    assert_eq!(case.next.who, Some(2));
    near(case.next.help, 2f64.ln() - h(0.8));
}

#[test]
fn the_best_who_has_not_answered_is_asked_else_an_expert() {
    let triples = [
        ("t", "ann", P),
        ("t", "ben", N),
        ("u", "cem", P),
        ("v", "cem", N),
        ("u", "dan", P),
        ("v", "dan", N),
    ];
    let mut crowd = Crowd::new(&triples);
    crowd.skills = [0.8, 0.8, 0.7, 0.95].map(|accuracy| skill(accuracy, 100_000_000)).to_vec();
    assert_eq!(crowd.cases()[0].next.who, Some(3));
    crowd.skipped = vec![(0, 3)];
    assert_eq!(crowd.cases()[0].next.who, Some(2));
    // An annotator with an accuracy of 52 % tells nearly nothing.
    crowd.skills[2] = skill(0.52, 100_000_000);
    let next = crowd.cases()[0].next;
    assert_eq!(next.who, None);
    near(next.help, 2f64.ln());
    crowd.skipped.clear();
    crowd.below[3] = true;
    assert_eq!(crowd.cases()[0].next.who, None);
    // An annotator who gets no documents is not asked either.
    crowd.below[3] = false;
    assert_eq!(crowd.cases()[0].next.who, Some(3));
    crowd.away[3] = true;
    assert_eq!(crowd.cases()[0].next.who, None);
}

#[test]
fn people_who_answer_nothing_else_are_heard_against_a_control_item() {
    // With these accuracies, nobody is much better than chance, so the belief stays with the known
    // label. The votes alone contradict it.
    let mut crowd = Crowd::new(&[("c", "ann", N), ("c", "ben", N), ("c", "cem", N)]);
    crowd.known = vec![Some(P)];
    crowd.skills.iter_mut().for_each(|of| *of = skill(0.51, 100_000));
    let cases = crowd.cases();
    assert_eq!(cases[0].reasons, [Reason::KnownContradicted]);
    assert!(cases[0].belief[0] > 0.9, "{:?}", cases[0].belief);
}

#[test]
fn a_known_label_that_the_answers_contradict_by_hand() {
    let mut crowd =
        Crowd::new(&[("c", "ann", N), ("c", "ben", N), ("d", "ann", P), ("d", "ben", P), ("e", "ben", N)]);
    crowd.known = vec![Some(P), Some(P), Some(P)];
    let cases = crowd.cases();
    // For "c" the odds are 0.95 / 0.05 for the known label against (0.8 / 0.2)² for the answers: 19
    // : 16, so the known label still leads. For "e" they are 19 : 4. Three answers make 19 : 64.
    assert!(cases.is_empty(), "{cases:?}");
    // Any majority contradicts a label that was only imported.
    crowd.imported = vec![true; 3];
    let items: Vec<usize> = crowd.cases().iter().map(|case| case.item).collect();
    assert_eq!(items, [0, 2]);
    let mut crowd = Crowd::new(&[("c", "ann", N), ("c", "ben", N), ("c", "cem", N)]);
    crowd.known = vec![Some(P)];
    let cases = crowd.cases();
    assert_eq!((cases[0].reasons.as_slice(), cases[0].next.who), (&[Reason::KnownContradicted][..], None));
    let b = 64.0 / 83.0;
    near(cases[0].belief[1], b);
    // KL(b ‖ s) + H(b) = -Σ b ln s.
    near(cases[0].next.help, -b * 0.05f64.ln() - (1.0 - b) * 0.95f64.ln());
}

#[test]
fn labels_that_rest_on_annotators_below_a_threshold() {
    let triples = [
        ("x", "bad", P),
        ("y", "bad", P),
        ("y", "good", P),
        ("z", "bad", P),
        ("z", "good", N),
        ("z", "fine", N),
    ];
    let mut crowd = Crowd::new(&triples);
    crowd.below = vec![true, false, false];
    let found: Vec<_> =
        crowd.cases().into_iter().filter(|case| case.reasons.contains(&Reason::BelowThreshold)).collect();
    assert_eq!(found.iter().map(|case| case.item).collect::<Vec<_>>(), [0]);
    crowd.closed[0] = true;
    assert!(crowd.cases().iter().all(|case| case.item != 0));
}

#[test]
fn the_posterior_of_a_method_that_models_annotators_is_taken_over() {
    let crowd = Crowd::new(&[("t", "ann", P), ("t", "ben", N)]);
    let posteriors = Probabilities::new(array![[0.9, 0.1]]).unwrap();
    let reviewer = crowd.reviewer();
    let evidence =
        Evidence { posteriors: Some(&posteriors), verdicts: &[Verdict::Label(P)], ..reviewer.evidence };
    assert!(Reviewer::new(evidence).unwrap().cases().unwrap().is_empty());
    let strict = Evidence { min_confidence: 0.95, ..evidence };
    let cases = Reviewer::new(strict).unwrap().cases().unwrap();
    assert_eq!(cases[0].belief, [0.9, 0.1]);
    assert!(Reviewer::new(Evidence { known: &[], ..evidence }).is_err());
}

#[test]
fn an_item_that_was_only_skipped() {
    let crowd = Crowd::new(&[("u", "ann", P), ("u", "ben", P), ("v", "ann", N), ("v", "ben", N)]);
    let next = crowd.reviewer().unanswered(&[0]);
    assert_eq!(next.who, Some(1));
    near(next.help, 2f64.ln() - h(0.8));
    assert_eq!(crowd.reviewer().unanswered(&[0, 1]).who, None);
}

fn distribution(k: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.001f64..1.0, k).prop_map(|weights| {
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    })
}

proptest! {
    #[test]
    fn information_is_the_expected_fall_of_entropy(
        b in distribution(4),
        rows in prop::collection::vec(distribution(4), 4),
    ) {
        let rates = Array2::from_shape_vec((4, 4), rows.concat()).unwrap();
        let confusion = Skill { accuracy: Some(0.5), interval: None, evidence: None, answers: usize::MAX, confusion: Some(rates) };
        let model = &model::models(&[confusion], 4)[0];
        // For every possible answer, add its probability times the entropy that remains after it.
        let left: f64 = (0..4)
            .map(|label| {
                let joint: Vec<f64> = (0..4).map(|class| b[class] * model.rate(class, label)).collect();
                let p: f64 = joint.iter().sum();
                p * entropy(&joint.iter().map(|joint| joint / p).collect::<Vec<_>>())
            })
            .sum();
        let information = model.information(&b);
        prop_assert!((information - (entropy(&b) - left)).abs() < 1e-9);
        prop_assert!(information >= 0.0 && information <= entropy(&b) + 1e-12);
    }

    #[test]
    fn a_better_annotator_tells_more(b in distribution(3), low in 0.34f64..0.9, more in 0.01f64..0.1) {
        let skills = [skill(low, 1_000_000), skill(low + more, 1_000_000)];
        let models = model::models(&skills, 3);
        prop_assert!(models[1].information(&b) >= models[0].information(&b) - 1e-9);
    }
}
