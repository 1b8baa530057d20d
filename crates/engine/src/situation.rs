//! Where things stand: what is open, and what is labelled.
//!
//! A pool document is **labelled** by what an expert decided, else by the label that came with it,
//! else by the consensus of its annotators; **open** as long as no batch had it, nobody answered it
//! and no expert left it out. What the others are, [`crate::State`] says. Ties and documents that
//! were only skipped are never open: asking the same people the same thing again is no help, they
//! are listed for review.

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
    /// Indices of the pool's documents, ascending; a row of the pool's features is a place in it.
    pub pool: Vec<usize>,
    /// Rows that may be picked, ascending.
    pub open: Vec<usize>,
    /// The part of the open documents that `open` is, where a round chooses among a part alone.
    pub part: Option<Part>,
    /// Rows that may be picked by a round that chooses among all, and not by this one, ascending.
    pub outside: Vec<usize>,
    /// Labelled rows, ascending, with their label.
    pub labeled: Vec<(usize, Class)>,
    /// Indices of all control items, ascending.
    pub control: Vec<usize>,
    /// Places in `control` that may go out: first those that no batch had, nobody answered and no
    /// expert left out.
    pub open_controls: Vec<usize>,
    /// How many of these, the last ones, an earlier batch had.
    pub again_controls: usize,
    /// Indices of the test set's documents, ascending.
    pub test: Vec<usize>,
    /// The annotations, skips left out.
    pub annotations: AnnotationSet,
    /// The document of each item of `annotations`, ascending.
    pub documents: Vec<usize>,
    /// The annotator of the snapshot of each annotator of `annotations`, ascending. Who has only
    /// skipped is none.
    pub annotators: Vec<u32>,
    /// What they come to, one verdict an item of `annotations`.
    pub verdicts: Vec<Verdict>,
    /// Each item's distribution over the classes, (items, K).
    pub posteriors: Probabilities,
    /// Rows of the pool whose label is left to annotators and that have an answer other than a
    /// skip, ascending, with their item in `annotations`.
    pub voted: Vec<(usize, usize)>,
    /// The name of the aggregator.
    pub aggregator: &'static str,
    /// What its posteriors are.
    pub posteriors_are: Posteriors,
    /// The one that was fitted in its place, if the answers were too few for its model.
    pub instead: Option<&'static str>,
    /// What it says of each annotator of `annotations`.
    pub skills: Vec<Skill>,
    /// The standing label of each document of the snapshot: what an expert decided, else what came
    /// with it, else the consensus.
    pub label_of: Vec<Option<Class>>,
    /// How many pool documents of each class are labelled.
    pub labeled_counts: Vec<usize>,
    /// What the order of the classes means: nothing, unless the caller sets it.
    pub scale: Scale,
}

impl Situation {
    /// Works out the situation of a snapshot.
    ///
    /// # Errors
    /// The aggregator failed.
    pub fn of(snapshot: &Snapshot, aggregator: &dyn Aggregator) -> Result<Self, EngineError> {
        let Numbered { set: annotations, items, annotators } = snapshot.annotations();
        let documents: Vec<usize> = items.into_iter().map(|document| document as usize).collect();
        // What is known of items tells of annotators too: methods that weigh them learn from it.
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
        // Answered counts as seen even where it was a skip.
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
        // An item whose class was taken out measures nobody.
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

    /// Lets control items go out again that somebody has not seen, after those that no batch had.
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

    /// Leaves of the open documents those that meet the conditions of a round; `met` says so of a
    /// document of the snapshot. What is labelled stays, so a model learns from all labels.
    ///
    /// # Errors
    /// No open document meets them.
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

    /// The item of `annotations` that is a document of the snapshot; `None` without an answer other
    /// than a skip.
    pub fn item_of(&self, document: usize) -> Option<usize> {
        self.documents.binary_search(&document).ok()
    }

    /// The annotator of `annotations` who is an annotator of the snapshot; `None` of somebody who
    /// has only skipped.
    pub fn annotator_of(&self, annotator: u32) -> Option<usize> {
        self.annotators.binary_search(&annotator).ok()
    }

    /// What the aggregator makes of the answers to a document of the snapshot; `None` without an
    /// answer other than a skip.
    pub fn verdict_of(&self, document: usize) -> Option<&Verdict> {
        self.verdicts.get(self.item_of(document)?)
    }

    /// What is known of each item of `annotations` without its annotators.
    pub fn known(&self, snapshot: &Snapshot) -> Vec<Option<Class>> {
        self.documents.iter().map(|document| snapshot.known_label(*document)).collect()
    }

    /// Classes without a labelled document, in label order.
    pub fn unseen(&self) -> Vec<Class> {
        let unseen = self.labeled_counts.iter().enumerate().filter(|(_, count)| **count == 0);
        unseen.map(|(class, _)| Class::from_index(class)).collect()
    }
}
