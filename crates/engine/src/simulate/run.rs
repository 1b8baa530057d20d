//! One run of a benchmark: a strategy with a seed, from the initial labels to the last round.
//!
//! Like a workspace, a run has a [`Snapshot`], to which it adds answers. [`mod@crate::round`] makes
//! each round. Each training starts from the model of the last round, as in a workspace.

use std::sync::Arc;
use std::time::Duration;

use querist_core::{
    Aggregator, Answer, Class, Classifier, Edition, FittedClassifier, LabelSet, Role, RoundRecord, Seed,
    Share, Snapshot, Start,
};

use super::error::SimulationError;
use super::features::SharedFeatures;
use super::initial::initial;
use super::oracle::Oracle;
use super::protocol::{Arm, Protocol};
use super::results::RoundLine;
use super::stopped::StopFigures;
use crate::error::EngineError;
use crate::evaluate::evaluate;
use crate::featurise::Prepared;
use crate::round::{Round, RoundInput, Source, Step, Training, round};
use crate::select::Selection;
use crate::settings::RoundSettings;
use crate::situation::Situation;
use crate::stopping::{Evidence, Predicted, stop_set};
use crate::train::Trained;

/// Everything that all runs share.
pub struct Stage<'a> {
    /// Numbers of labels, rounds and seeds, and who answers.
    pub protocol: Protocol,
    /// The strategies that take part.
    pub arms: &'a [Arm],
    /// The workspace before anybody has answered.
    pub snapshot: &'a Snapshot,
    /// True class of each pool document. A document's index in the snapshot is its row in the pool.
    pub truth: Vec<Class>,
    /// Id of each pool document.
    pub ids: Vec<String>,
    /// The features, shared by all runs.
    pub features: SharedFeatures<'a>,
    /// The classifier that each round trains.
    pub classifier: &'a dyn Classifier,
    /// The classifier for query strategies that train models of their own.
    pub members: &'a Arc<dyn Classifier>,
    /// The seed of all random choices in training. As in a workspace, it is the same in every run.
    pub model_seed: Seed,
    /// A clock: returns the time since a fixed moment.
    pub clock: &'a (dyn Fn() -> Duration + Sync),
}

/// A run in progress.
struct Run<'a> {
    stage: &'a Stage<'a>,
    arm: &'a Arm,
    seed: Seed,
    oracle: Oracle,
    /// Turns answers into labels.
    aggregator: Box<dyn Aggregator>,
    /// The workspace of this run, with all answers so far.
    snapshot: Snapshot,
    /// Number of documents that the oracle has been asked about so far.
    asked: usize,
    /// Rows of the pool that the last round's batch consists of, ascending.
    batch: Vec<usize>,
    /// The random picks of the last round: each pick's row, and the class that the model predicted.
    audit: Vec<(usize, Class)>,
    /// The rows of the stop set, on which successive models are compared.
    stop_set: Vec<usize>,
    /// The predictions on the stop set by the last model that counts as evidence for stopping.
    predicted: Option<Predicted>,
    /// The last training set that counts. It decides whether the next model counts as evidence.
    evidence: Evidence,
}

/// The situation of a run, and the features for its number of labels.
struct Standing {
    situation: Situation,
    /// Name of the kind of features.
    kind: String,
    /// The features.
    prepared: Arc<Prepared>,
}

/// How long the steps of a round took, in seconds.
#[derive(Default)]
struct Seconds {
    /// Training the model.
    training: f64,
    /// Scoring the open documents and choosing the batch.
    choosing: f64,
}

