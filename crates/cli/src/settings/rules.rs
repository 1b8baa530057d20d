//! `[rules]`: patterns that vote for a class.

use querist_core::LabelSet;
use querist_text::rules::{Rule, Rules};
use toml::Spanned;

use super::class_named;
use crate::configuration::ConfigurationFile;

/// The rules of querist.toml, by class in label order; `None` when it has none.
///
/// # Errors
/// A class that is no label, or a pattern that is no regular expression: with its line.
pub fn rules(file: &ConfigurationFile, labels: &LabelSet) -> anyhow::Result<Option<Rules>> {
    let mut by_class: Vec<Vec<&Spanned<String>>> = vec![Vec::new(); labels.len()];
    for (name, patterns) in &file.values.rules {
        let class = class_named(name.get_ref(), &file.at("rules", name.span()), labels)?;
        by_class[class.index()].extend(patterns);
    }
    let mut all = Vec::new();
    for (class, patterns) in labels.classes().zip(by_class) {
        for pattern in patterns {
            let rule = Rule { pattern: pattern.get_ref().clone(), class };
            // One at a time, so that the error names the line of the pattern that is wrong.
            Rules::new(vec![rule.clone()]).map_err(|error| file.at("rules", pattern.span()).error(error))?;
            all.push(rule);
        }
    }
    Ok(if all.is_empty() { None } else { Some(Rules::new(all)?) })
}
