//! One run: a strategy with a seed, from the initial labels to the last round.
//!
//! The state is a [`Snapshot`] like that of a workspace, to which answers are added; each round goes through the engine's own
//! steps. Training starts from the last round's model, as in a workspace.

use std::sync::Arc;
use std::time::Duration;

use querist_core::{
    Aggregator, Answer, Class, Classifier, Edition, FittedClassifier, LabelSet, Probabilities, Role,
    RoundRecord, Seed, Share, Snapshot, Start,
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
use crate::score::score;
use crate::select::{Means, select};
use crate::situation::Situation;
use crate::stopping::{Evidence, Predicted, stop_set};
use crate::train::{Trained, train};

/// What all runs share: the stage that they are played on.
pub struct Stage<'a> {
    /// The protocol.
    pub protocol: Protocol,
    /// The strategies.
    pub arms: &'a [Arm],
    /// The workspace before any answer.
    pub snapshot: &'a Snapshot,
    /// The true class of each pool document; its index in the snapshot is its row.
    pub truth: Vec<Class>,
    /// The id of each pool document.
    pub ids: Vec<String>,
    /// The features.
    pub features: SharedFeatures<'a>,
    /// How models are trained.
    pub classifier: &'a dyn Classifier,
    /// What strategies train that have models of their own.
    pub members: &'a Arc<dyn Classifier + Send + Sync>,
    /// What decides the draws of training; the same in all runs, as in a workspace.
    pub model_seed: Seed,
    /// The time since some moment.
    pub clock: &'a (dyn Fn() -> Duration + Sync),
}

/// A run in progress.
struct Run<'a> {
    stage: &'a Stage<'a>,
    arm: &'a Arm,
    seed: Seed,
    oracle: Oracle,
    /// How answers become labels.
    aggregator: Box<dyn Aggregator>,
    snapshot: Snapshot,
    asked: usize,
    /// The documents that were asked last, ascending.
    batch: Vec<usize>,
    /// The random share of them, with what the model predicted.
    audit: Vec<(usize, Class)>,
    /// The rows of the stop set.
    stop_set: Vec<usize>,
    /// What the model of the last line that counts predicted of it.
    predicted: Option<Predicted>,
    /// The training set of that model.
    evidence: Evidence,
}

/// The state of a run after a round.
struct State {
    situation: Situation,
    kind: String,
    prepared: Arc<Prepared>,
    trained: Trained,
    /// Of the open rows; `None` without a model, and after the last round.
    probabilities: Option<Probabilities>,
    /// Seconds of training.
    training: f64,
    /// Seconds of scoring.
    scoring: f64,
}

impl Stage<'_> {
    fn labels(&self) -> &LabelSet {
        &self.snapshot.labels
    }

    /// Plays a run; `record` takes each line as its round ends.
    ///
    /// # Errors
    /// A step failed, or `record` did.
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
        let mut state = run.train(0, None)?;
        record(run.line(0, &state, 0.0)?)?;
        for round in 1..=self.protocol.rounds {
            let (batch, choosing) = run.choose(&state, round)?;
            let choosing = state.scoring + choosing;
            run.answer(&batch);
            let last = state.trained.model.take();
            state = run.train(round, last.as_deref())?;
            record(run.line(round, &state, choosing)?)?;
        }
        Ok(())
    }
}

impl Run<'_> {
    /// Has documents answered.
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
        self.snapshot.answers.sort_by_key(|answer| (answer.document, answer.annotator));
    }

    /// Trains on what is labelled after a round, and scores what is open where another round follows. Scores before anything else
    /// is predicted, so that its seconds hold what a model has to prepare once.
    fn train(&self, round: u32, last: Option<&dyn FittedClassifier>) -> Result<State, EngineError> {
        let situation = Situation::of(&self.snapshot, self.aggregator.as_ref())?;
        let (kind, prepared) = self.stage.features.of(situation.labeled.len(), &|_, _| ())?;
        let start = (self.stage.clock)();
        let warm = Start { warm: last.and_then(FittedClassifier::linear), seed: self.stage.model_seed };
        let learned = (self.arm.settings.quality.training, None);
        let trained =
            train(self.stage.classifier, &prepared, &situation, self.stage.labels(), learned, warm)?;
        let training = self.since(start);
        let start = (self.stage.clock)();
        let probabilities = match trained.model.as_deref() {
            Some(model) if round < self.stage.protocol.rounds => {
                Some(score(model, prepared.pool().as_ref(), &situation.open)?)
            }
            _ => None,
        };
        let scoring = self.since(start);
        Ok(State { situation, kind, prepared, trained, probabilities, training, scoring })
    }

    /// The batch of a round, as rows of the pool, and the seconds of choosing. It is kept as that of a workspace would be.
    fn choose(&mut self, state: &State, round: u32) -> Result<(Vec<usize>, f64), EngineError> {
        let mut settings = self.arm.settings.clone();
        settings.seed = self.seed;
        settings.batch.size = self.stage.protocol.batch_size(round, self.arm.answers_per_item);
        let (situation, prepared) = (&state.situation, &state.prepared);
        let start = (self.stage.clock)();
        let means = Means {
            probabilities: state.probabilities.as_ref(),
            model: state.trained.model.as_ref(),
            members: self.stage.members,
            brought: None,
        };
        let selection = select(&settings, &self.snapshot, situation, prepared, means, round)?;
        let seconds = self.since(start);
        let random = selection.picks.iter().filter(|pick| pick.share == Share::Random);
        self.audit = random.filter_map(|pick| Some((pick.document, pick.predicted()?))).collect();
        // There are no control items, so every pick is a pool document.
        let documents = selection.picks.iter().map(|pick| pick.document).collect();
        self.snapshot.rounds.push(RoundRecord {
            number: round,
            seed: self.seed,
            picks: selection.picks,
            target: selection.target,
            summary: String::new(),
            model: None,
            basis: 0,
        });
        Ok((documents, seconds))
    }

    fn since(&self, start: Duration) -> f64 {
        (self.stage.clock)().saturating_sub(start).as_secs_f64()
    }

    /// What stopping rules look at in a state.
    fn stop_figures(&mut self, state: &State) -> Result<StopFigures, EngineError> {
        let now = match state.trained.model.as_deref() {
            Some(model) => {
                let (pool, situation) = (state.prepared.pool(), &state.situation);
                Predicted::of(model, pool.as_ref(), &self.stop_set, &self.snapshot, situation)?
            }
            None => None,
        };
        let figures = StopFigures::of(now.as_ref(), self.predicted.as_ref(), &self.audit, &state.situation)?;
        // As in a workspace, a model that learned next to nothing new is not what the next one is compared with.
        if self.evidence.takes(&state.situation.labeled_counts, None).0 {
            self.predicted = now;
        }
        Ok(figures)
    }

    /// Measures a state; `choosing` are the seconds that its batch took.
    fn line(&mut self, round: u32, state: &State, choosing: f64) -> Result<RoundLine, EngineError> {
        let stop = self.stop_figures(state)?;
        let (situation, labels) = (&state.situation, self.stage.labels());
        let evaluation = match state.trained.model.as_deref() {
            Some(model) => {
                let rows = state.prepared.test();
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
            undecided: self.asked - situation.labeled.len(),
            features: state.kind.clone(),
            converged: state.trained.fit.as_ref().map(|fit| fit.converged),
            accuracy: evaluation.as_ref().and_then(|evaluation| evaluation.accuracy),
            macro_f1: evaluation.as_ref().and_then(|evaluation| evaluation.macro_f1),
            recall,
            stop,
            seconds: choosing + state.training,
        })
    }
}
