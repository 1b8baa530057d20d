//! Prefers labels that an annotator gave to labels that no annotator gave.
//!
//! A model may find a label likeliest that no answer to the item has, for example because an
//! annotator always confuses two classes. If the posteriors of this label and of a given label are
//! equal within the accuracy of the method, it is chance which of them leads. Then the verdict
//! becomes the likeliest given label, or a tie if several given labels are equally likely.

use querist_core::{AnnotationSet, Class, Verdict};

use crate::known::Checked;
use crate::outcome::TIE;

/// The difference up to which two posteriors count as equal if they are shares of draws: about the
/// largest standard error of a share of 320 draws, the fewest draws that are kept.
pub(crate) const OF_DRAWS: f64 = 0.03;
/// The difference up to which two posteriors of a fit count as equal: when a fit stops, its
/// posteriors may still be about this far from their limits.
pub(crate) const OF_FITS: f64 = 1e-3;

/// Replaces each verdict for a label that no annotator gave to the item. The verdict stays if the
/// label's posterior exceeds the posteriors of all given labels by more than `accuracy`, or if the
/// item's label is known. `rows` are the posteriors, with a row for each item and a column for each
/// class.
pub(crate) fn prefer_given(
    annotations: &AnnotationSet,
    known: Checked<'_>,
    (rows, accuracy): (&[f64], f64),
    verdicts: &mut [Verdict],
) {
    let k = annotations.n_classes().max(1);
    for (item, (row, verdict)) in rows.chunks_exact(k).zip(verdicts).enumerate() {
        let mut given: Vec<Class> = annotations.of_item(item).iter().map(|answer| answer.label).collect();
        given.sort_unstable();
        given.dedup();
        let leading = match verdict {
            Verdict::Label(class) => std::slice::from_ref(class),
            Verdict::Tie(classes) => classes,
        };
        // The highest posterior among some classes.
        let most = |classes: &[Class]| classes.iter().map(|class| row[class.index()]).fold(0.0, f64::max);
        let best = most(&given);
        if known.label(item).is_some()
            || given.is_empty()
            || leading.iter().any(|class| given.contains(class))
            || most(leading) > best + accuracy
        {
            continue;
        }
        given.retain(|class| row[class.index()] >= best - TIE);
        *verdict = match given[..] {
            [class] => Verdict::Label(class),
            _ => Verdict::Tie(given),
        };
    }
}

#[cfg(test)]
mod tests {
    use querist_core::Known;

    use super::*;

    #[test]
    fn a_label_that_nobody_gave_must_be_ahead_by_more_than_the_accuracy() {
        let set = AnnotationSet::new([("1", "p", Class(0)), ("2", "p", Class(0)), ("2", "q", Class(1))], 3);
        let nothing = Known::default();
        let known = Checked::new(&set, &nothing).unwrap();
        let decide = |row: [f64; 3], verdict: Verdict| {
            let mut verdicts = vec![Verdict::Label(Class(0)), verdict];
            let rows: Vec<f64> = [0.4, 0.5, 0.1].into_iter().chain(row).collect();
            prefer_given(&set, known, (&rows, 0.03), &mut verdicts);
            assert_eq!(verdicts[0], Verdict::Label(Class(0)), "a given label stands");
            verdicts.remove(1)
        };
        let third = Verdict::Label(Class(2));
        assert_eq!(decide([0.3, 0.2, 0.5], third.clone()), third);
        assert_eq!(decide([0.4, 0.19, 0.41], third.clone()), Verdict::Label(Class(0)));
        assert_eq!(decide([0.33, 0.33, 0.34], third.clone()), Verdict::Tie(vec![Class(0), Class(1)]));
        let tie = Verdict::Tie(vec![Class(0), Class(2)]);
        assert_eq!(decide([0.4, 0.2, 0.4], tie.clone()), tie);
        assert_eq!(decide([0.2, 0.5, 0.3], third), Verdict::Label(Class(1)));
    }
}
