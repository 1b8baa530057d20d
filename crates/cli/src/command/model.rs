//! `querist model`: shows the terms that speak for each class, explains how a text is classified,
//! and writes the model to a portable file.

use querist_session::Session;
use querist_session::model::{Explain, Explained, ModelName, TopTerms};
use serde_json::{Map, Value, json};

use crate::args::{ModelExport, ModelShow};
use crate::output::{Outcome, Talk, columns, shown, written};
use crate::paste::quoted;

/// Runs `querist model show`. If the user names a document or a text, explains how the model of a
/// round classifies it; otherwise, shows the model's top terms.
///
/// # Errors
/// The round or document does not exist, the round has no model, or the workspace cannot be read.
pub fn show(show: &ModelShow, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let of = match (&show.document, &show.text) {
        (Some(id), _) => Some(Explain::Document(id)),
        (None, text) => text.as_deref().map(Explain::Text),
    };
    if let Some(of) = of {
        let explained = session.explain(show.round, of, talk)?;
        return Ok(outcome(&explained.name, &explained_value(&explained), &explained_text(&explained)));
    }
    let top = session.top_terms(show.round, show.terms, talk)?;
    Ok(outcome(&top.name, &top_value(&top), &top_text(&top)))
}

/// Makes the outcome of a command about a model. `value` and `text` are its results.
fn outcome(name: &ModelName, value: &Value, text: &str) -> Outcome {
    let path = shown(&name.model_file);
    let head = columns(&[("model", format!("round {}, {path}", name.round))]);
    Outcome {
        json: json!({"round": name.round, "model": name.model, "model_file": path, "result": value}),
        text: format!("{head}{text}"),
        next: None,
    }
}

/// Returns an explanation as JSON.
fn explained_value(explained: &Explained) -> Value {
    let probabilities = explained.labels.iter().zip(&explained.probabilities);
    let probabilities: Map<String, Value> = probabilities.map(|(name, p)| (name.clone(), json!(p))).collect();
    json!({
        "label": explained.labels[explained.likeliest], "probabilities": probabilities,
        "intercept": explained.intercept, "terms": explained.terms,
    })
}

/// Returns an explanation in words: the probability of each class, and what each term adds.
fn explained_text(explained: &Explained) -> String {
    let mut out = format!("  {}\n", quote(&explained.text));
    for (name, p) in explained.labels.iter().zip(&explained.probabilities) {
        out += &format!("  {name}: {:.1} %\n", p * 100.0);
    }
    let name = &explained.labels[explained.likeliest];
    out +=
        &format!("What each term adds to the logit of \"{name}\" (minus the mean of the other classes):\n");
    let rows = explained.terms.iter();
    let rows: Vec<(&str, String)> =
        rows.map(|term| (term.term.as_str(), format!("{:+.3}", term.pull(explained.likeliest)))).collect();
    out + &columns(&rows)
}

/// Returns the top terms as JSON.
fn top_value(top: &TopTerms) -> Value {
    let classes = top.classes.iter().map(|class| {
        let terms = class.terms.iter().map(|(term, pull)| json!({"term": term, "pull": pull}));
        (class.label.clone(), Value::Array(terms.collect()))
    });
    json!({"classes": classes.collect::<Map<String, Value>>()})
}

/// Lists the top terms, one line per class.
fn top_text(top: &TopTerms) -> String {
    let mut out = String::new();
    for class in &top.classes {
        let terms: Vec<&str> = class.terms.iter().map(|(term, _)| term.as_str()).collect();
        let terms = if terms.is_empty() { "–".to_owned() } else { terms.join(", ") };
        out += &format!("  {}: {terms}\n", class.label);
    }
    if top.has_vectors {
        out += "  Vectors of documents count too, but they have no words: `querist model show --document ID` says \
                what a document's vector adds\n";
    }
    out
}

/// Runs `querist model export`: writes a round's model to a portable file.
///
/// # Errors
/// There is no model, or the file cannot be written.
pub fn export(export: &ModelExport, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let made = session.export_model(export.round, &export.file, talk)?;
    let (path, bytes, round) = (shown(&export.file), made.bytes, made.round);
    Ok(Outcome {
        json: json!({"file": written(&export.file), "bytes": bytes, "round": round, "model": made.model}),
        text: format!("The model of round {round}: {path}, {bytes} bytes"),
        next: Some(format!("on any machine, run `querist predict TEXTS --model {}`", quoted(&export.file))),
    })
}

/// Returns the beginning of a text, at most 100 characters, on one line and in quotes.
fn quote(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(100).collect();
    if short.len() < line.len() { format!("“{short}…”") } else { format!("“{short}”") }
}
