//! The situation of a workspace: which documents are open, and which are labelled.
//!
//! A pool document is **labelled** by an expert's decision, or else by the label that came with it,
//! or else by the consensus of its annotators. It is **open** as long as no batch had it, nobody
//! answered it and no expert left it out. [`crate::State`] names the other states. Ties and
//! documents that were only skipped are never open: asking the same people again does not help, so
//! they are listed for review.

use querist_core::round::Part;
use querist_core::{
    Aggregation, Aggregator, AnnotationSet, Class, Condition, Known, Numbered, Posteriors, Probabilities,
    Role, Skill, Snapshot, Verdict,
};
use querist_quality::Scale;

use crate::controls;
use crate::error::{EngineError, StepContext};
use crate::nothing::Nothing;

/// The situation of a workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// Indices of the pool's documents in the snapshot, ascending; a row of the features is an
    /// index into this list.
    pub pool: Vec<usize>,
    /// Rows that may be picked, ascending.
    pub open: Vec<usize>,
    /// The conditions that open documents meet, if a round chooses only among a part.
    pub part: Option<Part>,
    /// Rows that meet no such conditions and so cannot be picked in this round, ascending.
    pub outside: Vec<usize>,
    /// Labelled rows with their labels, ascending.
    pub labeled: Vec<(usize, Class)>,
    /// Indices of all control items, ascending.
    pub control: Vec<usize>,
    /// Indices into `control` of items that may go out. First come items that no batch had, nobody
    /// answered and no expert left out.
    pub open_controls: Vec<usize>,
    /// Number of these, at the end, that an earlier batch had.
    pub again_controls: usize,
    /// Indices of the test set's documents, ascending.
    pub test: Vec<usize>,
    /// The annotations, without skips.
    pub annotations: AnnotationSet,
    /// The document of each item of `annotations`, ascending.
    pub documents: Vec<usize>,
    /// Index in the snapshot of each annotator of `annotations`, ascending. Annotators who have
    /// only skipped are missing.
    pub annotators: Vec<u32>,
    /// The aggregator's verdict on each item of `annotations`.
    pub verdicts: Vec<Verdict>,
    /// The posterior of each item, (items, K).
    pub posteriors: Probabilities,
    /// Rows of the pool whose label depends on annotators and that have an answer besides skips,
    /// ascending, each with its item in `annotations`.
    pub voted: Vec<(usize, usize)>,
    /// Name of the aggregator.
    pub aggregator: &'static str,
    /// What the aggregator's posteriors mean.
    pub posteriors_are: Posteriors,
    /// Name of the aggregator that was used instead, if there were too few answers for the model.
    pub instead: Option<&'static str>,
    /// The aggregator's estimate of each annotator's skill, by annotator of `annotations`.
    pub skills: Vec<Skill>,
    /// The standing label of each document of the snapshot: the expert's decision, or else the
    /// label that came with it, or else the consensus.
    pub label_of: Vec<Option<Class>>,
    /// Number of labelled pool documents of each class, (K).
    pub labeled_counts: Vec<usize>,
    /// What the order of the classes means: nothing, unless the caller sets it.
    pub scale: Scale,
}