impl Stage<'_> {
    fn labels(&self) -> &LabelSet {
        &self.snapshot.labels
    }

    /// Plays one run: an arm with a seed. Calls `record` with the line of each round when the round
    /// ends.
    ///
    /// # Errors
    /// A step failed, or `record` failed.
    pub fn run(
        &self,
        arm: &Arm,
        seed: u64,
        record: &mut dyn FnMut(RoundLine) -> Result<(), SimulationError>,
    ) -> Result<(), SimulationError> {
        let seed = Seed(seed);
        let oracle = Oracle::new(&self.protocol.crew, &self.truth, self.labels(), seed)?;
        let mut snapshot = self.snapshot.clone();
        snapshot.annotators = oracle.names().to_vec();
        let stop_set = stop_set(&snapshot, &snapshot.with_role(Role::Pool));
        let mut run = Run {
            stage: self,
            arm,
            seed,
            oracle,
            aggregator: arm.settings.quality.consensus().aggregator(Edition::CURRENT)?,
            snapshot,
            asked: 0,
            batch: vec![],
            audit: vec![],
            stop_set,
            predicted: None,
            evidence: Evidence::default(),
        };
        let n = self.protocol.documents_after(0, arm.answers_per_item);
        run.answer(&initial(&self.truth, self.labels().len(), n, seed).map_err(EngineError::from)?);
        let (mut model, mut choosing) = (None::<Arc<dyn FittedClassifier>>, 0.0);
        for round in 1..=self.protocol.rounds {
            let standing = run.standing()?;
            let (made, seconds) = run.round(&standing, round, model.as_deref())?;
            let trained = made.trained.as_ref();
            // A round first chooses its batch and then trains on the batch's answers; its time is
            // the sum of both.
            record(run.line(round - 1, &standing, trained, choosing + seconds.training)?)?;
            choosing = seconds.choosing;
            model = made.trained.and_then(|trained| trained.model);
            let batch = run.keep(made.selection, round);
            run.answer(&batch);
        }
        // After the last batch is answered, a model is trained but no further batch is chosen.
        let standing = run.standing()?;
        let start = (self.clock)();
        let trained = run.training(model.as_deref()).fit(&run.input(&standing, &arm.settings, 0))?;
        let seconds = choosing + run.since(start);
        record(run.line(self.protocol.rounds, &standing, Some(&trained), seconds)?)
    }
}

