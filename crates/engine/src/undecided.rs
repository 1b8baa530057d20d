//! Answered documents without a label: ties, documents that were only skipped, and documents that
//! an expert left out.
//!
//! Only this module counts these documents, so reports, `status` and `review` show the same
//! numbers. The counts follow the verdicts of the current aggregator. A pool document whose label
//! is known without annotators does not count, whatever its answers. Control items are counted
//! separately: their label is known in advance, so it only matters whether somebody has answered
//! them.

use querist_core::{Class, Role, Snapshot, Verdict};

use crate::situation::Situation;

/// The answered documents without a label. Each such pool document is in exactly one of the three
/// lists; each list is ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// Number of pool documents with an answer, skips included.
    pub answered: usize,
    /// Documents that are tied according to the aggregator, each with the tied classes.
    pub ties: Vec<(usize, Vec<Class>)>,
    /// Documents that have skips but no other answers.
    pub only_skipped: Vec<usize>,
    /// Documents that an expert left out because they fit no class.
    pub left_out: Vec<usize>,
    /// The control items.
    pub controls: AnsweredControls,
}

/// Control items that have an answer or a skip. Each item counts in exactly one of the three
/// fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnsweredControls {
    /// Number of items with an answer that is not a skip.
    pub labeled: usize,
    /// Items that have skips but no other answers, ascending.
    pub only_skipped: Vec<usize>,
    /// Number of items that an expert left out because they fit no class.
    pub left_out: usize,
}

impl Undecided {
    /// Finds the undecided documents of a snapshot. `situation` holds the labels and the
    /// aggregator's verdicts.
    pub fn of(snapshot: &Snapshot, situation: &Situation) -> Self {
        let mut found = Self {
            answered: 0,
            ties: Vec::new(),
            only_skipped: Vec::new(),
            left_out: Vec::new(),
            controls: AnsweredControls::default(),
        };
        for answers in snapshot.answers.chunk_by(|a, b| a.document == b.document) {
            let document = answers[0].document;
            let left_out = snapshot.settled(document).is_some_and(|settled| settled.label.is_none());
            match snapshot.documents[document].role {
                Role::Control if left_out => found.controls.left_out += 1,
                Role::Control if answers.iter().all(|answer| answer.label.is_none()) => {
                    found.controls.only_skipped.push(document);
                }
                Role::Control => found.controls.labeled += 1,
                // Annotators are never asked about the test set.
                Role::Test => {}
                Role::Pool => found.take(document, left_out, situation),
            }
        }
        found
    }

    /// Counts a pool document that has an answer. If it has no label, adds it to one of the lists.
    fn take(&mut self, document: usize, left_out: bool, situation: &Situation) {
        self.answered += 1;
        if situation.label_of[document].is_some() {
            return;
        }
        if left_out {
            self.left_out.push(document);
            return;
        }
        match situation.verdict_of(document) {
            Some(Verdict::Tie(classes)) => self.ties.push((document, classes.clone())),
            _ => self.only_skipped.push(document),
        }
    }

    /// Returns the number of pool documents that have an answer and a label.
    pub fn decided(&self) -> usize {
        self.answered - self.ties.len() - self.only_skipped.len() - self.left_out.len()
    }

