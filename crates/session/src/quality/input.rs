//! Reads the input files of `querist quality`: answers, and true labels.
//!
//! Two labels or two annotators are the same if [`name_key`] returns the same for both. The
//! spelling that is read first is kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use querist_core::{AnnotationSet, AnnotationSetBuilder, Class, name_key};
use querist_store::format::crowd::{self, CrowdFile, CrowdKind, CrowdReading};
use querist_store::{CrowdProblem, InputProblem, Told};

use super::Ranks;
use crate::error::{Result, SessionError};
use crate::inputs::shown;

/// The largest number of different labels. If there are more, the wrong column was probably read as
/// the label.
const MOST_LABELS: usize = 1_000;

/// The answers in all files, and counts of what was read.
pub(super) struct Answers {
    /// The answers that count.
    pub(super) annotations: AnnotationSet,
    /// All labels in the answers and among the true labels, sorted by name or, if they are ranks,
    /// from low to high.
    pub(super) labels: Vec<String>,
    /// Number of rows.
    pub(super) rows: u64,
    /// Number of rows without a label.
    pub(super) skips: u64,
    /// Number of answers that do not count, because the annotation platform marks their assignment
    /// as rejected or tainted.
    pub(super) refused: u64,
    /// Number of answers to the annotation platform's test questions. They count.
    pub(super) golden: u64,
    /// Remarks about how the files were read.
    pub(super) remarks: Vec<Told>,
    /// Hash of the file's content. If there are several files, hash of their hashes.
    pub(super) hash: String,
}

/// The true labels in a file.
pub(super) struct Gold {
    /// By item: the true label, and the line of the file that has it.
    pub(super) labels: BTreeMap<String, (String, u64)>,
    /// Hash of the file's content.
    pub(super) hash: String,
    /// Remarks about how the file was read.
    pub(super) remarks: Vec<Told>,
}

/// Returns the reader's remarks, each with the name of its file.
fn remarks(file: &str, read: &CrowdFile) -> Vec<Told> {
    read.remarks.iter().map(|told| told.clone().of_file(&shown(file))).collect()
}

impl Answers {
    /// Reads the answers in all files. Labels that only `gold` has become classes too.
    pub(super) fn read(
        files: &[String],
        reading: &CrowdReading,
        gold: Option<&Gold>,
        ranks: Option<&Ranks>,
    ) -> Result<Self> {
        let mut builder = AnnotationSetBuilder::new();
        // Labels are numbered as they appear, and renumbered in sorted order at the end. The map
        // only serves to look up names, so its order has no effect.
        let mut names: Vec<String> = Vec::new();
        let mut numbers: HashMap<String, Class> = HashMap::new();
        let mut people = Spellings::default();
        let (mut rows, mut skips, mut hashes) = (0, 0, Vec::new());
        let (mut refused, mut golden, mut told) = (0, 0, Vec::new());
        for file in files {
            let mut take = |row: crowd::CrowdRow<'_>, _| {
                let Some(label) = row.label else {
                    skips += 1;
                    return Ok(());
                };
                let class = if let Some(class) = numbers.get(name_key(label).as_ref()) {
                    *class
                } else {
                    if names.len() == MOST_LABELS {
                        return Err(too_many(label));
                    }
                    let class = Class::from_index(names.len());
                    names.push(label.to_owned());
                    numbers.insert(name_key(label).into_owned(), class);
                    class
                };
                builder.push(row.item, people.first(row.annotator), class);
                Ok(())
            };
            let read = crowd::read(file, CrowdKind::Answers, reading, &mut take)?;
            rows += read.rows;
            refused += read.refused;
            golden += read.golden;
            told.extend(remarks(file, &read));
            hashes.push(read.hash);
        }
        if builder.is_empty() {
            let what = if refused > 0 {
                format!(
                    "all {refused} answers are left out because the platform marks their assignments as \
                     rejected or tainted"
                )
            } else {
                "no row has a label, so there is nothing to aggregate".to_owned()
            };
            let what = format!("{what}; expected answers");
            return Err(SessionError::Input { what: format!("{}: {what}", files.join(", ")) });
        }
        let mut labels: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let of_gold = gold.iter().flat_map(|gold| gold.labels.values()).map(|(label, _)| label.as_str());
        labels.extend(of_gold.filter(|label| !numbers.contains_key(name_key(label).as_ref())));
        let sorted: Vec<String> = labels.into_iter().map(str::to_owned).collect();
        let labels = ranks.map_or(Ok(sorted.clone()), |ranks| ranks.order(&sorted))?;
        builder.relabel(&places(&names, &labels));
        let hash = match &hashes[..] {
            [one] => one.clone(),
            several => blake3::hash(several.concat().as_bytes()).to_hex().to_string(),
        };
        let annotations = builder.build(labels.len());
        Ok(Self { annotations, labels, rows, skips, refused, golden, remarks: told, hash })
    }
}

