//! Tests the exact output for each tool, with the same two documents.

use super::*;

fn labels() -> LabelSet {
    LabelSet::new(["a", "b & \"c\""]).unwrap()
}

fn items(suggestion: Option<&(String, f64)>) -> [BatchItem; 2] {
    let item = |id: &str, text: &str, meta: Option<&str>| BatchItem {
        id: id.into(),
        text: text.into(),
        meta: meta.map(str::to_owned),
        suggestion: suggestion.cloned(),
        annotator: None,
    };
    [item("1", "x\n\"y\"", None), item("2", "=1", Some(r#"{"id":7,"score":1.10,"deep":{"k":[1]}}"#))]
}

fn written(name: &str, suggestion: Option<&(String, f64)>) -> String {
    let mut out = Vec::new();
    let items = items(suggestion).map(Ok::<_, std::io::Error>);
    write_to(format(name).unwrap(), items, &labels(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn suggested() -> (String, f64) {
    ("a".to_owned(), 0.75)
}

#[test]
fn querist_s_own_row_has_nothing_that_gives_the_answer_away() {
    let expected = concat!(
        r#"{"id":"1","text":"x\n\"y\"","labels":["a","b & \"c\""],"meta":{}}"#,
        "\n",
        r#"{"id":"2","text":"=1","labels":["a","b & \"c\""],"meta":{"id":7,"score":1.10,"deep":{"k":[1]}}}"#,
        "\n"
    );
    assert_eq!(written("jsonl", None), expected);
    assert_eq!(write(&items(None), &labels()), expected.as_bytes());
    let row = written("jsonl", Some(&suggested()));
    assert!(row.contains(r#","meta":{},"suggestion":{"label":"a","confidence":0.75}}"#), "{row}");
}

#[test]
fn label_studio_has_predictions_and_a_configuration() {
    let expected = concat!(
        "[\n",
        r#"{"data":{"text":"x\n\"y\"","querist_id":"1"}},"#,
        "\n",
        r#"{"data":{"text":"=1","querist_id":"2","meta":{"id":7,"score":1.10,"deep":{"k":[1]}}}}"#,
        "\n]\n"
    );
    assert_eq!(written("label-studio", None), expected);
    let with: serde_json::Value = serde_json::from_str(&written("label-studio", Some(&suggested()))).unwrap();
    let prediction = serde_json::json!([{"model_version": "querist", "score": 0.75, "result": [
        {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["a"]}}]}]);
    assert_eq!(with[1]["predictions"], prediction);
    let (name, xml) = format("label-studio").unwrap().beside(&labels()).unwrap();
    assert!(
        name == "label-studio.xml" && xml.contains(r#"<Choice value="b &amp; &quot;c&quot;"/>"#),
        "{xml}"
    );
}

#[test]
fn prodigy_chooses_beforehand_or_asks_about_the_guess() {
    let options = r#""options":[{"id":"a","text":"a"},{"id":"b & \"c\"","text":"b & \"c\""}]"#;
    let plain = written("prodigy", None);
    assert_eq!(
        plain.lines().next().unwrap(),
        format!(r#"{{"text":"x\n\"y\"","querist_id":"1","meta":{{}},{options}}}"#)
    );
    let with = written("prodigy", Some(&suggested()));
    let second = format!(
        r#"{{"text":"=1","querist_id":"2","meta":{{"id":7,"deep":{{"k":[1]}},"score":0.75}},{options},"accept":["a"]}}"#
    );
    assert_eq!(with.lines().nth(1).unwrap(), second);
    let binary = written("prodigy-binary", Some(&suggested()));
    let first = r#"{"text":"x\n\"y\"","querist_id":"1","meta":{"score":0.75},"label":"a"}"#;
    assert_eq!(binary.lines().next().unwrap(), first);
}

#[test]
fn doccano_has_the_same_columns_in_every_record() {
    let rows = concat!(
        r#"{"text":"x\n\"y\"","label":[],"querist_id":"1","meta":{}}"#,
        "\n",
        r#"{"text":"=1","label":[],"querist_id":"2","meta":{"id":7,"score":1.10,"deep":{"k":[1]}}}"#,
        "\n"
    );
    assert_eq!(written("doccano", Some(&suggested())), rows);
}

#[test]
fn argilla_has_flat_metadata_beside_its_own_names() {
    let records: serde_json::Value = serde_json::from_str(&written("argilla", Some(&suggested()))).unwrap();
    let second = serde_json::json!({"id": "2", "fields": {"text": "=1"},
        "metadata": {"meta_id": 7, "score": 1.1, "deep": "{\"k\":[1]}"},
        "suggestions": {"label": {"value": "a", "score": 0.75, "agent": "querist"}}, "responses": {}, "vectors": {}});
    assert_eq!(records[1], second);
}

#[test]
fn csv_is_quoted_and_guarded() {
    let expected = "id,text,label,annotator,suggestion,confidence,meta\r\n\
                    \"1\",\"x\n\"\"y\"\"\",\"\",\"\",\"\",\"\",\"\"\r\n\
                    \"2\",\"'=1\",\"\",\"\",\"a\",\"0.75\",";
    let start =
        expected.replace("\"\",\"\",\"\",\"\",\"\"\r\n\"2\"", "\"\",\"\",\"a\",\"0.75\",\"\"\r\n\"2\"");
    assert!(written("csv", Some(&suggested())).starts_with(&start), "{}", written("csv", Some(&suggested())));
}

#[test]
fn a_batch_without_rows_is_a_file_all_the_same() {
    for known in FORMATS {
        let mut out = Vec::new();
        write_to(known, Vec::<Result<_, std::io::Error>>::new(), &labels(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let expected = match known.name() {
            "label-studio" | "argilla" => "[\n\n]\n",
            "csv" => "id,text,label,annotator,suggestion,confidence,meta\r\n",
            _ => "",
        };
        assert_eq!(text, expected, "{}", known.name());
    }
}
