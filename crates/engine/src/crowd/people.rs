//! The annotators of a file of answers: their skills, their flags, and their confusion tables.

use querist_core::{Annotation, AnnotationSet, Class, Proportion, Skill, SkillEvidence};
use querist_quality::verdict::ENOUGH;
use querist_quality::{Judgement, Record, Scale, Standing, copies, judge, one_label};
use querist_report as report;
use querist_report::Trust;
use querist_report::crowd::CrowdAnnotator;

use super::{CrowdAnswers, DECIDED, SHOWN};
use crate::error::EngineError;
use crate::standing::standing;

/// The verdict on an annotator whose skill is not trusted.
const WITHHELD: &str = "withheld";

/// Returns one row per annotator, in the order of the annotation set. `intervals` says whether
/// skill intervals can be trusted. If not, no annotator is flagged because of their skill.
pub(super) fn annotators(
    answers: &CrowdAnswers<'_>,
    min_accuracy: f64,
    intervals: &Trust,
) -> Result<Vec<CrowdAnnotator>, EngineError> {
    let annotations = answers.annotations;
    let n = annotations.annotators().len();
    let (mut on_gold, mut right) = (vec![0; n], vec![0; n]);
    for entry in annotations.entries() {
        if let Some(gold) = answers.gold[entry.item as usize] {
            on_gold[entry.annotator as usize] += 1;
            right[entry.annotator as usize] += usize::from(entry.label == gold);
        }
    }
    let mut flags = behaviour(answers)?;
    let known = answers.gold.iter().any(Option::is_some);
    let skills = answers.aggregation.skills.iter().enumerate();
    let judged = judgements(&answers.aggregation.skills, (&right, &on_gold), min_accuracy, intervals.trusted);
    let row = |(place, skill): (usize, &Skill)| {
        let mut flags = std::mem::take(&mut flags[place]);
        let judgement = judged[place];
        if judgement.is_some_and(|judgement| judgement.standing == Standing::Below) {
            flags.insert(0, format!("surely below {min_accuracy:.2}"));
        }
        let what = match judgement.map(|judgement| judgement.record) {
            Some(Record::Counts { .. }) => "true labels",
            _ => "answers",
        };
        // This many answers to items with true labels are better evidence of skill than any
        // method's estimate.
        let decided = (on_gold[place] >= DECIDED).then(|| SkillEvidence {
            right: right[place] as f64,
            wrong: (on_gold[place] - right[place]) as f64,
        });
        let interval = decided.map(SkillEvidence::interval).or(skill.interval);
        let accuracy = decided.map(|seen| seen.right / (seen.right + seen.wrong)).or(skill.accuracy);
        CrowdAnnotator {
            annotator: annotations.annotators()[place].clone(),
            answers: skill.answers,
            skill: accuracy,
            interval,
            gold: known.then(|| Proportion::of(right[place], on_gold[place])),
            standing: match judgement {
                Some(judgement) => Some(standing(&judgement, what)),
                None => withheld(skill, on_gold[place], min_accuracy, intervals),
            },
            flags,
        }
    };
    Ok(skills.map(row).collect())
}

/// Returns the suspicious traits of each annotator, as phrases. An annotator is suspicious if they
/// give one label far more often than others do, or if they give the same unusual answers as
/// another annotator.
fn behaviour(answers: &CrowdAnswers<'_>) -> Result<Vec<Vec<String>>, EngineError> {
    let annotations = answers.annotations;
    let n = annotations.annotators().len();
    let mut flags: Vec<Vec<String>> = vec![Vec::new(); n];
    for one in one_label(annotations)?.into_iter().filter(|one| one.flagged) {
        let label = &answers.labels[one.label.index()];
        let (own, others) = (one.share * 100.0, one.others * 100.0);
        flags[one.annotator].push(format!("answers \"{label}\" in {own:.0} %, others in {others:.0} %"));
    }
    let mut alike: Vec<Vec<&str>> = vec![Vec::new(); n];
    for pair in copies(annotations, answers.gold)?.pairs {
        for (own, other) in [(pair.a, pair.b), (pair.b, pair.a)] {
            alike[own].push(&annotations.annotators()[other]);
        }
    }
    for (flags, alike) in flags.iter_mut().zip(&alike) {
        match alike[..] {
            [] => {}
            [one] => flags.push(format!("gives the same unusual answers as {one}")),
            [one, ..] => {
                flags.push(format!("gives the same unusual answers as {one} and {} more", alike.len() - 1));
            }
        }
    }
    Ok(flags)
}

