//! Writes batches as Label Studio tasks: a JSON array, and the labelling configuration (XML) for
//! the project.
//!
//! In each task, `data` contains `text`, `querist_id`, and `meta` with the user's own fields as an
//! object. The configuration shows annotators only `text`. A suggestion is a prediction whose
//! `score` is the confidence; Label Studio can present the tasks with the lowest scores first.

use std::fmt::Write;

use querist_core::LabelSet;

use super::{BatchFormat, BatchItem, number};
use crate::format::row::json_string;

/// The format of Label Studio's tasks.
pub(super) struct LabelStudio;

impl BatchFormat for LabelStudio {
    fn name(&self) -> &'static str {
        "label-studio"
    }

    fn file_name(&self) -> (&'static str, &'static str) {
        ("label-studio", "json")
    }

    fn head(&self) -> &'static str {
        "[\n"
    }

    fn row(&self, item: &BatchItem, _labels: &LabelSet) -> String {
        let (id, text) = (json_string(&item.id), json_string(&item.text));
        let meta = item.meta.as_ref().map(|meta| format!(",\"meta\":{meta}")).unwrap_or_default();
        let mut out = format!("{{\"data\":{{\"text\":{text},\"querist_id\":{id}{meta}}}");
        if let Some((label, confidence)) = &item.suggestion {
            let (label, score) = (json_string(label), number(*confidence));
            let _ = write!(
                out,
                ",\"predictions\":[{{\"model_version\":\"querist\",\"score\":{score},\"result\":[{{\"from_name\":\"label\",\
                 \"to_name\":\"text\",\"type\":\"choices\",\"value\":{{\"choices\":[{label}]}}}}]}}]"
            );
        }
        out.push('}');
        out
    }

    fn separator(&self) -> &'static str {
        ",\n"
    }

    fn tail(&self) -> &'static str {
        "\n]\n"
    }

    fn beside(&self, labels: &LabelSet) -> Option<(&'static str, String)> {
        let mut xml = String::from(
            "<View>\n  <Text name=\"text\" value=\"$text\"/>\n  <Choices name=\"label\" toName=\"text\" choice=\"single\" showInline=\"true\">\n",
        );
        for name in labels.names() {
            let _ = writeln!(xml, "    <Choice value=\"{}\"/>", attribute(name));
        }
        xml.push_str("  </Choices>\n</View>\n");
        Some(("label-studio.xml", xml))
    }
}

/// Returns a text with escapes for the characters that have a special meaning in the value of an
/// XML attribute.
fn attribute(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
