//! `querist strategies`: lists the query strategies.

use querist_session::query::catalog;
use serde_json::{Value, json};

use crate::output::{Outcome, columns};

/// Runs `querist strategies`: lists all query strategies, each with a description.
pub fn run() -> Outcome {
    let rows: Vec<(&str, String)> =
        catalog::entries().iter().map(|entry| (entry.name, entry.description.to_owned())).collect();
    let json: Vec<Value> = catalog::entries()
        .iter()
        .map(|entry| json!({"name": entry.name, "description": entry.description}))
        .collect();
    Outcome {
        json: json!(json),
        text: columns(&rows).trim_end().to_owned(),
        next: Some(
            "use one with `querist round --strategy NAME`, or strategy = \"NAME\" under [batch] in \
                    querist.toml"
                .to_owned(),
        ),
    }
}