/// Compares each annotator with the accuracy that annotators should reach. An annotator with enough
/// answers to items with a true label is judged by these answers. Any other annotator is judged by
/// their skill, if its interval is trusted. `None` for the rest.
fn judgements(
    skills: &[Skill],
    (right, on_gold): (&[usize], &[usize]),
    min_accuracy: f64,
    trusted: bool,
) -> Vec<Option<Judgement>> {
    let of = |(place, skill): (usize, &Skill)| match (on_gold[place], skill.accuracy, skill.interval) {
        (n, ..) if n >= ENOUGH => Some(Record::Counts { right: right[place], n }),
        (_, Some(share), Some(interval)) if trusted => {
            let tail = skill.evidence.map(|evidence| evidence.at_least(min_accuracy));
            Some(Record::Estimate { share, interval, n: skill.answers, tail })
        }
        _ => None,
    };
    let records: Vec<Option<Record>> = skills.iter().enumerate().map(of).collect();
    let people: Vec<(Record, f64)> = records.iter().flatten().map(|record| (*record, min_accuracy)).collect();
    let mut judged = judge(&people).into_iter();
    records.into_iter().map(|record| record.and_then(|_| judged.next())).collect()
}

/// Returns the standing of an annotator whose skill is not trusted: no verdict, and the reason why.
/// `None` if the annotator has no skill, or if skills are trusted.
fn withheld(skill: &Skill, on_gold: usize, threshold: f64, intervals: &Trust) -> Option<report::Standing> {
    let (value, interval) = (skill.accuracy?, skill.interval?);
    if intervals.trusted {
        return None;
    }
    Some(report::Standing {
        verdict: WITHHELD.to_owned(),
        threshold,
        n: skill.answers,
        value: Some(value),
        low: Some(interval.low),
        high: Some(interval.high),
        p: None,
        why: format!(
            "the skill intervals cannot be trusted; a verdict needs answers to {ENOUGH} items with true \
             labels, and there are {on_gold}"
        ),
    })
}

/// Returns the indices of at most [`SHOWN`] annotators for the report: flagged annotators first,
/// then the annotators with the most answers.
pub(super) fn first(annotators: &[CrowdAnnotator]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..annotators.len()).collect();
    places.sort_by_key(|place| {
        let annotator = &annotators[*place];
        // False sorts before true, so flagged annotators come first.
        (annotator.flags.is_empty(), std::cmp::Reverse(annotator.answers), *place)
    });
    places.truncate(SHOWN);
    places
}

/// Returns a confusion table for each annotator in `places` (their indices). The table compares the
/// annotator's answers with the items' true labels; an item without a true label counts with its
/// consensus label.
pub(super) fn confusions(answers: &CrowdAnswers<'_>, places: &[usize]) -> report::Confusions {
    let of = |place: &usize| {
        let mut pairs: Vec<(Class, Class)> = answers
            .annotations
            .of_annotator(*place)
            .filter_map(|(item, label)| {
                let item = item as usize;
                Some((answers.gold[item].or_else(|| answers.label(item))?, label))
            })
            .collect();
        pairs.sort_unstable();
        let cells = pairs.chunk_by(|a, b| a == b);
        report::Confusion {
            annotator: answers.annotations.annotators()[*place].clone(),
            cells: cells.map(|run| (run[0].0.index(), run[0].1.index(), run.len())).collect(),
            rank_error: None,
        }
    };
    let mut annotators: Vec<report::Confusion> = places.iter().map(of).collect();
    annotators.retain(|annotator| !annotator.cells.is_empty());
    let confusions = report::Confusions { annotators };
    match answers.scale {
        Scale::Nominal => confusions,
        Scale::Ordinal => confusions.ordered(),
    }
}

/// Returns the answers of the annotators whose indices are in `places`, which must be ascending.
pub(super) fn answers_of(annotations: &AnnotationSet, places: &[usize]) -> AnnotationSet {
    let chosen = |entry: &&Annotation| places.binary_search(&(entry.annotator as usize)).is_ok();
    let some = annotations.entries().iter().filter(chosen).map(|entry| {
        let item = annotations.items()[entry.item as usize].as_str();
        (item, annotations.annotators()[entry.annotator as usize].as_str(), entry.label)
    });
    AnnotationSet::new(some, annotations.n_classes())
}
