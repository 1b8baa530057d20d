//! Parts of sentences that several problems of an input share.

use super::choice::FieldOption;

/// What to do where a label only stands for a missing one.
pub(super) fn if_missing(label: &str) -> &'static str {
    let looks_missing = querist_core::looks_missing(label);
    if looks_missing { "; where it stands for a missing label, leave the field empty" } else { "" }
}

/// What is expected where a field is missing; a field that no option names has this name only.
pub(super) fn on_every_row(field: &str, option: Option<FieldOption>) -> String {
    match option {
        Some(_) => "; expected it on every row".to_owned(),
        None => format!("; expected {{\"{field}\": …}} on every row"),
    }
}

/// Whose text it is.
pub(super) fn owned_by(owner: Option<&str>) -> String {
    owner
        .map(|owner| format!("; this text is that of \"{owner}\", are the columns still in step?"))
        .unwrap_or_default()
}

/// The nearest known name.
pub(super) fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(" (did you mean \"{nearest}\"?)")).unwrap_or_default()
}