    /// Returns whether a document has answers but no label because of them: it is tied, or was only
    /// skipped.
    pub fn holds(&self, document: usize) -> bool {
        self.ties.binary_search_by_key(&document, |tie| tie.0).is_ok()
            || self.only_skipped.binary_search(&document).is_ok()
            || self.controls.only_skipped.binary_search(&document).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use querist_core::error::BoxError;
    use querist_core::{
        Aggregation, Aggregator, AnnotationSet, Answer, DocumentRecord, Known, LabelSet, Pick, Posteriors,
        RoundRecord, Seed, Settled, Share,
    };
    use querist_quality::MajorityVote;

    use super::*;
    use crate::unlabeled::State;

    /// Majority vote that calls every unanimous item without a known label a tie, as a method might
    /// that distrusts the annotators.
    #[derive(Debug)]
    struct Distrust;

    impl Aggregator for Distrust {
        fn name(&self) -> &'static str {
            "distrust"
        }

        fn posteriors(&self) -> Posteriors {
            Posteriors::VoteShares
        }

        fn aggregate(&self, set: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError> {
            let mut result = MajorityVote.aggregate(set, known)?;
            for (item, verdict) in result.verdicts.iter_mut().enumerate() {
                let answers = set.of_item(item);
                if known.labels[item].is_none()
                    && answers.iter().all(|answer| answer.label == answers[0].label)
                {
                    *verdict = Verdict::Tie(vec![Class(0), Class(1)]);
                }
            }
            Ok(result)
        }
    }

    /// Six documents: 0 came with its label, 1 has two equal answers, 2 has two different answers,
    /// 3 was only skipped, 4 was left out by an expert, 5 has no answer.
    fn snapshot() -> Snapshot {
        let record = |index: usize| DocumentRecord {
            id: format!("d{index}").into(),
            place: index as u32,
            role: Role::Pool,
            label: (index == 0).then_some(Class(0)),
        };
        let answer = |document, who: &str, label| Answer {
            document,
            annotator: u32::from(who == "y"),
            label,
            seconds: None,
            time: None,
        };
        let (a, b) = (Some(Class(0)), Some(Class(1)));
        let answers =
            [(0, "x", b), (1, "x", a), (1, "y", a), (2, "x", a), (2, "y", b), (3, "x", None), (4, "x", a)];
        Snapshot {
            labels: LabelSet::new(["a", "b"]).unwrap(),
            documents: (0..6).map(record).collect(),
            documents_hash: String::new(),
            annotators: vec!["x".to_owned(), "y".to_owned()],
            answers: answers.into_iter().map(|(document, who, label)| answer(document, who, label)).collect(),
            settled: vec![Settled { document: 4, label: None, expert: "e".to_owned() }],
            assignments: Vec::new(),
            rounds: Vec::new(),
            people: Vec::new(),
        }
    }

    #[test]
    fn what_is_tied_is_the_word_of_the_aggregator() {
        let snapshot = snapshot();
        let of = |aggregator: &dyn Aggregator| {
            let situation = Situation::of(&snapshot, aggregator).unwrap();
            let found = Undecided::of(&snapshot, &situation);
            assert_eq!(
                (found.answered, &found.only_skipped[..], &found.left_out[..]),
                (5, &[3][..], &[4][..])
            );
            assert!(found.holds(3) && !found.holds(4) && !found.holds(0) && !found.holds(5));
            let labelled =
                snapshot.answers.iter().filter(|answer| situation.label_of[answer.document].is_some());
            let mut labelled: Vec<usize> = labelled.map(|answer| answer.document).collect();
            labelled.dedup();
            assert_eq!(found.decided(), labelled.len());
            found.ties
        };
        assert_eq!(of(&MajorityVote), [(2, vec![Class(0), Class(1)])]);
        let both = vec![Class(0), Class(1)];
        assert_eq!(of(&Distrust), [(1, both.clone()), (2, both)]);
    }

    #[test]
    fn a_control_item_that_was_only_skipped_has_no_answer_yet() {
        let mut snapshot = snapshot();
        for document in [2, 3, 4] {
            snapshot.documents[document].role = Role::Control;
            snapshot.documents[document].label = Some(Class(0));
        }
        let situation = Situation::of(&snapshot, &MajorityVote).unwrap();
        let found = Undecided::of(&snapshot, &situation);
        let controls = AnsweredControls { labeled: 1, only_skipped: vec![3], left_out: 1 };
        assert_eq!((found.answered, found.decided(), &found.controls), (2, 2, &controls));
        assert!(found.holds(3) && !found.holds(2) && !found.holds(4));
    }

    #[test]
    fn every_document_of_the_pool_is_one_thing() {
        let mut snapshot = snapshot();
        let states = |snapshot: &Snapshot| {
            let situation = Situation::of(snapshot, &MajorityVote).unwrap();
            State::of_pool(snapshot, &situation).into_iter().map(State::name).collect::<Vec<_>>()
        };
        assert_eq!(states(&snapshot), ["labeled", "labeled", "tied", "skipped", "left_out", "open"]);
        snapshot.answers.retain(|answer| answer.document != 1);
        let pick = |document| Pick {
            document,
            rank: 1,
            share: Share::Random,
            quota: None,
            reason: String::new(),
            score: None,
            fallback: false,
            probabilities: None,
        };
        snapshot.rounds.push(RoundRecord {
            number: 1,
            seed: Seed(0),
            picks: vec![pick(1), pick(2)],
            returned: Vec::new(),
            lacking: Vec::new(),
            asked_again: Vec::new(),
            classes: Vec::new(),
            target: None,
            summary: String::new(),
            model: None,
            basis: 0,
        });
        assert_eq!(states(&snapshot), ["labeled", "out", "tied", "skipped", "left_out", "open"]);
    }
}
