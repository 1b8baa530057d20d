//! Every aggregator on real crowds: the objective never falls, and Dawid-Skene is at most two
//! points below its published figure.
//!
//! The sets are not part of the repository: the environment variable `QUERIST_DATA` names the
//! folder that has crowd_*/answers.jsonl and gold.jsonl, and the test is ignored unless asked for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use querist_core::{AnnotationSet, Class, Edition, Known};
use querist_quality::{AGGREGATORS, aggregator};
use serde_json::Value;

/// Each set with the accuracy of Dawid-Skene on it, as published (Zheng et al. 2017) or from the
/// set's description.
const SETS: [(&str, f64); 6] = [
    ("crowd_bluebirds", 0.8796),
    ("crowd_rte", 0.9275),
    ("crowd_temp", 0.9416),
    ("crowd_dog", 0.8426),
    ("crowd_face", 0.6404),
    ("crowd_weather", 0.8400),
];

fn rows(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().expect("a text")
}

#[test]
#[ignore = "needs QUERIST_DATA, a folder of public data sets"]
fn real_crowds() {
    let folder = std::env::var_os("QUERIST_DATA")
        .expect("QUERIST_DATA must name the folder that has crowd_rte/answers.jsonl and others");
    for (name, published) in SETS {
        let folder = Path::new(&folder).join(name);
        let (answers, gold) = (rows(&folder.join("answers.jsonl")), rows(&folder.join("gold.jsonl")));
        let mut labels: Vec<&str> = answers.iter().map(|row| text(row, "label")).collect();
        labels.sort_unstable();
        labels.dedup();
        let class = |row: &Value| {
            Class::from_index(labels.binary_search(&text(row, "label")).expect("a label of the answers"))
        };
        let triples = answers.iter().map(|row| (text(row, "item"), text(row, "annotator"), class(row)));
        let set = AnnotationSet::new(triples, labels.len());
        let truth: BTreeMap<&str, Class> = gold.iter().map(|row| (text(row, "item"), class(row))).collect();
        for (method, _) in AGGREGATORS {
            let result = aggregator(method, Edition::CURRENT)
                .expect("a method")
                .aggregate(&set, &Known::default())
                .expect(method);
            let items = set.items().iter().zip(&result.verdicts);
            let right = items.filter(|(item, verdict)| verdict.label() == truth.get(item.as_str()).copied());
            let accuracy = right.count() as f64 / set.items().len() as f64;
            if method == "ds" {
                assert!(accuracy > published - 0.02, "{name}: {accuracy}, published {published}");
            }
            for (at, pair) in result.fit.iter().flat_map(|fit| fit.objective.windows(2)).enumerate() {
                assert!(
                    pair[1] >= pair[0] - 1e-12 * pair[0].abs(),
                    "{name}, {method}, iteration {at}: {pair:?}"
                );
            }
        }
    }
}
