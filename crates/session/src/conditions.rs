//! Conditions on the user's own fields of documents. Finds the documents that meet them, and
//! restricts a round to these documents.

use querist_core::{Condition, nearest_name};
use querist_engine::Nothing;
use querist_store::workspace::Met;

use crate::bench::Bench;
use crate::error::{Result, SessionError};
use crate::opened::Opened;

/// An error names at most this many fields.
const MOST_NAMED: usize = 20;

/// Finds the documents that meet all `conditions`. The result holds for each document, by its place
/// in the corpus, whether it does.
///
/// # Errors
/// No document has a field that a condition names, or the database cannot be read.
pub(crate) fn met(opened: &Opened, conditions: &[Condition]) -> Result<Met> {
    let met = opened.workspace.meeting(conditions)?;
    for (condition, values) in conditions.iter().zip(&met.values) {
        if !values.is_empty() {
            continue;
        }
        let field = condition.field.clone();
        let nearest = nearest_name(&field, met.fields.iter().map(String::as_str)).map(str::to_owned);
        let mut fields: Vec<String> = met.fields.iter().take(MOST_NAMED).cloned().collect();
        if fields.len() < met.fields.len() {
            fields.push("…".to_owned());
        }
        return Err(SessionError::NoSuchField { field, nearest, fields });
    }
    Ok(met)
}

/// Restricts the open documents to those that meet all conditions in the round's settings.
///
/// # Errors
/// No document has a field that a condition names, or no open document meets all conditions.
pub(crate) fn choose_among_part(opened: &Opened, bench: &mut Bench) -> Result<()> {
    let conditions = &bench.settings.batch.conditions;
    if conditions.is_empty() || bench.situation.open.is_empty() {
        return Ok(());
    }
    let met = met(opened, conditions)?;
    let documents = &bench.snapshot.documents;
    let meets = |document: usize| {
        let place = documents[document].place as usize;
        met.documents.get(place).copied().unwrap_or_default()
    };
    bench.situation.choose_among(conditions, meets).map_err(|nothing| match nothing {
        Nothing::NoneMeets { conditions: of, open, pool, .. } => {
            let values = if pool == 0 { other_values(conditions, &met) } else { Vec::new() };
            Nothing::NoneMeets { conditions: of, open, pool, values }
        }
        other => other,
    })?;
    Ok(())
}

/// For each condition whose value no document has, lists the values that documents do have, such as
/// "lang=en".
fn other_values(conditions: &[Condition], met: &Met) -> Vec<String> {
    let mut values = Vec::new();
    for (at, condition) in conditions.iter().enumerate() {
        if !condition.equal || met.values[at].contains(&condition.value) {
            continue;
        }
        values.extend(met.values[at].iter().map(|value| format!("{}={value}", condition.field)));
        values.extend(met.more[at].then(|| "…".to_owned()));
    }
    values
}
