//! The page's section that compares the labels of each round with the target of the quotas, as bars
//! and a table.

use super::prose::{prose, without_heading};
use crate::chart::bars::{Bar, Bars};
use crate::page::{figure, legend};
use crate::{Distribution, ReportError};

/// The chart shows at most this many rounds, the latest ones.
const DRAWN: usize = 24;

/// A bar has at most this many parts. If there are more classes, the last part stands for all the
/// others.
const PARTS: usize = 8;

impl Distribution {
    /// Returns the section as HTML.
    pub(super) fn html(&self, labels: &[String]) -> Result<String, ReportError> {
        let mut section = "<h2>Labels by round</h2>\n".to_owned();
        let mut rows = vec![("imported".to_owned(), shares(&self.imported), None)];
        let first = self.rounds.len().saturating_sub(DRAWN);
        for round in &self.rounds[first..] {
            let target = round.target.clone().map(parts);
            rows.push((format!("round {}", round.round), shares(&round.labeled), target));
        }
        rows.push(("all".to_owned(), shares(&self.total), None));
        rows.retain(|(_, shares, target)| shares.iter().any(|share| *share > 0.0) || target.is_some());
        if !rows.is_empty() {
            let names = if labels.len() > PARTS {
                labels[..PARTS - 1].iter().cloned().chain(["all others".to_owned()]).collect()
            } else {
                labels.to_vec()
            };
            let words = rows.iter().map(|(name, shares, _)| {
                let parts =
                    names.iter().zip(shares).map(|(name, share)| format!("{name} {:.0} %", share * 100.0));
                format!("{name}: {}.", parts.collect::<Vec<_>>().join(", "))
            });
            let description = words.collect::<Vec<_>>().join(" ");
            let rows = rows.into_iter().map(|(name, shares, target)| Bar { name, shares, target }).collect();
            let title = "Share of each class among the labels";
            let bars = Bars { id: "distribution", title, description: &description, rows };
            let mut caption = format!("{title}, in the order of the legend");
            if self.rounds.iter().any(|round| round.target.is_some()) {
                caption += "; the thin bars show the targets of the quotas";
            }
            section += &legend(&names);
            section += &figure(&bars.svg()?, &(caption + "."));
        }
        Ok(section + &prose(without_heading(&self.markdown(labels))))
    }
}

/// Returns each count as a share of all counts, in at most [`PARTS`] parts.
fn shares(counts: &[usize]) -> Vec<f64> {
    let total: usize = counts.iter().sum();
    parts(counts.iter().map(|count| *count as f64 / total.max(1) as f64).collect())
}

/// Shortens a list of shares to [`PARTS`] entries. The last entry then is the sum of the others.
fn parts(mut shares: Vec<f64>) -> Vec<f64> {
    if shares.len() > PARTS {
        let rest = shares[PARTS - 1..].iter().sum();
        shares.truncate(PARTS - 1);
        shares.push(rest);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_part_of_its_own_is_put_together() {
        assert_eq!(shares(&[1, 3]), [0.25, 0.75]);
        assert_eq!(shares(&[0, 0]), [0.0, 0.0]);
        assert_eq!(shares(&[1; 10]), [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 + 0.1 + 0.1]);
    }
}
