//! Recognises two kinds of names that are probably mistakes: labels that stand for a missing value,
//! and annotators whose answer file is a second download.
//!
//! Nothing is rejected here; the code that reads names only warns about them. A label that a
//! workspace declares is always a label.

/// The words that programs write for a missing value, in lower case.
const MISSING: [&str; 22] = [
    "",
    "na",
    "n/a",
    "n.a.",
    "n.a",
    "#n/a",
    "#na",
    "<na>",
    "nan",
    "-nan",
    "none",
    "<none>",
    "null",
    "(null)",
    "nil",
    "nat",
    "missing",
    "undefined",
    "-",
    "--",
    "?",
    ".",
];

/// The words that file managers add to the name of a copy, in lower case.
const COPY: [&str; 8] = ["copy", "copie", "kopie", "copia", "kopia", "cópia", "kopio", "copy of"];

/// Returns whether a label looks like a missing value that a program wrote as a word: NaN, None,
/// null, N/A, -, ? and so on.
pub fn looks_missing(label: &str) -> bool {
    let label = label.trim();
    // People and programs write dashes of any kind and number for a missing value.
    let dashes = !label.is_empty() && label.chars().all(|c| matches!(c, '-' | '–' | '—'));
    let questions = !label.is_empty() && label.chars().all(|c| c == '?');
    dashes || questions || MISSING.contains(&label.to_lowercase().as_str())
}

/// Returns the warning that `count` documents or answers, named by `what`, have a label that looks
/// like a missing value.
pub fn missing_warning(what: &str, count: u64, label: &str) -> String {
    format!(
        "{count} {what} have the label \"{label}\", which looks like a missing value but counts as a \
         class; leave the field empty where there is no label"
    )
}

/// Returns the name without the part that marks a second download or a copy, as in "admin (1)",
/// "admin(1)", "admin - Copy", "admin - Copy (2)" or "Copy of admin". `None` if the name has no
/// such part.
pub fn original_name(name: &str) -> Option<&str> {
    let whole = name.trim();
    let bare = without_number(whole).unwrap_or(whole);
    let bare = without_copy(bare).unwrap_or(bare).trim_end();
    (bare != whole && !bare.is_empty()).then_some(bare)
}

/// Returns the name without the number in brackets at its end; `None` if the name does not end with
/// a number of one to three digits in brackets.
fn without_number(name: &str) -> Option<&str> {
    let (before, number) = name.strip_suffix(')')?.rsplit_once('(')?;
    let digits = !number.is_empty() && number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| before.trim_end())
}

/// Returns the name without "Copy of" at its beginning, or without a word for a copy at its end
/// after a dash, an underscore or a space. `None` if it has neither.
fn without_copy(name: &str) -> Option<&str> {
    if let Some((at, _)) = name.char_indices().nth(8)
        && name[..at].eq_ignore_ascii_case("copy of ")
    {
        return Some(&name[at..]);
    }
    let (before, word) = name.rsplit_once([' ', '-', '_', '–'])?;
    COPY.contains(&word.to_lowercase().as_str()).then(|| before.trim_end_matches([' ', '-', '_', '–']))
}

/// Returns the names that look like a second download, each with the name that it is a copy of, in
/// the order of `names`. For example, "admin (1)" is returned if there is also "admin", and "admin
/// (2)" if there is also "admin (1)".
pub fn second_downloads<'a>(names: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    let original = |name: &'a str| {
        let bare = original_name(name)?;
        let exact = names.iter().find(|other| same(other, bare));
        // If the original name is not among the names, take another copy of it that sorts before
        // this one.
        let sibling = || {
            names.iter().find(|other| *other < &name && original_name(other).is_some_and(|of| same(of, bare)))
        };
        exact.or_else(sibling).map(|other| (name, *other))
    };
    names.iter().filter_map(|name| original(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_in_words() {
        for label in [
            "NaN", "nan", "None", "null", "NULL", "N/A", "n/a", "NA", " na ", "-", "—", "?", "???", "#N/A",
            "nil",
        ] {
            assert!(looks_missing(label), "{label}");
        }
        for label in
            ["no", "none of these", "Nancy", "N", "neutral", "not applicable", "a-b", "why?", "0", "nano"]
        {
            assert!(!looks_missing(label), "{label}");
        }
    }

    #[test]
    fn copies_of_a_name() {
        for name in [
            "admin (1)",
            "admin(1)",
            "admin (12)",
            "admin - Copy",
            "admin - Copy (2)",
            "admin copy",
            "admin_copy",
            "Copy of admin",
            "admin – Kopie",
        ] {
            assert_eq!(original_name(name), Some("admin"), "{name}");
        }
        for name in
            ["admin", "admin 1", "admin (one)", "(1)", "Ana Maria", "copy", "admin (2024)", "xerocopy", "é"]
        {
            assert_eq!(original_name(name), None, "{name}");
        }
    }

    #[test]
    fn only_beside_the_other_one() {
        assert_eq!(second_downloads(&["admin", "admin (1)", "bob (1)"]), [("admin (1)", "admin")]);
        assert_eq!(second_downloads(&["Admin", "admin - Copy"]), [("admin - Copy", "Admin")]);
        assert_eq!(second_downloads(&["a (1)", "a (2)"]), [("a (2)", "a (1)")]);
        assert!(second_downloads(&["ann", "bob"]).is_empty());
    }
}
