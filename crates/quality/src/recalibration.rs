//! Recalibrates the posteriors of a method, using the items whose label is known.
//!
//! The known labels are divided into fifths. Each fifth is hidden once, and the method is fitted
//! without it. Posteriors `p_k` are then replaced by `p_k^t`, scaled to sum to 1, with the
//! sharpness t (temperature scaling: Guo et al. 2017). The chosen t has the least log-loss on the
//! hidden labels. Items with a known label may be easier than others, so t is at most 1: posteriors
//! become less confident, never more.
//!
//! [`held_out`] uses the same fifths to evaluate the result: it returns the posterior of each item
//! with a known label, computed without this label and with the sharpness chosen on the other
//! fifths.

use querist_core::{Aggregation, Known, Probabilities};

use crate::error::QualityError;
use crate::outcome::verdict;

/// The fewest known labels with which posteriors are recalibrated.
const ENOUGH: usize = 30;
/// The number of parts of the known labels; each part is hidden once.
const FOLDS: usize = 5;
/// The number of values of t to try, which are 1/20, 2/20, … 1.
const STEPS: u32 = 20;
/// Lower probabilities are raised to this value, so that no label has an infinite loss.
const FLOOR: f64 = 1e-9;

/// An item with a known label, and its posterior while this label was hidden.
struct Hidden {
    item: usize,
    class: usize,
    fold: usize,
    row: Vec<f64>,
}

/// Returns, for each item with a known label, the posterior from a fit in which this label was
/// hidden; `None` if too few labels are known. `fit` fits the method with the known labels in its
/// argument, and returns the posteriors.
fn hidden<E>(
    known: &Known,
    fit: impl Fn(&Known) -> Result<Probabilities, E>,
) -> Result<Option<Vec<Hidden>>, E> {
    let labeled: Vec<usize> = (0..known.labels.len()).filter(|item| known.labels[*item].is_some()).collect();
    if labeled.len() < ENOUGH {
        return Ok(None);
    }
    let mut seen = Vec::with_capacity(labeled.len());
    for fold in 0..FOLDS {
        let mut rest = known.clone();
        let of_fold = || labeled.iter().enumerate().filter(move |(place, _)| place % FOLDS == fold);
        for (_, item) in of_fold() {
            rest.labels[*item] = None;
        }
        let rows = fit(&rest)?;
        for (_, item) in of_fold() {
            if let Some(class) = known.labels[*item] {
                let row = rows.row(*item).to_vec();
                seen.push(Hidden { item: *item, class: class.index(), fold, row });
            }
        }
    }
    Ok(Some(seen))
}

/// Returns the sharpness t with the least log-loss on the labels of `seen`; of several equally good
/// ones the largest.
fn best<'a>(seen: &(impl Iterator<Item = &'a Hidden> + Clone)) -> f64 {
    let loss =
        |t: f64| seen.clone().map(|one| -tempered(&one.row, t)[one.class].max(FLOOR).ln()).sum::<f64>();
    let choices = (1..=STEPS).rev().map(|step| f64::from(step) / f64::from(STEPS));
    let mut best = (1.0, f64::INFINITY);
    for t in choices {
        let loss = loss(t);
        if loss < best.1 {
            best = (t, loss);
        }
    }
    best.0
}

/// Returns the sharpness t with the least log-loss on hidden known labels; 1 if too few labels are
/// known. `fit` fits the method with the known labels in its argument, and returns the posteriors.
pub(crate) fn sharpness<E>(
    known: &Known,
    fit: impl Fn(&Known) -> Result<Probabilities, E>,
) -> Result<f64, E> {
    Ok(hidden(known, fit)?.map_or(1.0, |seen| best(&seen.iter())))
}

/// Returns, for each item with a known label, its index and the posterior probability of each class
/// that it would have without this label; empty if too few labels are known. `fit` fits the method
/// with the known labels in its argument, and returns the posteriors.
pub(crate) fn held_out<E>(
    known: &Known,
    fit: impl Fn(&Known) -> Result<Probabilities, E>,
) -> Result<Vec<(usize, Vec<f64>)>, E> {
    let seen = hidden(known, fit)?.unwrap_or_default();
    let sharpness: Vec<f64> =
        (0..FOLDS).map(|fold| best(&seen.iter().filter(|one| one.fold != fold))).collect();
    Ok(seen.iter().map(|one| (one.item, tempered(&one.row, sharpness[one.fold]))).collect())
}

