//! Words parts of messages that several errors share.

use super::choice::FieldOption;

/// Returns advice for a label that looks like a missing value; empty for other labels.
pub(super) fn if_missing(label: &str) -> &'static str {
    let looks_missing = querist_core::looks_missing(label);
    if looks_missing { "; if it stands for a missing label, leave the field empty" } else { "" }
}

/// Returns the end of the message about a missing field: every row must have the field. If no
/// option can name another field, the words show the field in JSON.
pub(super) fn on_every_row(field: &str, option: Option<FieldOption>) -> String {
    match option {
        Some(_) => "; every row must have it".to_owned(),
        None => format!("; every row must have {{\"{field}\": …}}"),
    }
}

/// Returns words that name `owner`, the document with the row's text; empty if there is none.
pub(super) fn owned_by(owner: Option<&str>) -> String {
    owner
        .map(|owner| format!("; this text belongs to \"{owner}\", so the columns may be out of step"))
        .unwrap_or_default()
}

/// Returns words that suggest the most similar known name; empty if there is none.
pub(super) fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(" (did you mean \"{nearest}\"?)")).unwrap_or_default()
}
