//! Checks the fields of imported files. It is an error if no row has a field that the user named.
//! If another field looks like the label, the user gets a remark.

use super::{ImportAs, Importer};
use crate::error::{AnswerProblem, Choice, InputError, StoreError, Told, shown};
use crate::format::fields::SeenFields;

/// The largest number of files that one remark names.
const EXAMPLES: usize = 5;

impl Importer<'_> {
    /// Collects remarks about a file: the user named a field that the file lacks, or another field
    /// looks like the label. `seen` has the fields of the file.
    pub(super) fn look_at_fields(&mut self, file: &str, seen: &SeenFields) {
        let fields = &self.options.fields;
        for (option, field) in &self.options.named {
            if !seen.has(field) && seen.names().next().is_some() {
                let choice = Choice::Field(*option);
                self.say_of(file, Told { text: format!("no field \"{field}\""), choice: Some(choice) });
            }
        }
        if !seen.names().any(|name| *name == fields.label) {
            let like = seen.label_like(&[&fields.id, &fields.text]);
            if let Some(first) = like.first() {
                let names: Vec<String> = like.iter().map(|name| format!("\"{name}\"")).collect();
                let (label, names) = (&fields.label, names.join(", "));
                let text = format!("no field \"{label}\"; {names} was kept as a field of its own");
                let leaks = self.options.kind == ImportAs::Pool;
                let choice = Some(Choice::LabelField { field: (*first).to_owned(), leaks });
                self.say_of(file, Told { text, choice });
            }
        }
        self.seen.add(seen);
    }

    /// Records a remark about a file. If several files get the same remark, the user sees it once,
    /// with the files' names.
    fn say_of(&mut self, file: &str, what: Told) {
        self.of_files.entry(what).or_default().push(shown(file).into_owned());
    }

    /// Checks that each field that the user named occurs in some row. If not, the name is a
    /// mistake.
    pub(super) fn named_fields_are_there(&self, files: &[String]) -> Result<(), StoreError> {
        let Some((option, field)) = self.options.named.iter().find(|(_, field)| !self.seen.has(field)) else {
            return Ok(());
        };
        let known: Vec<String> = self.seen.names().map(str::to_owned).collect();
        let problem = AnswerProblem::NoSuchField {
            field: field.clone(),
            option: *option,
            nearest: self.seen.nearest(field),
            known,
        };
        let file = files.iter().map(|file| shown(file)).collect::<Vec<_>>().join(", ");
        Err(InputError::of_file(&file, problem.into()).into())
    }

    /// Adds the remarks that can be worded only after all files have been read.
    pub(super) fn remarks(&mut self) {
        let counts = &mut self.counts;
        for (what, files) in &self.of_files {
            let named = files.iter().take(EXAMPLES).map(String::as_str).collect::<Vec<_>>().join(", ");
            counts.remarks.push(what.clone().map(|what| match files.len() {
                1 => format!("{named} has {what}"),
                2..=EXAMPLES => format!("{named} have {what}"),
                n => format!("{named}, … ({n} files) have {what}"),
            }));
        }
        if let Some(first) = &self.other_fields {
            counts.remarks.push(
                format!(
                    "{} known documents came with different fields of their own (the first is \"{first}\"); \
                     the stored fields stay",
                    counts.other_fields
                )
                .into(),
            );
        }
        if counts.respelled > 0 {
            counts.remarks.push(
                format!(
                    "{} known documents came with different white space or accents in their text; the stored \
                 text stays",
                    counts.respelled
                )
                .into(),
            );
        }
    }
}
