//! What a file is called, where its name is that of a person: doccano names its exports so.

/// The name of a file without folders, and without the endings that say how it is written: names of
/// people have dots too.
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

/// Whose a file is by its name. What Querist wrote for a person's doccano has the tool's name in
/// front.
pub(crate) fn whose(file: &str) -> &str {
    let stem = stem(file);
    stem.strip_prefix("doccano-").filter(|name| !name.is_empty()).unwrap_or(stem)
}

/// A name without an ending, whatever its case.
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