impl Run<'_> {
    /// Asks the oracle about the documents in the given rows of the pool. Adds the answers to the
    /// snapshot.
    fn answer(&mut self, rows: &[usize]) {
        for &document in rows {
            for (annotator, label) in self.oracle.ask(document, self.arm.answers_per_item) {
                let label = Some(label);
                self.snapshot.answers.push(Answer { document, annotator, label, seconds: None, time: None });
            }
        }
        self.asked += rows.len();
        self.batch = rows.to_vec();
        self.batch.sort_unstable();
        // A situation finds answers by binary search, so they must stay sorted.
        self.snapshot.answers.sort_by_key(|answer| (answer.document, answer.annotator));
    }

    /// Computes the situation of the run, and gets the features for its number of labels.
    fn standing(&self) -> Result<Standing, EngineError> {
        let situation = Situation::of(&self.snapshot, self.aggregator.as_ref())?;
        let (kind, prepared) = self.stage.features.of(situation.labeled.len(), &|_, _| ())?;
        Ok(Standing { situation, kind, prepared })
    }

    /// Returns the settings of the next training, which starts from the model `last`, as in a
    /// workspace.
    fn training<'m>(&'m self, last: Option<&'m dyn FittedClassifier>) -> Training<'m> {
        let start = Start { warm: last.and_then(FittedClassifier::linear), seed: self.stage.model_seed };
        Training { classifier: self.stage.classifier, weak: None, start }
    }

    /// Returns the input for making a round with these settings.
    fn input<'m>(
        &'m self,
        standing: &'m Standing,
        settings: &'m RoundSettings,
        number: u32,
    ) -> RoundInput<'m> {
        RoundInput {
            number,
            snapshot: &self.snapshot,
            situation: &standing.situation,
            settings,
            prepared: &standing.prepared,
            members: self.stage.members,
        }
    }

    /// Makes a round, and measures how long training and choosing take.
    fn round(
        &self,
        standing: &Standing,
        number: u32,
        last: Option<&dyn FittedClassifier>,
    ) -> Result<(Round, Seconds), EngineError> {
        let mut settings = self.arm.settings.clone();
        settings.seed = self.seed;
        settings.batch.size = self.stage.protocol.batch_size(number, self.arm.answers_per_item);
        let input = self.input(standing, &settings, number);
        let source = Source::Training(self.training(last));
        let (start, mut trained_at) = ((self.stage.clock)(), None);
        let made = round(&input, source, &mut |step| {
            // Everything after training counts as choosing.
            if step != Step::Training && trained_at.is_none() {
                trained_at = Some((self.stage.clock)());
            }
        })?;
        let trained_at = trained_at.unwrap_or(start);
        let training = trained_at.saturating_sub(start).as_secs_f64();
        Ok((made, Seconds { training, choosing: self.since(trained_at) }))
    }

    /// Adds a round to the snapshot, with `selection` as its batch, as a workspace would. Returns
    /// the rows of the batch in the pool.
    fn keep(&mut self, selection: Selection, number: u32) -> Vec<usize> {
        let random = selection.picks.iter().filter(|pick| pick.share == Share::Random);
        self.audit = random.filter_map(|pick| Some((pick.document, pick.predicted()?))).collect();
        // Simulations have no control items, so every pick is a pool document.
        let documents = selection.picks.iter().map(|pick| pick.document).collect();
        self.snapshot.rounds.push(RoundRecord {
            number,
            seed: self.seed,
            picks: selection.picks,
            returned: Vec::new(),
            lacking: Vec::new(),
            asked_again: Vec::new(),
            classes: Vec::new(),
            target: selection.target,
            summary: String::new(),
            model: None,
            basis: 0,
        });
        documents
    }

    /// Returns the number of seconds since `start`, a time of the clock.
    fn since(&self, start: Duration) -> f64 {
        (self.stage.clock)().saturating_sub(start).as_secs_f64()
    }

    /// Computes the figures that stopping rules need after this round.
    fn stop_figures(
        &mut self,
        standing: &Standing,
        model: Option<&dyn FittedClassifier>,
    ) -> Result<StopFigures, EngineError> {
        let now = match model {
            Some(model) => {
                let (pool, situation) = (standing.prepared.pool(), &standing.situation);
                Predicted::of(model, pool.as_ref(), &self.stop_set, &self.snapshot, situation)?
            }
            None => None,
        };
        let figures =
            StopFigures::of(now.as_ref(), self.predicted.as_ref(), &self.audit, &standing.situation)?;
        // If the model learned next to nothing new, it does not count. The next model is then
        // compared with the last model that counts, as in a workspace.
        if self.evidence.takes(&standing.situation.labeled_counts, None, &[]).0 {
            self.predicted = now;
        }
        Ok(figures)
    }

    /// Measures a model on the test set, and returns the line of its round. `seconds` is the time
    /// for choosing the batch and for training the model.
    fn line(
        &mut self,
        round: u32,
        standing: &Standing,
        trained: Option<&Trained>,
        seconds: f64,
    ) -> Result<RoundLine, EngineError> {
        let model = trained.and_then(|trained| trained.model.as_deref());
        let stop = self.stop_figures(standing, model)?;
        let (situation, labels) = (&standing.situation, self.stage.labels());
        let evaluation = match model {
            Some(model) => {
                let rows = standing.prepared.test();
                evaluate(model, rows.as_ref(), &situation.test, situation, labels.len())?
            }
            None => None,
        };
        let evaluation = evaluation.map(|evaluated| evaluated.result);
        let mut recall = vec![None; labels.len()];
        for class in evaluation.iter().flat_map(|evaluation| &evaluation.classes) {
            if class.support > 0 {
                recall[class.class.index()] = Some(class.recall);
            }
        }
        let wrong = situation.labeled.iter().filter(|(row, class)| self.stage.truth[*row] != *class);
        Ok(RoundLine {
            arm: self.arm.name.clone(),
            seed: self.seed.0,
            round,
            answers: self.snapshot.answers.len(),
            asked: self.asked,
            chosen: self.batch.iter().map(|row| self.stage.ids[*row].clone()).collect(),
            labeled: situation.labeled_counts.clone(),
            wrong: wrong.count(),
            // Simulated annotators never skip, so only a tie leaves a document without a label.
            undecided: self.asked - situation.labeled.len(),
            features: standing.kind.clone(),
            converged: trained.and_then(|trained| trained.fit.as_ref()).map(|fit| fit.converged),
            accuracy: evaluation.as_ref().and_then(|evaluation| evaluation.accuracy),
            macro_f1: evaluation.as_ref().and_then(|evaluation| evaluation.macro_f1),
            recall,
            stop,
            seconds,
        })
    }
}
