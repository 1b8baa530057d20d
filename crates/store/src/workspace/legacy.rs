//! Rules of earlier versions of Querist, which are needed to make the rounds of these versions
//! again.

use querist_core::{Class, LabelSet, Pick, Share};

use super::people::People;

/// Returns the people by the rule of the first edition: names that differ in any character belong
/// to different people. So nobody has several names.
pub(super) fn people() -> People {
    People::default()
}

/// Returns the class whose quota the pick fills, for a pick from schema version 5 or earlier. In
/// these versions, only the pick's reason named the class, as in `ratio:fraud`.
pub(super) fn quota(pick: &Pick, labels: &LabelSet) -> Option<Class> {
    let reason = Some(&pick.reason).filter(|_| pick.share == Share::Ratio)?;
    labels.class(reason.strip_prefix("ratio:")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_pick_of_the_quotas_has_a_class() {
        let labels = LabelSet::new(["fraud", "a:b"]).unwrap();
        let class = |share, reason: &str| {
            let reason = reason.to_owned();
            let pick = Pick {
                document: 0,
                rank: 1,
                share,
                quota: None,
                reason,
                fallback: false,
                score: None,
                probabilities: None,
            };
            quota(&pick, &labels)
        };
        assert_eq!(class(Share::Ratio, "ratio:fraud"), Some(Class(0)));
        assert_eq!(class(Share::Ratio, "ratio:a:b"), Some(Class(1)));
        // A strategy named `ratio` may fill the share `uncertainty`; and a class may have been
        // removed from the labels.
        assert_eq!(class(Share::Uncertainty, "ratio:fraud"), None);
        assert_eq!(class(Share::Ratio, "ratio:spam"), None);
        assert_eq!(class(Share::Ratio, "entropy"), None);
    }
}
