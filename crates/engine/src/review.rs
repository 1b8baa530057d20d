//! Review: finds the documents that a person should look at ([`querist_quality::review`]).
//!
//! Documents that an expert decided are left out. An imported label, or the label of a control
//! item, is evidence like an answer. So a control item that contradicts its answers needs review
//! too, because its label may be wrong. If a document was only skipped, the class frequencies are
//! the only evidence.
//!
//! Skills come from the aggregator, unless it is a vote: everybody agrees with their own vote, so a
//! vote cannot measure skills. Then an annotator's skill is measured on their answers to control
//! items or, if there are none, on the documents that others answered too.

use querist_core::{Class, Posteriors, Role, Skill, SkillEvidence, Snapshot};
use querist_quality::{AnnotatorControl, Evidence, Reason, Reviewer, Standing, control};
use querist_report as report;
use querist_report::markdown::excerpt;

use crate::error::EngineError;
use crate::settings::Standards;
use crate::situation::Situation;
use crate::undecided::Undecided;

/// A document that needs review.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewCase {
    /// The document's index in the snapshot.
    pub document: usize,
    /// Names of the reasons, as in the report, most urgent first.
    pub reasons: Vec<&'static str>,
    /// The entropy of the probabilities of the document's classes, in nats.
    pub entropy: f64,
    /// By how much one more answer is expected to lower this entropy, in nats.
    pub help: f64,
    /// Name of the annotator who should answer; `None` if an expert should.
    pub who: Option<String>,
}

/// Returns the documents that need review. The document for which one more answer helps most comes
/// first; equal documents are sorted by id.
///
/// # Errors
/// The answers and the labels do not fit together, which would be a bug.
pub fn review(
    snapshot: &Snapshot,
    situation: &Situation,
    standards: &Standards,
) -> Result<Vec<ReviewCase>, EngineError> {
    let annotations = &situation.annotations;
    let documents = &situation.documents;
    let controls = control(annotations, &control_truth(snapshot, situation), standards.thresholds)?;
    let below: Vec<bool> = controls.iter().map(|one| one.standing() == Standing::Below).collect();
    let gets_none = |name: &String| {
        snapshot.person(name).is_some_and(|person| person.paused || person.excluded.is_some())
    };
    let away: Vec<bool> = annotations.annotators().iter().map(gets_none).collect();
    let votes = situation.posteriors_are == Posteriors::VoteShares;
    let skills = if votes { skills_by_vote(situation, &controls) } else { situation.skills.clone() };
    let known: Vec<Option<Class>> =
        documents.iter().map(|document| snapshot.documents[*document].label).collect();
    let imported: Vec<bool> =
        documents.iter().map(|document| snapshot.documents[*document].role != Role::Control).collect();
    let closed: Vec<bool> = documents.iter().map(|document| snapshot.settled(*document).is_some()).collect();
    let skips = Skips::of(snapshot, situation);
    let reviewer = Reviewer::new(Evidence {
        annotations,
        verdicts: &situation.verdicts,
        posteriors: (!votes).then_some(&situation.posteriors),
        skills: &skills,
        known: &known,
        imported: &imported,
        closed: &closed,
        below: &below,
        away: &away,
        skipped: &skips.of_answered,
        min_confidence: standards.min_confidence,
    })?;
    let name = |who: Option<usize>| who.map(|annotator| annotations.annotators()[annotator].clone());
    let mut cases: Vec<ReviewCase> = reviewer
        .cases()?
        .into_iter()
        .map(|case| {
            let document = documents[case.item];
            let role = snapshot.documents[document].role;
            let reasons = case.reasons.iter().map(|reason| reason_name(*reason, role)).collect();
            let (help, who) = (case.next.help, name(case.next.who));
            ReviewCase { document, reasons, entropy: case.entropy, help, who }
        })
        .collect();
    for (document, by) in &skips.only {
        let next = reviewer.unanswered(by);
        // An expert would remove all doubt, so the gain expected from an expert equals the entropy.
        let entropy = reviewer.unanswered(&(0..annotations.annotators().len()).collect::<Vec<_>>()).help;
        let (help, who) = (next.help, name(next.who));
        cases.push(ReviewCase { document: *document, reasons: vec!["only-skipped"], entropy, help, who });
    }
    cases.sort_by(|a, b| b.help.total_cmp(&a.help).then(a.document.cmp(&b.document)));
    Ok(cases)
}

