//! Finds the name of a person in a file name, because doccano names its exports after annotators.

/// Returns the name of a file without folders and without format suffixes such as `.jsonl.gz`.
/// Other dots stay, because people's names may contain dots.
pub(crate) fn stem(file: &str) -> &str {
    const ENDINGS: [&str; 9] =
        [".gz", ".zst", ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".parquet"];
    let mut name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    while let Some(shorter) =
        ENDINGS.iter().find_map(|ending| without(name, ending)).filter(|name| !name.is_empty())
    {
        name = shorter;
    }
    name
}

/// Returns the name of the person after whom the file is named. Querist names its files for doccano
/// `doccano-PERSON`, so that prefix is removed.
pub(crate) fn whose(file: &str) -> &str {
    let stem = stem(file);
    stem.strip_prefix("doccano-").filter(|name| !name.is_empty()).unwrap_or(stem)
}

/// Returns `name` without the suffix `ending`, compared without regard to case; `None` if the name
/// does not end with it.
fn without<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let (start, end) = name.split_at_checked(name.len().checked_sub(ending.len())?)?;
    end.eq_ignore_ascii_case(ending).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn the_name_of_a_person_keeps_its_dots() {
        for (file, name) in [
            ("out/dr.ben.jsonl", "dr.ben"),
            ("dr.cem@example.org.jsonl.gz", "dr.cem@example.org"),
            ("all.JSON", "all"),
            ("ana", "ana"),
            (".jsonl", ".jsonl"),
        ] {
            assert_eq!(stem(file), name, "{file}");
        }
    }
}
