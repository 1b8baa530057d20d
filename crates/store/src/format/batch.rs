//! A batch out, as JSON Lines: what annotators get.
//!
//! `{"id", "text", "labels": [...], "meta": {...}}`; never the score, the reason, the share or whether it is a control
//! item. Only when suggestions are asked for, `"suggestion": {"label", "confidence"}` on every row alike.

use std::fmt::Write;

use querist_core::LabelSet;

use super::row::json_string;

/// One row of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchItem {
    /// The document's id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// The user's own fields, as one JSON object.
    pub meta: Option<String>,
    /// The model's likeliest label and its probability, when suggestions are wanted and there is a model.
    pub suggestion: Option<(String, f64)>,
}

/// Writes a batch.
pub fn write(items: &[BatchItem], labels: &LabelSet) -> Vec<u8> {
    let choices: Vec<String> = labels.names().iter().map(|name| json_string(name)).collect();
    let choices = choices.join(",");
    let mut out = String::new();
    for item in items {
        let meta = item.meta.as_deref().unwrap_or("{}");
        let (id, text) = (json_string(&item.id), json_string(&item.text));
        let _ = write!(out, "{{\"id\":{id},\"text\":{text},\"labels\":[{choices}],\"meta\":{meta}");
        if let Some((label, confidence)) = &item.suggestion {
            let confidence = serde_json::Value::from(*confidence);
            let label = json_string(label);
            let _ = write!(out, ",\"suggestion\":{{\"label\":{label},\"confidence\":{confidence}}}");
        }
        out.push_str("}\n");
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_one_line_of_json_with_nothing_that_gives_the_answer_away() {
        let labels = LabelSet::new(["a", "b"]).unwrap();
        let item = |suggestion| BatchItem { id: "1".into(), text: "x\n\"y\"".into(), meta: None, suggestion };
        let bytes = write(&[item(None), item(Some(("b".into(), 0.75)))], &labels);
        let text = String::from_utf8(bytes).unwrap();
        let expected = concat!(
            r#"{"id":"1","text":"x\n\"y\"","labels":["a","b"],"meta":{}}"#,
            "\n",
            r#"{"id":"1","text":"x\n\"y\"","labels":["a","b"],"meta":{},"suggestion":{"label":"b","confidence":0.75}}"#,
            "\n"
        );
        assert_eq!(text, expected);
    }
}
