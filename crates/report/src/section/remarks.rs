//! The report's section on annotators' remarks. Documents with a flag come first, because a person
//! should look at them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::markdown::{escape, excerpt, table};

/// What an annotator or an expert remarked on an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Name of the annotator or the expert.
    pub by: String,
    /// Label of the answer; `None` for a skip.
    pub label: Option<String>,
    /// Why the annotator gave this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Any other remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The text of a flag. A flag asks that a person look at the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
}

/// The remarks on one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentRemarks {
    /// The document's id.
    pub id: String,
    /// The remarks of each person.
    pub remarks: Vec<Remark>,
}

/// All remarks, with counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remarks {
    /// Number of answers with a flag.
    pub flags: usize,
    /// Number of answers with a comment.
    pub comments: usize,
    /// Number of answers with a reason.
    pub reasons: usize,
    /// Number of answers with each reason.
    pub by_reason: BTreeMap<String, usize>,
    /// The documents with remarks, sorted by id; documents with a flag come first.
    pub documents: Vec<DocumentRemarks>,
}

/// The Markdown shows at most this many documents. The JSON contains all.
const SHOWN: usize = 30;
/// In the Markdown, a remark is cut after this many characters.
const EXCERPT: usize = 160;

impl Remark {
    /// Returns the remark on one line, such as "ana (billing): flag: true; comment: …".
    pub fn line(&self) -> String {
        let parts = [("flag", &self.flag), ("reason", &self.reason), ("comment", &self.comment)];
        let parts = parts.iter().filter_map(|(name, text)| Some(format!("{name}: {}", text.as_deref()?)));
        let label = self.label.as_deref().unwrap_or("skipped");
        format!("{} ({label}): {}", self.by, parts.collect::<Vec<_>>().join("; "))
    }
}

impl Remarks {
    /// Counts the remarks, and puts documents with a flag first. `by_document` has the remarks on
    /// each document, sorted by id.
    pub fn of(by_document: Vec<(String, Vec<Remark>)>) -> Self {
        let count = |has: fn(&Remark) -> bool| {
            by_document.iter().flat_map(|(_, remarks)| remarks).filter(|remark| has(remark)).count()
        };
        let (flags, comments) =
            (count(|remark| remark.flag.is_some()), count(|remark| remark.comment.is_some()));
        let reasons = count(|remark| remark.reason.is_some());
        let mut by_reason = BTreeMap::new();
        for reason in by_document.iter().flat_map(|(_, remarks)| remarks).filter_map(|one| one.reason.clone())
        {
            *by_reason.entry(reason).or_default() += 1;
        }
        let of = |(id, remarks)| DocumentRemarks { id, remarks };
        let mut documents: Vec<DocumentRemarks> = by_document.into_iter().map(of).collect();
        documents.sort_by_key(|document| !document.remarks.iter().any(|remark| remark.flag.is_some()));
        Self { flags, comments, reasons, by_reason, documents }
    }

    /// Renders the section as Markdown.
    pub fn markdown(&self) -> String {
        let row = |document: &DocumentRemarks| {
            let lines: Vec<String> =
                document.remarks.iter().map(|remark| escape(&excerpt(&remark.line(), EXCERPT))).collect();
            vec![escape(&document.id), lines.join(" · ")]
        };
        let rows: Vec<Vec<String>> = self.documents.iter().take(SHOWN).map(row).collect();
        let mut parts = vec![
            "## Remarks".to_owned(),
            format!(
                "Along with their answers, people left {} flags, {} comments and {} reasons.",
                self.flags, self.comments, self.reasons
            ),
            table(&["Document", "What people wrote"], &rows),
        ];
        if !self.by_reason.is_empty() {
            let counts = self.by_reason.iter().map(|(reason, n)| format!("{} {n}", escape(reason)));
            parts.insert(2, format!("Reasons: {}.", counts.collect::<Vec<_>>().join(", ")));
        }
        if self.documents.len() > SHOWN {
            parts.push(format!("report.json lists {} more documents.", self.documents.len() - SHOWN));
        }
        parts.join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flagged_documents_come_first_and_markup_is_escaped() {
        let remark = |comment: Option<&str>, flag: Option<&str>| Remark {
            by: "ana".to_owned(),
            label: None,
            reason: None,
            comment: comment.map(str::to_owned),
            flag: flag.map(str::to_owned),
        };
        let remarks = Remarks::of(vec![
            ("a".to_owned(), vec![remark(Some("a <b>|"), None)]),
            ("b".to_owned(), vec![remark(None, Some("true"))]),
        ]);
        assert_eq!((remarks.flags, remarks.comments, remarks.reasons), (1, 1, 0));
        assert_eq!(remarks.documents[0].id, "b");
        let text = remarks.markdown();
        assert!(text.contains("ana (skipped): flag: true"), "{text}");
        assert!(!text.contains("<b>|"), "{text}");
    }
}