/// Applies the sharpness `t` to the posteriors of items without a known label, and updates the
/// verdicts of these items.
pub(crate) fn temper(result: &mut Aggregation, known: &Known, t: f64) -> Result<(), QualityError> {
    if t >= 1.0 {
        return Ok(());
    }
    let mut rows = result.posteriors.view().to_owned();
    for (item, mut row) in rows.outer_iter_mut().enumerate() {
        if known.labels.get(item).copied().flatten().is_none() {
            let new = tempered(&row.to_vec(), t);
            row.iter_mut().zip(&new).for_each(|(p, new)| *p = *new);
            result.verdicts[item] = verdict(&new);
        }
    }
    result.posteriors = Probabilities::new(rows)?;
    Ok(())
}

/// Returns the probabilities of a row to the power t, scaled to sum to 1.
fn tempered(row: &[f64], t: f64) -> Vec<f64> {
    let powers: Vec<f64> = row.iter().map(|p| p.max(FLOOR).powf(t)).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use querist_core::Class;

    use super::*;

    #[test]
    fn too_sure_posteriors_become_as_sure_as_they_are_right() {
        // The confidence is 0.99, but only 8 of 10 are right. With two classes, the best t is ln 4
        // / ln 99 = 0.30.
        let labels: Vec<Option<Class>> =
            (0..100).map(|item| Some(Class(u16::from(item % 10 >= 8)))).collect();
        let known = Known { labels, ..Known::default() };
        let rows = ndarray::Array2::from_shape_fn((100, 2), |(_, class)| [0.99, 0.01][class]);
        let rows = Probabilities::new(rows).unwrap();
        let t = sharpness(&known, |_| Ok::<_, QualityError>(rows.clone())).unwrap();
        assert!((t - 0.3).abs() < 1e-12, "{t}");
        assert!((tempered(&[0.99, 0.01], t)[0] - 0.8).abs() < 0.01);
    }

    #[test]
    fn what_is_held_out_is_tempered_by_the_other_parts() {
        // All items with class 1 are in the first fifth. So the other fifths choose t = 1 for it.
        // For the posteriors of the other fifths, the first fifth makes t smaller than 1.
        let labels: Vec<Option<Class>> =
            (0..101).map(|item| (item < 100).then_some(Class(u16::from(item % FOLDS == 0)))).collect();
        let known = Known { labels, ..Known::default() };
        let rows = ndarray::Array2::from_shape_fn((101, 2), |(_, class)| [0.99, 0.01][class]);
        let rows = Probabilities::new(rows).unwrap();
        let held = held_out(&known, |_| Ok::<_, QualityError>(rows.clone())).unwrap();
        assert_eq!(held.len(), 100);
        let first = |item: usize| &held.iter().find(|(at, _)| *at == item).unwrap().1;
        assert!((first(0)[0] - 0.99).abs() < 1e-9, "{:?}", first(0));
        assert!((first(1)[0] - 0.75).abs() < 0.05, "{:?}", first(1));
    }

    #[test]
    fn hidden_labels_are_not_seen_and_few_are_not_enough() {
        let known = |n: usize| Known { labels: vec![Some(Class(0)); n], ..Known::default() };
        let hidden = std::cell::Cell::new(0);
        let fit = |hidden_from: &Known| {
            hidden.set(hidden.get() + hidden_from.labels.iter().filter(|label| label.is_none()).count());
            Probabilities::new(ndarray::Array2::from_elem((hidden_from.labels.len(), 2), 0.5))
        };
        assert!(sharpness(&known(29), fit).unwrap() >= 1.0);
        assert_eq!(hidden.get(), 0);
        assert!(sharpness(&known(40), fit).unwrap() >= 1.0);
        assert_eq!(hidden.get(), 40);
    }
}
