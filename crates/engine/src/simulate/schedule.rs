//! Plays runs in parallel, one per thread.
//!
//! A killed process leaves unfinished runs. Such a run is played again from its start, because each
//! model starts from the model of the round before. A repeated round must equal its stored line and
//! is not recorded again.
//!
//! Runs are ordered by seed. So even if only some runs are finished, all strategies can be
//! compared.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use querist_core::error::BoxError;

use super::error::SimulationError;
use super::protocol::ProtocolError;
use super::results::{Results, RoundLine};
use super::run::Stage;
use crate::error::{EngineError, StepContext};

/// Is called with the number of finished rounds and the number of all rounds.
pub type Progress<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Stores the line of a round when the round ends.
pub type Record<'a> = dyn FnMut(&RoundLine) -> Result<(), BoxError> + Send + 'a;

/// Plays all runs that are not complete in `results`, and adds their lines to `results`. `record`
/// stores each new line first.
///
/// # Errors
/// A step failed, a line could not be stored, or a repeated round differs from its stored line.
/// Lines that were recorded before the error stay in `results`.
pub fn play(
    stage: &Stage<'_>,
    results: &mut Results,
    record: &mut Record<'_>,
    progress: &Progress<'_>,
) -> Result<(), SimulationError> {
    let rounds = stage.protocol.rounds as usize + 1;
    let all = stage.arms.len() * stage.protocol.seeds as usize * rounds;
    let seeds = 0..stage.protocol.seeds;
    let runs: Vec<(u64, usize)> = seeds
        .flat_map(|seed| (0..stage.arms.len()).map(move |arm| (seed, arm)))
        .filter(|(seed, arm)| results.run(*arm, *seed).count() < rounds)
        .collect();
    progress(results.len(), all);
    let before = results.clone();
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let kept = Mutex::new((results, record));
    let worker = || -> Result<(), SimulationError> {
        while let Some((seed, arm)) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut keep = |line: RoundLine| {
                if failed.load(Ordering::Relaxed) {
                    return Err(SimulationError::Stopped);
                }
                // If an earlier process stored this round, the result must be the same now.
                if let Some(known) = before.line(*arm, line.seed, line.round) {
                    return if known.agrees(&line) { Ok(()) } else { Err(not_reproduced(&line)) };
                }
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let (results, record) = &mut *kept;
                record(&line).doing("keep the results")?;
                results.add(line, stage.arms);
                progress(results.len(), all);
                Ok(())
            };
            stage.run(&stage.arms[*arm], *seed, &mut keep)?;
        }
        Ok(())
    };
    let threads = rayon::current_num_threads().min(runs.len());
    let work = || {
        // Each worker has its own thread pool with a single thread. All processors are busy with
        // runs, so parallel work inside a run would not be faster.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
        let pool =
            pool.map_err(|error| EngineError::Step { step: "start a thread", source: error.into() })?;
        let done = pool.install(worker);
        failed.fetch_or(done.is_err(), Ordering::Relaxed);
        done
    };
    let done: Vec<Result<(), SimulationError>> = std::thread::scope(|scope| {
        // If the system cannot start another thread, it is ignored: this thread plays runs too.
        let start = |_| std::thread::Builder::new().spawn_scoped(scope, work).ok();
        let workers: Vec<_> = (0..threads).map_while(start).collect();
        let own = (workers.len() < threads).then(worker);
        let joined = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.chain(own).collect()
    });
    // If one run fails, the other runs stop with an error too. The error of the failed run is
    // returned.
    let mut failures: Vec<SimulationError> = done.into_iter().filter_map(Result::err).collect();
    failures.sort_by_key(|error| matches!(error, SimulationError::Stopped));
    failures.into_iter().next().map_or(Ok(()), Err)
}

fn not_reproduced(line: &RoundLine) -> SimulationError {
    ProtocolError::NotReproduced { arm: line.arm.clone(), seed: line.seed, round: line.round }.into()
}
