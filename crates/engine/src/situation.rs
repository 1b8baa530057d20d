//! The situation of a workspace: which documents are open, and which are labelled.
//!
//! A pool document is **labelled** if an expert decided its class, it was imported with a label, or
//! its annotators have a consensus, in this order of precedence. An unlabelled document is **open**
//! as long as no batch had it, nobody answered it and no expert left it out. [`crate::State`] names
//! the other states. Ties and documents that were only skipped are never open: asking the same
//! people again does not help, so they are listed for review.

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
    /// Indices of the pool's documents in the snapshot, ascending. The rows of the features follow
    /// this list, so a "row" below is an index into it.
    pub pool: Vec<usize>,
    /// Rows that may be picked, ascending.
    pub open: Vec<usize>,
    /// The conditions that open documents meet, if the round chooses only from a part of the pool.
    pub part: Option<Part>,
    /// Rows that would be open but fail these conditions, so this round cannot pick them;
    /// ascending.
    pub outside: Vec<usize>,
    /// Labelled rows with their labels, ascending.
    pub labeled: Vec<(usize, Class)>,
    /// Indices of all control items, ascending.
    pub control: Vec<usize>,
    /// Indices into `control` of the items that may go out. Items that no batch had, nobody
    /// answered and no expert left out come first.
    pub open_controls: Vec<usize>,
    /// Number of items at the end of `open_controls` that an earlier batch had.
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
    /// The posterior probabilities of each item's classes, shape (items, classes).
    pub posteriors: Probabilities,
    /// Rows of the pool whose label depends on annotators and that have at least one answer that is
    /// not a skip, ascending, each with its item in `annotations`.
    pub voted: Vec<(usize, usize)>,
    /// Name of the aggregator.
    pub aggregator: &'static str,
    /// Whether the aggregator's posteriors are probabilities or shares of votes.
    pub posteriors_are: Posteriors,
    /// Name of the aggregator that was used instead, if there were too few answers to fit the
    /// chosen one.
    pub instead: Option<&'static str>,
    /// The aggregator's estimate of each annotator's skill, by annotator of `annotations`.
    pub skills: Vec<Skill>,
    /// The current label of each document of the snapshot: the expert's decision, or else the
    /// imported label, or else the consensus.
    pub label_of: Vec<Option<Class>>,
    /// Number of labelled pool documents of each class, by class index.
    pub labeled_counts: Vec<usize>,
    /// Whether the classes are ranks. They are not, unless the caller sets it.
    pub scale: Scale,
}

impl Situation {
    /// Computes the situation from a snapshot: aggregates the answers, and decides which documents
    /// are labelled and open.
    ///
    /// # Errors
    /// The aggregator failed.
    pub fn of(snapshot: &Snapshot, aggregator: &dyn Aggregator) -> Result<Self, EngineError> {
        let Numbered { set: annotations, items, annotators } = snapshot.annotations();
        let documents: Vec<usize> = items.into_iter().map(|document| document as usize).collect();
        // Known labels tell about annotators too: methods that weight annotators learn from them.
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

    /// Adds to the open control items those that an earlier batch had but some annotator has not
    /// seen.
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

    /// Restricts the open documents to the ones that meet a round's conditions; `met` says whether
    /// a document of the snapshot does. Labelled documents stay, so the model learns from all
    /// labels.
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

    /// Returns the item of `annotations` for a document of the snapshot; `None` if it has only
    /// skips or no answer.
    pub fn item_of(&self, document: usize) -> Option<usize> {
        self.documents.binary_search(&document).ok()
    }

    /// Returns the index in `annotations` of an annotator of the snapshot; `None` for an annotator
    /// who has only skipped.
    pub fn annotator_of(&self, annotator: u32) -> Option<usize> {
        self.annotators.binary_search(&annotator).ok()
    }

    /// Returns the aggregator's verdict on a document of the snapshot; `None` if it has only skips
    /// or no answer.
    pub fn verdict_of(&self, document: usize) -> Option<&Verdict> {
        self.verdicts.get(self.item_of(document)?)
    }

    /// Returns the label of each item of `annotations` that is known without annotators; `None` if
    /// unknown.
    pub fn known(&self, snapshot: &Snapshot) -> Vec<Option<Class>> {
        self.documents.iter().map(|document| snapshot.known_label(*document)).collect()
    }

    /// Returns the classes without a labelled document, in label order.
    pub fn unseen(&self) -> Vec<Class> {
        let unseen = self.labeled_counts.iter().enumerate().filter(|(_, count)| **count == 0);
        unseen.map(|(class, _)| Class::from_index(class)).collect()
    }
}
