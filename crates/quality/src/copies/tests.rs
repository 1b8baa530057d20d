//! Copies worked by hand. `tests/copies.rs` measures how often copies, and innocent people, are
//! flagged.

use super::*;

fn set(triples: &[(usize, usize, u16)], k: usize) -> AnnotationSet {
    let names: Vec<(String, String)> =
        triples.iter().map(|(item, who, _)| (format!("{item:06}"), format!("{who:04}"))).collect();
    let triples = names.iter().zip(triples);
    AnnotationSet::new(triples.map(|((item, who), (_, _, l))| (item.as_str(), who.as_str(), Class(*l))), k)
}

/// Returns answers to forty items whose label is class 0. Annotator a is wrong on every
/// `every[a]`-th item, counted from their own number.
fn periodic(every: &[usize]) -> AnnotationSet {
    let triples: Vec<_> = (0..40)
        .flat_map(|item| {
            every
                .iter()
                .enumerate()
                .map(move |(who, every)| (item, who, u16::from((item + who) % every == 0)))
        })
        .collect();
    set(&triples, 2)
}

#[test]
fn shared_answers_by_hand() {
    // Annotator 3 copies annotator 0, who is wrong on ten items; the others are wrong on other
    // items.
    let mut triples = Vec::new();
    for item in 0..40 {
        let wrong = |who: usize| u16::from(item % 4 == who);
        triples.extend([(item, 0, wrong(0)), (item, 1, wrong(1)), (item, 2, wrong(2)), (item, 3, wrong(0))]);
    }
    let set = set(&triples, 2);
    let known = vec![Some(Class(0)); 40];
    let found = copies(&set, &known).unwrap();
    assert_eq!(found.tests, 6);
    let [pair] = &found.pairs[..] else { panic!("{found:?}") };
    assert_eq!((pair.a, pair.b, pair.shared, pair.unusual, pair.same_wrong), (0, 3, 40, 10, 10));
    // The chance q of the pair is the larger of two estimates. The other pairs share nothing, so
    // they have S / U = (0 + 1) / (20 + 4). By their own rates, both of the pair are wrong on an
    // item with the probability w², where the crowd's rate is 1/4 and w = (10 + 2/4) / 42. So they
    // share 40 w² of (20 - 40 w²) unusual items, which is more; ρ is 1.
    let w = 10.5 / 42.0;
    let chance = 40.0 * w * w / (20.0 - 40.0 * w * w);
    assert!((pair.expected - 10.0 * chance).abs() < 1e-12, "{}", pair.expected);
    let q = chance + (1.0 - chance) * 0.4;
    assert!((pair.p - 6.0 * q.powi(10)).abs() < 1e-12, "{}", pair.p);
}

#[test]
fn own_errors_explain_shared_ones() {
    // Two people who are wrong on every item always give the same answer, even if neither copies.
    let set = periodic(&[1, 1, 7, 11, 13]);
    assert!(copies(&set, &[Some(Class(0)); 40]).unwrap().pairs.is_empty());
}

#[test]
fn who_is_right_against_a_bent_consensus_is_not_accused() {
    // Annotators 0 and 1 are one person, and 2 joins them on every second item. Where these three
    // are wrong, 3 and 4 are right together, against the majority.
    let mut triples = Vec::new();
    for item in 0..200usize {
        let wrong = |who: usize, every: usize| u16::from((item * 7 + who * 3).is_multiple_of(every));
        let copied = wrong(0, 5);
        triples.extend([
            (item, 0, copied),
            (item, 1, copied),
            (item, 2, if item % 2 == 0 { copied } else { wrong(2, 9) }),
        ]);
        triples.extend([(item, 3, wrong(3, 11)), (item, 4, wrong(4, 12))]);
    }
    let found = copies(&set(&triples, 2), &[None; 200]).unwrap();
    assert!(found.pairs.iter().all(|pair| pair.a == 0 && pair.b == 1), "{found:?}");
}

#[test]
fn too_few_items_say_how_many_it_takes() {
    let found = copies(&periodic(&[5, 6, 7, 8, 9]), &[None; 40]).unwrap();
    assert!(found.pairs.is_empty());
    let needs = found.needs.unwrap();
    assert!(needs > found.most_shared && needs < 400, "{found:?}");
    assert_eq!(found.most_shared, 40);
    // Nobody gives unusual answers, so copies cannot be found, however many items there are.
    let usual: Vec<_> = (0..40).flat_map(|item| (0..4).map(move |who| (item, who, 0))).collect();
    assert_eq!(copies(&set(&usual, 2), &[Some(Class(0)); 40]).unwrap().needs, None);
}

#[test]
fn two_annotators_alone_tell_nothing() {
    let triples: Vec<_> = (0..40).flat_map(|item| [(item, 0, 1), (item, 1, 1)]).collect();
    let found = copies(&set(&triples, 2), &[Some(Class(0)); 40]).unwrap();
    assert!(found.pairs.is_empty() && found.needs.is_none());
}

#[test]
fn items_with_few_answers_and_crowded_ones_are_left_out() {
    let triples: Vec<_> = (0..5).flat_map(|item| (0..=CROWDED).map(move |who| (item, who, 1))).collect();
    let crowded = set(&triples, 2);
    assert_eq!(copies(&crowded, &[Some(Class(0)); 5]).unwrap().tests, 0);
    let three: Vec<_> = (0..5).flat_map(|item| (0..3).map(move |who| (item, who, 1))).collect();
    assert_eq!(copies(&set(&three, 2), &[None; 5]).unwrap().tests, 0);
    assert_eq!(copies(&set(&three, 2), &[Some(Class(1)); 5]).unwrap().tests, 3);
    assert!(copies(&crowded, &[]).is_err());
    assert!(copies(&crowded, &[Some(Class(2)); 5]).is_err());
}
