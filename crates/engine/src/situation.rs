//! The situation of a workspace: which documents are open, and which are labelled.
//!
//! A pool document has its label from the first of these that exists: an expert's decision, an
//! imported label, the annotators' consensus. An unlabelled document is **open** if no batch had
//! it, nobody answered it and no expert left it out. [`crate::State`] names the other states. Ties
//! and documents that were only skipped are never open: asking the same people again does not help,
//! so they are listed for review.

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
    /// Indices in the snapshot of the pool's documents, ascending. The features have one row per
    /// entry, so a "row" below is an index into this list.
    pub pool: Vec<usize>,
    /// Rows that may be picked, ascending.
    pub open: Vec<usize>,
    /// If the round chooses only from a part of the pool: the conditions that open documents meet.
    pub part: Option<Part>,
    /// Rows that this round cannot pick, because they do not meet these conditions, but that would
    /// otherwise be open; ascending.
    pub outside: Vec<usize>,
    /// Labelled rows with their labels, ascending.
    pub labeled: Vec<(usize, Class)>,
    /// Indices in the snapshot of all control items, ascending.
    pub control: Vec<usize>,
    /// The control items that a batch may contain, as indices into `control`. New items come first:
    /// no batch had them, nobody answered them and no expert left them out.
    pub open_controls: Vec<usize>,
    /// Number of items at the end of `open_controls` that an earlier batch already had.
    pub again_controls: usize,
    /// Indices in the snapshot of the test set's documents, ascending.
    pub test: Vec<usize>,
    /// The annotators' answers, without skips.
    pub annotations: AnnotationSet,
    /// For each item of `annotations`, its document's index in the snapshot; ascending.
    pub documents: Vec<usize>,
    /// For each annotator of `annotations`, the annotator's index in the snapshot; ascending.
    /// Annotators who have only skipped are missing.
    pub annotators: Vec<u32>,
    /// The aggregator's verdict on each item of `annotations`.
    pub verdicts: Vec<Verdict>,
    /// The posterior probability of each class of each item, shape (items, classes).
    pub posteriors: Probabilities,
    /// The documents whose label depends on annotators and that have at least one answer besides
    /// skips. Each has its row and its item in `annotations`; rows are ascending.
    pub voted: Vec<(usize, usize)>,
    /// Name of the aggregator.
    pub aggregator: &'static str,
    /// Whether the aggregator's posteriors are probabilities or shares of votes.
    pub posteriors_are: Posteriors,
    /// If there were too few answers to fit the chosen aggregator: name of the aggregator that was
    /// used.
    pub instead: Option<&'static str>,
    /// The skill of each annotator of `annotations`, as the aggregator estimates it.
    pub skills: Vec<Skill>,
    /// The current label of each document of the snapshot: an expert's decision, else the imported
    /// label, else the consensus.
    pub label_of: Vec<Option<Class>>,
    /// Number of labelled pool documents of each class, by class index.
    pub labeled_counts: Vec<usize>,
    /// Whether the classes are ranks. [`Situation::of`] says no; the caller may change it.
    pub scale: Scale,
}

impl Situation {
    /// Computes the situation from a snapshot. The aggregator turns the answers into labels; from
    /// them follows which documents are labelled and which are open.
    ///
    /// # Errors
    /// The aggregator failed.
    pub fn of(snapshot: &Snapshot, aggregator: &dyn Aggregator) -> Result<Self, EngineError> {
        let Numbered { set: annotations, items, annotators } = snapshot.annotations();
        let documents: Vec<usize> = items.into_iter().map(|document| document as usize).collect();
        // Known labels are passed on, because some methods learn from them how skilled each
        // annotator is.
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
        // A document with an answer is not open, even if the answer was a skip.
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
        // Without a known label, for example because its class was removed, a control item measures
        // nobody.
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

    /// Appends to the open control items the items of earlier batches that some annotator has not
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

    /// Keeps only those open documents that meet a round's conditions. `met` says for a document,
    /// given its index in the snapshot, whether it does. The labelled documents stay, so the model
    /// learns from all labels.
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

    /// Returns the item in `annotations` of a document of the snapshot. `None` if the document has
    /// no answers or only skips.
    pub fn item_of(&self, document: usize) -> Option<usize> {
        self.documents.binary_search(&document).ok()
    }

    /// Returns the index in `annotations` of an annotator, given the index in the snapshot. `None`
    /// if the annotator has only skipped.
    pub fn annotator_of(&self, annotator: u32) -> Option<usize> {
        self.annotators.binary_search(&annotator).ok()
    }

    /// Returns the aggregator's verdict on a document of the snapshot. `None` if the document has
    /// no answers or only skips.
    pub fn verdict_of(&self, document: usize) -> Option<&Verdict> {
        self.verdicts.get(self.item_of(document)?)
    }

    /// Returns for each item of `annotations` the label that is known without annotators; `None` if
    /// there is none.
    pub fn known(&self, snapshot: &Snapshot) -> Vec<Option<Class>> {
        self.documents.iter().map(|document| snapshot.known_label(*document)).collect()
    }

    /// Returns the classes without a labelled document, in label order.
    pub fn unseen(&self) -> Vec<Class> {
        let unseen = self.labeled_counts.iter().enumerate().filter(|(_, count)| **count == 0);
        unseen.map(|(class, _)| Class::from_index(class)).collect()
    }
}
