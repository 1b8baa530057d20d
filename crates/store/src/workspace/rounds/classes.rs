//! Translates values that a round stores for each class into the classes of today.
//!
//! A round stores values by class number, such as the probability of class 0. If classes were only
//! added since, the old numbers are still right, because new classes come last. If classes were
//! renamed, merged or removed, each value moves to the class's number of today.

use querist_core::{Class, LabelSet, Pick};
use serde::Deserialize;

use super::{Draft, place_of};
use crate::error::{DatabaseContext, StoreError};
use crate::workspace::legacy;
use crate::workspace::stored::unknown;

/// Returns the classes with which a round was made, from its stored settings.
pub(super) fn of_then(draft: &Draft) -> Result<LabelSet, StoreError> {
    #[derive(Deserialize)]
    struct MadeWith {
        labels: Vec<String>,
    }
    let wrong = || unknown(&format!("round {}", draft.record.number), "settings", &draft.settings);
    let made_with: Result<MadeWith, _> = serde_json::from_str(&draft.settings);
    let labels = made_with.ok().and_then(|made_with| LabelSet::new(made_with.labels).ok());
    labels.ok_or_else(wrong).doing("read the rounds")
}

/// Returns, for each class of a round, the class of today; `None` if the class was removed. `then`
/// has the round's classes, and `labels` the classes of today. Returns an empty list if no
/// translation is needed, because `labels` begins with the names in `then`.
pub(super) fn now(
    draft: &Draft,
    then: &LabelSet,
    labels: &LabelSet,
) -> Result<Vec<Option<Class>>, StoreError> {
    if draft.record.target.as_ref().is_some_and(|target| target.len() > then.len()) {
        return Err(unknown(&format!("round {}", draft.record.number), "target", "more classes than labels"))
            .doing("read the rounds");
    }
    if labels.names().starts_with(then.names()) {
        return Ok(Vec::new());
    }
    let of = |name: &String| match labels.class(name) {
        Some(class) => Some(Some(class)),
        None => labels.was_taken_out(name).then_some(None),
    };
    // If no fact says that a class of the round was renamed or removed, somebody edited the labels
    // in querist.toml by hand.
    let is_said = then.names().iter().any(|name| labels.has_former(name));
    then.names().iter().map(of).collect::<Option<Vec<_>>>().filter(|_| is_said).ok_or_else(|| {
        let what = format!("round {}, made with the labels {}", draft.record.number, then.names().join(", "));
        let remedy =
            "list them in `labels` in querist.toml again, in this order, and add new ones after them";
        StoreError::Inconsistent { what, remedy }
    })
}

/// Checks a pick against the classes of its round. The pick must not have more probabilities than
/// there are classes, and its quota must be for one of the classes. If an earlier version stored
/// the pick without its quota's class, fills in the class.
pub(super) fn checked(round: u32, mut pick: Pick, then: &LabelSet) -> Result<Pick, StoreError> {
    let place = place_of(round, pick.rank);
    let width = pick.probabilities.as_ref().map_or(0, Vec::len);
    if width > then.len() {
        let what = format!("{width} numbers for {} labels", then.len());
        return Err(unknown(&place, "probabilities", what)).doing("read the picks");
    }
    if let Some(class) = pick.quota.filter(|class| class.index() >= then.len()) {
        return Err(unknown(&place, "quota", class.0)).doing("read the picks");
    }
    pick.quota = pick.quota.or_else(|| legacy::quota(&pick, then));
    Ok(pick)
}

/// Translates a pick's quota and probabilities into the classes of today. `k` is the number of
/// classes of today, and `classes` is the result of [`now`].
pub(super) fn translated(pick: Pick, classes: &[Option<Class>], k: usize) -> Pick {
    if classes.is_empty() {
        return pick;
    }
    let quota = pick.quota.and_then(|class| classes.get(class.index()).copied().flatten());
    let probabilities = pick.probabilities.as_ref().map(|values| spread(values, classes, k));
    // If all probability belongs to removed classes, nothing is left, and the pick gets no
    // probabilities.
    let probabilities = probabilities.filter(|values| values.iter().any(|value| *value > 0.0));
    Pick { quota, probabilities, ..pick }
}

/// Translates a distribution over the round's classes into a distribution over the `k` classes of
/// today. `classes` is the result of [`now`]. The shares of removed classes are divided among the
/// other classes, in proportion to their own shares.
pub(super) fn spread(values: &[f64], classes: &[Option<Class>], k: usize) -> Vec<f64> {
    if classes.is_empty() {
        let mut values = values.to_vec();
        values.resize(k.max(values.len()), 0.0);
        return values;
    }
    let mut now = vec![0.0; k];
    for (value, class) in values.iter().zip(classes) {
        if let Some(class) = class {
            now[class.index()] += value;
        }
    }
    let sum: f64 = now.iter().sum();
    if sum > 0.0 && classes.contains(&None) {
        for value in &mut now {
            *value /= sum;
        }
    }
    now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_their_classes() {
        let class = |at| Some(Class(at));
        assert_eq!(spread(&[0.5, 0.25, 0.25], &[], 4), [0.5, 0.25, 0.25, 0.0]);
        assert_eq!(spread(&[0.5, 0.25, 0.25], &[class(1), class(0), class(1)], 2), [0.25, 0.75]);
        assert_eq!(spread(&[0.5, 0.25, 0.25], &[None, class(0), class(1)], 3), [0.5, 0.5, 0.0]);
        assert_eq!(spread(&[1.0, 0.0], &[None, class(0)], 2), [0.0, 0.0], "nothing is left to share out");
    }
}