/// Returns for each name its index in `labels`, which contains all of them.
fn places(names: &[String], labels: &[String]) -> Vec<Class> {
    let keys: HashMap<_, usize> =
        labels.iter().enumerate().map(|(at, label)| (name_key(label), at)).collect();
    let place = |name: &String| Class::from_index(keys.get(&name_key(name)).copied().unwrap_or_default());
    names.iter().map(place).collect()
}

impl Gold {
    /// Reads the true labels in a file. Fails if the file has two different labels for one item.
    pub(super) fn read(file: &str, reading: &CrowdReading) -> Result<Self> {
        let mut labels: BTreeMap<String, (String, u64)> = BTreeMap::new();
        let mut distinct: BTreeSet<String> = BTreeSet::new();
        let mut spellings = Spellings::default();
        let mut take = |row: crowd::CrowdRow<'_>, line| {
            let label = spellings.first(row.label.unwrap_or_default());
            if !distinct.contains(label) {
                if distinct.len() == MOST_LABELS {
                    return Err(too_many(label));
                }
                distinct.insert(label.to_owned());
            }
            match labels.get(row.item) {
                Some((stored, first)) if stored != label => Err(CrowdProblem::GoldDiffers {
                    item: row.item.to_owned(),
                    label: label.to_owned(),
                    stored: stored.clone(),
                    first: *first,
                }
                .into()),
                Some(_) => Ok(()),
                None => {
                    labels.insert(row.item.to_owned(), (label.to_owned(), line));
                    Ok(())
                }
            }
        };
        let read = crowd::read(file, CrowdKind::Gold, reading, &mut take)?;
        let remarks = remarks(file, &read);
        Ok(Self { labels, hash: read.hash, remarks })
    }

    /// Returns the true label of each item of `annotations`; `None` if it is unknown.
    pub(super) fn by_item(&self, annotations: &AnnotationSet, labels: &[String]) -> Vec<Option<Class>> {
        let by_key: HashMap<_, usize> =
            labels.iter().enumerate().map(|(at, label)| (name_key(label), at)).collect();
        let class = |item: &String| {
            let (label, _) = self.labels.get(item)?;
            by_key.get(&name_key(label)).map(|at| Class::from_index(*at))
        };
        annotations.items().iter().map(class).collect()
    }
}

/// The spelling of each name that was read first. The map only serves to look up names, so its
/// order has no effect.
#[derive(Default)]
struct Spellings(HashMap<String, String>);

impl Spellings {
    /// Returns the first spelling of `name`. If `name` is new, this is its own spelling, which is
    /// kept.
    fn first<'a>(&'a mut self, name: &'a str) -> &'a str {
        if name.is_ascii() {
            return name;
        }
        let key = name_key(name).into_owned();
        self.0.entry(key).or_insert_with(|| name.to_owned())
    }
}

/// Returns the error that a file has more than [`MOST_LABELS`] different labels. `label` is the
/// first that is too many.
fn too_many(label: &str) -> InputProblem {
    let (found, limit) = (MOST_LABELS + 1, MOST_LABELS);
    CrowdProblem::TooManyLabels { label: label.to_owned(), found, limit }.into()
}
