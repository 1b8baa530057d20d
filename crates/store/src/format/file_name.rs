//! File names that are a person's name: doccano names its exports so.

/// The name of a file without folders and without format suffixes such as `.jsonl.gz`. Other dots
/// stay, because people's names may contain dots.
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

/// The person whose file this is, by its name. Querist puts `doccano-` before the person in the
/// names of files for doccano.
pub(crate) fn whose(file: &str) -> &str {
    let stem = stem(file);
    stem.strip_prefix("doccano-").filter(|name| !name.is_empty()).unwrap_or(stem)
}

/// A name without a suffix, ignoring case; `None` if the name has another end.
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
