//! The page's section on agreement between annotators: the kappa of each pair, as a heat map and as
//! a table.

use super::prose::{prose, without_heading};
use crate::chart::heat::Heat;
use crate::page::{figure, wide_figure};
use crate::{Agreement, ReportError};

/// The heat map shows at most this many annotators, who share the most documents with others.
const DRAWN: usize = 12;

/// Returns the section as HTML. It is empty if nothing was measured and no two annotators share a
/// document.
pub(crate) fn agreement(agreement: &Agreement) -> Result<String, ReportError> {
    if agreement.pairs.is_empty() {
        if agreement.measures.is_empty() {
            return Ok(String::new());
        }
        return Ok(format!("<h2>Agreement</h2>\n{}", prose(without_heading(&agreement.markdown()))));
    }
    let mut shared: Vec<(&str, usize)> = Vec::new();
    for pair in &agreement.pairs {
        for name in [&pair.a, &pair.b] {
            match shared.iter_mut().find(|(known, _)| known == name) {
                Some((_, count)) => *count += pair.shared,
                None => shared.push((name, pair.shared)),
            }
        }
    }
    let all = shared.len();
    shared.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
    shared.truncate(DRAWN);
    let mut names: Vec<String> = shared.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.sort_unstable();
    let mut cells = vec![vec![None; names.len()]; names.len()];
    let mut words = Vec::new();
    for pair in &agreement.pairs {
        let (Ok(a), Ok(b)) = (names.binary_search(&pair.a), names.binary_search(&pair.b)) else { continue };
        if let Some(kappa) = pair.shown_kappa() {
            let cell = Some((kappa, format!("{kappa:.2}")));
            cells[a][b].clone_from(&cell);
            cells[b][a] = cell;
            words.push(format!("{} and {}: {kappa:.2}.", pair.a, pair.b));
        }
    }
    let title = match agreement.weighted {
        Some(_) => "Weighted kappa for each pair of annotators",
        None => "Cohen's kappa for each pair of annotators",
    };
    let heat =
        Heat { id: "kappa", title, description: &words.join(" "), rows: &names, columns: &names, cells };
    let mut caption = format!("{title}: 1 is perfect agreement, 0 is agreement by chance.");
    if all > DRAWN {
        caption += &format!(" Only the {DRAWN} of {all} annotators who share the most documents are shown.");
    }
    // On a phone, the letters of seven or more columns would be too small, so the figure scrolls.
    let shown = if names.len() > 6 { wide_figure } else { figure };
    Ok(format!(
        "<h2>Agreement</h2>\n{}{}",
        shown(&heat.svg()?, &caption),
        prose(without_heading(&agreement.markdown()))
    ))
}
