//! HTML pages: texts of users stay texts, nothing is loaded from elsewhere, and every tag is
//! closed.

use serde_json::json;

use super::json_lines;
use crate::workbench::Workbench;

/// Texts that a user may write, by accident or not.
const HOSTILE: [&str; 4] = [
    "<script>alert(1)</script>",
    "\"quoted\" & 'apostrophe' <b>",
    "\u{202e}turned\u{202c} \u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "--> ]]> </style></svg> | `x` *y* [l](u)",
];

/// The characters in [`HOSTILE`] that override the direction of text. Names of labels and
/// annotators may not contain them; elsewhere they are shown as symbols.
const OVERRIDES: [char; 2] = ['\u{202e}', '\u{202c}'];

/// The text without the characters that a name may not contain.
fn named(name: &str) -> String {
    name.replace(OVERRIDES, "")
}

/// The text as a page shows it.
fn shown(text: &str) -> String {
    text.replace('\u{202e}', "⟨202E⟩").replace('\u{202c}', "⟨202C⟩")
}

/// Checks that a page has no script and no address, that every tag is closed in order, and that no
/// id occurs twice.
fn assert_whole(page: &str) {
    for outside in ["http", "<script", "javascript:", "url(", "@import", "src=", "<link", "onerror"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
    let tree = roxmltree::Document::parse_with_options(page, options).unwrap();
    let mut ids: Vec<&str> = tree.descendants().filter_map(|node| node.attribute("id")).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    for drawing in tree.descendants().filter(|node| node.has_tag_name("svg")) {
        assert_eq!(drawing.attribute("role"), Some("img"));
        let names: Vec<&str> =
            drawing.children().map(|node| node.tag_name().name()).filter(|name| !name.is_empty()).collect();
        assert_eq!(names[..2], ["title", "desc"]);
    }
}

/// The visible text of a page.
fn text_of(page: &str) -> String {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
    let tree = roxmltree::Document::parse_with_options(page, options).unwrap();
    tree.descendants().filter_map(|node| node.text().filter(|_| node.is_text())).collect()
}

#[test]
fn a_crowd_of_hostile_names_stays_text() {
    let bench = Workbench::new();
    let names = HOSTILE.map(|name| name.replace(OVERRIDES, "").trim().to_owned());
    let names = names.each_ref().map(String::as_str);
    let mut answers = Vec::new();
    for (place, item) in names.iter().enumerate() {
        for (other, annotator) in names.iter().enumerate() {
            answers.push((*item, *annotator, names[if other == 3 { (place + 1) % 4 } else { place }]));
        }
    }
    // A tie, so that the report shows this item with its votes.
    answers.push(("<i>tie</i>", names[0], names[0]));
    answers.push(("<i>tie</i>", names[1], names[1]));
    bench.write("answers.jsonl", json_lines(&answers));
    bench.ok(&["quality", "answers.jsonl", "--method", "mv"]);
    let page = bench.read("quality/report.html");
    assert_whole(&page);
    let text = text_of(&page);
    for name in names {
        assert!(text.contains(name), "{name}");
    }
    assert!(text.contains("<i>tie</i>"));
    assert!(!bench.read("quality/report.md").contains("<script"));
    // The same command again writes the same bytes.
    bench.ok(&["quality", "answers.jsonl", "--method", "mv", "--out", "again"]);
    assert_eq!(page, bench.read("again/report.html"));
}

#[test]
fn a_round_of_hostile_texts_stays_text() {
    let bench = Workbench::new();
    let labels: Vec<String> = HOSTILE[..3].iter().map(|label| named(label)).collect();
    bench.ok(&["init", "--labels", &labels.join(",")]);
    let mut pool = String::new();
    for (place, word) in HOSTILE.iter().cycle().take(16).enumerate() {
        let text = format!("{word} number {place} of {}", ["red", "green", "blue"][place % 3]);
        let mut row = json!({"id": format!("<p>{place}"), "text": text});
        if place < 6 {
            row["label"] = json!(labels[place % 3]);
        }
        pool += &format!("{row}\n");
    }
    bench.write("pool.jsonl", pool);
    bench.ok(&["import", "pool.jsonl"]);
    bench.ok(&["round", "--size", "4", "--mix", "random=0.5,ratio=0.5", "--near-duplicates", "off"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let mut answers = String::new();
    for (place, document) in batch.iter().enumerate() {
        for (who, annotator) in HOSTILE.iter().enumerate() {
            let label = &labels[(place + usize::from(who > 1)) % 3];
            answers += &format!(
                "{}\n",
                json!({"id": document["id"], "annotator": named(annotator), "label": label})
            );
        }
    }
    bench.write("answers.jsonl", answers);
    bench.ok(&["ingest", "answers.jsonl"]);
    bench.ok(&["report"]);
    let page = bench.read("rounds/0001/report.html");
    assert_whole(&page);
    let text = text_of(&page);
    for hostile in HOSTILE {
        assert!(text.contains(&shown(hostile)), "{hostile}");
    }
    // Export writes the page again with the same bytes.
    bench.ok(&["export", "--round", "1"]);
    assert_eq!(page, bench.read("rounds/0001/report.html"));
}

#[test]
fn a_page_shows_what_its_report_has() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "20", "--mix", "random=0.4,ratio=0.3,control=0.3"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let answers = crate::workbench::answers(&batch, &["ana", "ben"], |id, annotator| {
        let right = id[1..].parse::<usize>().unwrap() % 3;
        let wrong = annotator == "ben" && id.ends_with('1');
        Some(["a", "b", "c"][(right + usize::from(wrong)) % 3].to_owned())
    });
    bench.write("answers.jsonl", answers);
    bench.ok(&["ingest", "answers.jsonl"]);
    bench.ok(&["round", "--size", "10"]);
    let page = bench.read("rounds/0002/report.html");
    assert_whole(&page);
    let text = text_of(&page);
    for words in [
        "Annotators",
        "Agreement",
        "Who mixes up what",
        "Conflicts",
        "Labels by round",
        "Yield of the quotas",
        "Model",
    ] {
        assert!(text.contains(words), "{words}");
    }
    let report: serde_json::Value = serde_json::from_str(&bench.read("rounds/0002/report.json")).unwrap();
    for line in report["headlines"].as_array().unwrap() {
        assert!(text.contains(line.as_str().unwrap()), "{line}");
    }
    // At least one drawing each for annotators, kappa, two confusion matrices and the distribution.
    assert!(page.matches("<svg").count() >= 5);
}
