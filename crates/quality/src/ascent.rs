//! Repeats an iteration that raises an objective, until an iteration gains too little.
//!
//! The fits that use it are expectation maximisation and its generalisations (Dempster, Laird and
//! Rubin 1977; Neal and Hinton 1998), in which no iteration lowers the objective. The tolerance is
//! a gain per answer, so it has the same meaning for sets of any size.

use querist_core::AggregationFit;

/// The conditions at which an iterative method stops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The fit has converged once an iteration gains less than this, in nats per answer.
    pub tolerance: f64,
    /// The most iterations; at least 1 is made.
    pub iterations: usize,
}

impl Limits {
    /// Calls `evaluate` and `improve` in turn until a limit is reached. `evaluate` returns the
    /// objective at the current parameters of `state`; `improve` changes these parameters. The last
    /// call is `evaluate`, so the values that it stores in `state` belong to the final parameters.
    /// `answers` is the number of answers in the set. Returns the number of iterations, the
    /// objective after each, and whether the fit converged.
    pub(crate) fn climb<S>(
        self,
        state: &mut S,
        answers: usize,
        mut evaluate: impl FnMut(&mut S) -> f64,
        mut improve: impl FnMut(&mut S),
    ) -> AggregationFit {
        let mut objective = vec![evaluate(state)];
        let mut converged = false;
        while !converged && objective.len() < self.iterations {
            improve(state);
            let value = evaluate(state);
            let gain = value - objective[objective.len() - 1];
            objective.push(value);
            converged = gain < self.tolerance * answers as f64;
        }
        AggregationFit { iterations: objective.len(), converged, objective }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Raises -16 towards 0; each step halves the distance to 0. The set has two answers.
    fn halving(limits: Limits) -> AggregationFit {
        limits.climb(&mut -16.0_f64, 2, |value| *value, |value| *value /= 2.0)
    }

    #[test]
    fn stops_when_a_step_gains_too_little_for_each_answer() {
        // The gains are 8, 4, 2, 1; the last is below 0.75 for each of 2 answers.
        let fit = halving(Limits { tolerance: 0.75, iterations: 100 });
        assert_eq!(fit.objective, [-16.0, -8.0, -4.0, -2.0, -1.0]);
        assert!(fit.converged);
        assert_eq!(fit.iterations, 5);
    }

    #[test]
    fn stops_at_its_limit_without_having_converged() {
        let fit = halving(Limits { tolerance: 0.0, iterations: 3 });
        assert_eq!((fit.iterations, fit.converged, fit.objective.len()), (3, false, 3));
    }
}
