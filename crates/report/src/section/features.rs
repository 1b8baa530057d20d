//! The report's section about the features of documents.

use querist_core::FeatureBlock;
use querist_core::round::Features;

use super::{Row, Section};
use crate::markdown::{escape, table};

impl Section for Features {
    fn markdown(&self) -> String {
        let (kind, chosen_by) = (escape(&self.kind), escape(&self.chosen_by));
        let mut parts = vec!["## Features".to_owned(), format!("{kind}, chosen by {chosen_by}.")];
        if !self.blocks.is_empty() {
            let rows: Vec<Vec<String>> = self.blocks.iter().map(FeatureBlock::cells).collect();
            parts.push(table(&["Part", "Columns", "Weight", "Learned from"], &rows));
        }
        parts.extend(self.note.as_deref().map(escape));
        parts.join("\n\n")
    }
}

impl Row for FeatureBlock {
    fn cells(&self) -> Vec<String> {
        let origin = match self.learned_from {
            0 => "elsewhere".to_owned(),
            1 => "1 document".to_owned(),
            n => format!("{n} documents"),
        };
        let weight = if self.weight < 0.01 { "below 0.01".to_owned() } else { format!("{:.2}", self.weight) };
        let name = match self.units.as_deref() {
            Some("characters") => format!("{} of parts of words", self.name),
            Some("both") => format!("{} of words and their parts", self.name),
            _ => self.name.clone(),
        };
        vec![escape(&name), self.columns.to_string(), weight, origin]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_says_where_it_comes_from() {
        let block = |name: &str, columns, weight, learned_from| FeatureBlock {
            name: name.into(),
            columns,
            weight,
            learned_from,
            units: (name == "lsa").then(|| "both".to_owned()),
        };
        let features = Features {
            kind: "ngram+lsa".into(),
            chosen_by: "auto".into(),
            blocks: vec![
                block("lsa", 200, 1.0, 1300),
                block("static", 256, 0.25, 0),
                block("static", 9, 0.005, 0),
            ],
            note: Some("The embedding was learned again.".into()),
        };
        assert_eq!(
            features.markdown(),
            "## Features\n\nngram+lsa, chosen by auto.\n\n| Part | Columns | Weight | Learned from |\n| --- | --- | --- | --- |\n\
             | lsa of words and their parts | 200 | 1.00 | 1300 documents |\n| static | 256 | 0.25 | elsewhere |\n| static | 9 | below 0.01 | elsewhere |\n\nThe embedding was learned again."
        );
    }
}
