//! Divides a batch among annotators. The round's seed decides who gets what, so the same annotators
//! get the same documents in every call.

use std::collections::{BTreeMap, BTreeSet};

use querist_core::{Answer, Assignment, Pick, Role, Seed, Share, Snapshot};
use querist_engine::controls::Seen;
use querist_engine::{Answers, Item, assign};
use querist_store::workspace::Draft;

use super::batch::{HandOut, check_names};
use crate::error::{Result, SessionError};
use crate::opened::Opened;
use crate::people::takes_documents;
use crate::round::files;

/// For each annotator, the name and the picks, in the batch's order. If no annotators are named, a
/// single entry without a name holds all picks.
pub(super) type Shares<'a> = Vec<(Option<String>, Vec<&'a Pick>)>;
/// Assignments: a document's index in the snapshot, and the name of an annotator who gets it.
pub(super) type Pairs = BTreeSet<(usize, String)>;

/// Divides the picks among annotators. Returns each annotator's picks, and the assignments to
/// store. The latter are `None` if the workspace already stores the same assignments.
pub(super) fn shares<'a>(
    options: &HandOut<'_>,
    (opened, snapshot): (&Opened, &Snapshot),
    round: &Draft,
    (picks, lacking): (&'a [Pick], &BTreeMap<usize, usize>),
) -> Result<(Shares<'a>, Option<Pairs>)> {
    let number = round.record.number;
    let pairs: Pairs = snapshot
        .assignments
        .iter()
        .filter(|assignment| assignment.round == number)
        .map(|assignment| (assignment.document, assignment.annotator.clone()))
        .collect();
    let Some(names) = options.annotators else {
        let nobody = pairs.is_empty();
        let shares = if nobody { vec![(None, picks.iter().collect())] } else { by_name(&pairs, picks) };
        return Ok((shares, None));
    };
    let answers = match options.answers_per_item {
        Some(per_item) => Answers::Each(per_item),
        None => Answers::Share(files::overlap(round)?),
    };
    let names: Vec<String> = names.iter().map(|name| opened.person(snapshot, name)).collect::<Result<_>>()?;
    check_names(&names)?;
    names.iter().try_for_each(|name| takes_documents(snapshot, name))?;
    check_answers(number, answers, names.len())?;
    // Sort the names, so that the caller may give them in any order.
    let names: Vec<&String> = names.iter().collect::<BTreeSet<_>>().into_iter().collect();
    let draw = |done: &BTreeSet<usize>| {
        let open: Vec<&Pick> = picks.iter().filter(|pick| !done.contains(&pick.document)).collect();
        // Documents that are done keep their stored assignments.
        let kept = pairs.iter().filter(|(document, _)| done.contains(document)).cloned();
        let mut drawn = drawn(snapshot, (number, round.record.seed), (&open, lacking), &names, answers);
        drawn.extend(kept);
        drawn
    };
    // If the caller names the same annotators again and no other number of answers, keep the stored
    // assignments. The same files are then written, whatever was answered since.
    let before: BTreeSet<&String> = pairs.iter().map(|(_, name)| name).collect();
    let same = before.iter().copied().eq(names.iter().copied()) && options.answers_per_item.is_none();
    if same && !options.reassign {
        return Ok((by_name(&pairs, picks), None));
    }
    // If all annotators of a document have answered it, the document is not handed out again,
    // unless the new assignments equal the stored ones.
    let (all, done) = (draw(&BTreeSet::new()), done(snapshot, number));
    let drawn = if pairs == all || done.is_empty() { all } else { draw(&done) };
    if !pairs.is_empty() && pairs != drawn && !options.reassign {
        let to = before.into_iter().cloned().collect();
        return Err(SessionError::HandedOut { round: number, to });
    }
    if pairs == drawn {
        return Ok((by_name(&drawn, picks), None));
    }
    let asked = drawn.iter().filter(|(document, _)| !done.contains(document)).cloned().collect();
    Ok((by_name(&asked, picks), Some(drawn)))
}

