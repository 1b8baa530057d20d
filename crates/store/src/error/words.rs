//! Parts of sentences that several problems of an input share.

/// What to do where a label only stands for a missing one.
pub(super) fn if_missing(label: &str) -> &'static str {
    let looks_missing = querist_core::looks_missing(label);
    if looks_missing { "; where it stands for a missing label, leave the field empty" } else { "" }
}

/// What to do where a field is missing: name another, or put it on every row.
pub(super) fn renaming(field: &str, flag: Option<&'static str>) -> String {
    match flag {
        Some(flag) => format!("; expected it on every row, name another field with {flag} NAME"),
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