impl Situation {
    /// Computes the situation of a snapshot.
    ///
    /// # Errors
    /// The aggregator failed.
    pub fn of(snapshot: &Snapshot, aggregator: &dyn Aggregator) -> Result<Self, EngineError> {
        let Numbered { set: annotations, items, annotators } = snapshot.annotations();
        let documents: Vec<usize> = items.into_iter().map(|document| document as usize).collect();
        // Known labels tell about annotators too: methods that weigh annotators learn from them.
        let labels = documents.iter().map(|document| snapshot.known_label(*document)).collect();
        let known = Known { labels, skills: Vec::new() };
        let aggregation = aggregator.aggregate(&annotations, &known).doing("aggregate the answers")?;
        let Aggregation { verdicts, posteriors, skills, instead, .. } = aggregation;
        let mut label_of: Vec<Option<Class>> =
            (0..snapshot.documents.len()).map(|document| snapshot.known_label(document)).collect();
        let mut items = Vec::new();
        for (item, verdict) in verdicts.iter().enumerate() {
            let document = documents[item];
            if snapshot.settled(document).is_none() {
                items.push((document, item));
                label_of[document] = label_of[document].or(verdict.label());
            }
        }
        // An answered document counts as seen, even if the answer was a skip.
        let mut seen = snapshot.picked();
        for answer in &snapshot.answers {
            seen[answer.document] = true;
        }
        for settled in snapshot.settled.iter().filter(|settled| settled.label.is_none()) {
            seen[settled.document] = true;
        }
        let pool = snapshot.with_role(Role::Pool);
        let control = snapshot.with_role(Role::Control);
        let mut labeled_counts = vec![0; snapshot.labels.len()];
        let mut labeled = Vec::new();
        let mut open = Vec::new();
        for (row, &document) in pool.iter().enumerate() {
            match label_of[document] {
                Some(class) => {
                    labeled.push((row, class));
                    labeled_counts[class.index()] += 1;
                }
                None if !seen[document] => open.push(row),
                None => {}
            }
        }
        let voted = items.into_iter().filter(|(document, _)| snapshot.known_label(*document).is_none());
        let voted = voted.filter_map(|(document, item)| Some((pool.binary_search(&document).ok()?, item)));
        let voted = voted.collect();
        // A control item whose class was removed cannot measure anybody.
        let asks = |place: &usize| !seen[control[*place]] && snapshot.known_label(control[*place]).is_some();
        let open_controls = (0..control.len()).filter(asks).collect();
        let test = snapshot.with_role(Role::Test);
        Ok(Self {
            pool,
            open,
            part: None,
            outside: Vec::new(),
            labeled,
            control,
            open_controls,
            again_controls: 0,
            test,
            annotations,
            documents,
            annotators,
            verdicts,
            posteriors,
            aggregator: aggregator.name(),
            posteriors_are: aggregator.posteriors(),
            instead,
            skills,
            voted,
            label_of,
            labeled_counts,
            scale: Scale::default(),
        })
    }

    /// Allows control items again that some annotator has not seen, after items that no batch had.
    pub fn reuse_controls(&mut self, snapshot: &Snapshot) {
        let seen = controls::Seen::of(snapshot);
        let picked = snapshot.picked();
        let again = |place: &usize| {
            let item = self.control[*place];
            picked[item] && seen.may_go_again(item) && snapshot.known_label(item).is_some()
        };
        let again: Vec<usize> = (0..self.control.len()).filter(again).collect();
        self.open_controls.retain(|place| !again.contains(place));
        self.again_controls = again.len();
        self.open_controls.extend(again);
    }

    /// Restricts the open documents to those that meet a round's conditions; `met` says whether a
    /// document of the snapshot does. Labelled documents stay, so the model learns from all labels.
    ///
    /// # Errors
    /// No open document meets the conditions.
    pub fn choose_among(
        &mut self,
        conditions: &[Condition],
        met: impl Fn(usize) -> bool,
    ) -> Result<(), Nothing> {
        let of = self.open.len();
        let Self { open, pool, .. } = self;
        let (within, outside) = open.iter().partition(|row| met(pool[**row]));
        (*open, self.outside) = (within, outside);
        let mut conditions = conditions.to_vec();
        conditions.sort_unstable();
        conditions.dedup();
        if self.open.is_empty() && of > 0 {
            let pool = self.pool.iter().filter(|document| met(**document)).count();
            return Err(Nothing::NoneMeets { conditions, open: of, pool, values: Vec::new() });
        }
        self.part = Some(Part { conditions, of });
        Ok(())
    }

    /// The item of `annotations` for a document of the snapshot; `None` if it has only skips or no
    /// answer.
    pub fn item_of(&self, document: usize) -> Option<usize> {
        self.documents.binary_search(&document).ok()
    }

    /// The index in `annotations` of an annotator of the snapshot; `None` for an annotator who has
    /// only skipped.
    pub fn annotator_of(&self, annotator: u32) -> Option<usize> {
        self.annotators.binary_search(&annotator).ok()
    }

    /// The aggregator's verdict on a document of the snapshot; `None` if it has only skips or no
    /// answer.
    pub fn verdict_of(&self, document: usize) -> Option<&Verdict> {
        self.verdicts.get(self.item_of(document)?)
    }

    /// The label of each item of `annotations` that is known without annotators.
    pub fn known(&self, snapshot: &Snapshot) -> Vec<Option<Class>> {
        self.documents.iter().map(|document| snapshot.known_label(*document)).collect()
    }

    /// Classes without a labelled document, in label order.
    pub fn unseen(&self) -> Vec<Class> {
        let unseen = self.labeled_counts.iter().enumerate().filter(|(_, count)| **count == 0);
        unseen.map(|(class, _)| Class::from_index(class)).collect()
    }
}