/// Makes the report's row for one document that needs review. `text` returns a document's text,
/// given its index in the snapshot.
///
/// # Errors
/// The text cannot be read.
pub fn review_item(
    snapshot: &Snapshot,
    case: &ReviewCase,
    text: &mut dyn FnMut(usize) -> Result<String, EngineError>,
) -> Result<report::ReviewItem, EngineError> {
    let first = snapshot.answers.partition_point(|answer| answer.document < case.document);
    let answers = snapshot.answers[first..].iter().take_while(|answer| answer.document == case.document);
    let mut counts = vec![0; snapshot.labels.len()];
    let mut skips = 0;
    for answer in answers {
        match answer.label {
            Some(class) => counts[class.index()] += 1,
            None => skips += 1,
        }
    }
    let votes = snapshot.labels.names().iter().zip(counts).filter(|(_, count)| *count > 0);
    Ok(report::ReviewItem {
        id: snapshot.documents[case.document].id.to_string(),
        text: excerpt(&text(case.document)?, report::section::conflicts::EXCERPT),
        reasons: case.reasons.iter().map(|reason| (*reason).to_owned()).collect(),
        votes: votes.map(|(label, count)| (label.clone(), count)).collect(),
        skips,
        entropy: case.entropy,
        help: case.help,
        who: case.who.clone(),
        remarks: Vec::new(),
    })
}

/// The names of all reasons, most urgent first.
const REASONS: [&str; 6] =
    ["control-missed", "label-contradicted", "tie", "only-skipped", "below-threshold", "uncertain"];

/// Makes the report's section about review: the number of documents for each reason, and the first
/// `top` documents.
///
/// # Errors
/// A text cannot be read.
pub fn review_section(
    snapshot: &Snapshot,
    cases: &[ReviewCase],
    top: usize,
    text: &mut dyn FnMut(usize) -> Result<String, EngineError>,
) -> Result<report::Review, EngineError> {
    let count = |reason: &str| cases.iter().filter(|case| case.reasons.contains(&reason)).count();
    let counts = REASONS.iter().map(|reason| ((*reason).to_owned(), count(reason)));
    let items: Result<Vec<_>, _> =
        cases.iter().take(top).map(|case| review_item(snapshot, case, text)).collect();
    Ok(report::Review {
        total: cases.len(),
        reasons: counts.filter(|(_, count)| *count > 0).collect(),
        top: items?,
    })
}

/// Returns the name that reports use for a reason.
fn reason_name(reason: Reason, role: Role) -> &'static str {
    match reason {
        Reason::KnownContradicted if role == Role::Control => REASONS[0],
        Reason::KnownContradicted => REASONS[1],
        Reason::Tie => REASONS[2],
        Reason::BelowThreshold => REASONS[4],
        Reason::Uncertain => REASONS[5],
    }
}

/// Returns the known label of each answered item that is a control item; `None` for other items.
pub(crate) fn control_truth(snapshot: &Snapshot, situation: &Situation) -> Vec<Option<Class>> {
    let of = |document: &usize| {
        snapshot.known_label(*document).filter(|_| snapshot.documents[*document].role == Role::Control)
    };
    situation.documents.iter().map(of).collect()
}

/// Returns the annotators' skills if the aggregator is a vote. A skill is the accuracy on control
/// items. An annotator without answers to control items keeps the aggregator's skill, which then
/// rests on the documents that others answered too.
fn skills_by_vote(situation: &Situation, controls: &[AnnotatorControl]) -> Vec<Skill> {
    let annotations = &situation.annotations;
    let mut shared = vec![0; annotations.annotators().len()];
    for entry in annotations.entries() {
        shared[entry.annotator as usize] += usize::from(annotations.of_item(entry.item as usize).len() > 1);
    }
    let of = |(annotator, skill): (usize, &Skill)| match controls.get(annotator).filter(|one| one.n > 0) {
        Some(one) => {
            let (right, wrong) = (one.correct as f64, (one.n - one.correct) as f64);
            Skill {
                accuracy: one.accuracy,
                interval: one.interval,
                evidence: Some(SkillEvidence { right, wrong }),
                answers: one.n,
                confusion: None,
            }
        }
        None => Skill { answers: shared[annotator], ..skill.clone() },
    };
    situation.skills.iter().enumerate().map(of).collect()
}

/// The skips of documents, by whether the document has an answer that is not a skip.
struct Skips {
    /// Documents that have such an answer: pairs (item, annotator who skipped it), sorted.
    of_answered: Vec<(u32, u32)>,
    /// Documents that have only skips and no label. For each document, the annotators who skipped
    /// it; annotators who have never answered anything are left out.
    only: Vec<(usize, Vec<usize>)>,
}

impl Skips {
    /// Collects the skips of a snapshot.
    fn of(snapshot: &Snapshot, situation: &Situation) -> Self {
        let (mut of_answered, mut only) = (Vec::new(), Vec::new());
        let undecided = Undecided::of(snapshot, situation);
        for answers in snapshot.answers.chunk_by(|a, b| a.document == b.document) {
            let document = answers[0].document;
            let skipped = answers.iter().filter(|answer| answer.label.is_none());
            let by: Vec<usize> =
                skipped.filter_map(|answer| situation.annotator_of(answer.annotator)).collect();
            match situation.item_of(document) {
                Some(item) => of_answered.extend(by.iter().map(|annotator| (item as u32, *annotator as u32))),
                None if undecided.only_skipped.binary_search(&document).is_ok() => only.push((document, by)),
                None => {}
            }
        }
        of_answered.sort_unstable();
        Self { of_answered, only }
    }
}