/// Assigns the picks to the annotators called `names`, by chance from the round's seed.
fn drawn(
    snapshot: &Snapshot,
    (round, seed): (u32, Seed),
    (picks, lacking): (&[&Pick], &BTreeMap<usize, usize>),
    names: &[&String],
    answers: Answers,
) -> Pairs {
    let answers_of = |document: usize| {
        let by = |answer: &Answer| answer.document.cmp(&document);
        let first = snapshot.answers.partition_point(|answer| by(answer).is_lt());
        snapshot.answers[first..].partition_point(|answer| by(answer).is_eq())
    };
    let kind = |pick: &&Pick| match lacking.get(&pick.document) {
        Some(n) => Item::Lacking(*n),
        None if snapshot.documents[pick.document].role == Role::Control => Item::Control,
        None => match answers_of(pick.document) {
            0 => Item::Usual,
            there => Item::Answered(there),
        },
    };
    let items: Vec<Item> = picks.iter().map(kind).collect();
    // Ignore what annotators got in this round, so that the same call yields the same assignments.
    let met = Seen::before(snapshot, round);
    let has_seen = |item: usize, name: usize| match items[item] {
        Item::Control => met.has(names[name], picks[item].document),
        Item::Usual => false,
        Item::Answered(_) => snapshot.has_answered(names[name], picks[item].document),
        Item::Lacking(_) => had(snapshot, round, names[name], picks[item].document),
    };
    let drawn = assign(&items, &has_seen, names.len(), answers, (seed, round));
    let of = |(pick, chosen): (&&Pick, &Vec<usize>)| {
        chosen.iter().map(|at| (pick.document, names[*at].clone())).collect::<Vec<_>>()
    };
    picks.iter().zip(&drawn).flat_map(of).collect()
}

/// Returns the documents of a round that all their annotators of this round have answered.
/// Documents that need answers of further annotators are not included.
fn done(snapshot: &Snapshot, round: u32) -> BTreeSet<usize> {
    let of_round = || snapshot.assignments.iter().filter(|assignment| assignment.round == round);
    let is_open =
        |assignment: &&Assignment| !snapshot.has_answered(&assignment.annotator, assignment.document);
    let open: BTreeSet<usize> = of_round().filter(is_open).map(|assignment| assignment.document).collect();
    let record = snapshot.rounds.iter().find(|record| record.number == round);
    let lacks =
        |document: &usize| record.is_some_and(|record| record.lacking.iter().any(|(of, _)| of == document));
    let documents = of_round().map(|assignment| assignment.document);
    documents.filter(|document| !open.contains(document) && !lacks(document)).collect()
}

/// Returns documents of earlier rounds that round `number` hands out again because they lack
/// answers. The value is the number of answers that each lacks. Documents that the round already
/// handed out for this reason are always included, the others only if the batch goes to annotators
/// by name (`by_name`).
pub(super) fn lacking(snapshot: &Snapshot, number: u32, by_name: bool) -> BTreeMap<usize, usize> {
    let mut lacking = BTreeMap::new();
    if by_name {
        for round in snapshot.rounds.iter().filter(|round| round.number < number) {
            lacking.extend(round.lacking.iter().copied());
        }
    }
    let record = snapshot.rounds.iter().find(|round| round.number == number);
    let own: BTreeSet<usize> =
        record.into_iter().flat_map(|round| &round.picks).map(|pick| pick.document).collect();
    for assignment in snapshot.assignments.iter().filter(|assignment| assignment.round == number) {
        if !own.contains(&assignment.document) {
            *lacking.entry(assignment.document).or_default() += 1;
        }
    }
    lacking.retain(|document, _| !own.contains(document));
    lacking
}

/// Makes a pick of a document of an earlier round. It comes after all picks of this round.
pub(super) fn lacking_pick(document: usize) -> Pick {
    Pick {
        document,
        rank: u32::MAX,
        share: Share::Uncertainty,
        quota: None,
        reason: String::new(),
        fallback: false,
        score: None,
        probabilities: None,
    }
}

/// Returns whether an annotator has answered a document, or got it in another round than `round`.
/// If the annotator got it in `round`, answers do not matter.
fn had(snapshot: &Snapshot, round: u32, name: &str, document: usize) -> bool {
    let own =
        |assignment: &&Assignment| (assignment.document, assignment.annotator.as_str()) == (document, name);
    let mut rounds = snapshot.assignments.iter().filter(own).map(|assignment| assignment.round);
    if rounds.clone().any(|of| of == round) {
        return rounds.any(|of| of != round);
    }
    rounds.next().is_some() || snapshot.has_answered(name, document)
}

/// Returns for each annotator in `pairs` the name and the assigned picks.
fn by_name<'a>(pairs: &Pairs, picks: &'a [Pick]) -> Shares<'a> {
    let names: BTreeSet<&String> = pairs.iter().map(|(_, name)| name).collect();
    let of = |name: &String| {
        let has = |pick: &&Pick| pairs.contains(&(pick.document, name.clone()));
        (Some(name.clone()), picks.iter().filter(has).collect())
    };
    names.into_iter().map(of).collect()
}

/// Checks that there are enough annotators: each answer to an item must come from a different one.
fn check_answers(round: u32, answers: Answers, annotators: usize) -> Result<()> {
    let most = answers.most();
    if (1..=annotators).contains(&most) {
        return Ok(());
    }
    let expected = format!("from 1 to {annotators}, the number of annotators");
    Err(match answers {
        Answers::Each(_) => SessionError::out_of_range("answers-per-item", most, expected),
        Answers::Share(_) => SessionError::TooFewAnnotators { round, answers_per_item: most, annotators },
    })
}
