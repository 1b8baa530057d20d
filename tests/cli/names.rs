//! Names of labels and annotators. White space at the ends and the encoding of accents do not
//! matter. Spaces and commas inside are allowed.

use serde_json::json;

use crate::workbench::Workbench;

const NFC: &str = "caf\u{e9}";
const NFD: &str = "cafe\u{301}";

fn pool(bench: &Workbench) {
    bench.write("pool.jsonl", "{\"id\":\"d20\",\"text\":\"one\"}\n{\"id\":\"d94\",\"text\":\"two\"}\n{\"id\":\"d111\",\"text\":\"three\"}\n");
    bench.ok(&["import", "pool.jsonl"]);
}

#[test]
fn white_space_around_names_is_cut_off() {
    let bench = Workbench::with_labels("billing , tech,other");
    pool(&bench);
    bench.write("a.csv", "id,annotator,label\nd94,ana, billing \nd111, ana ,tech\n");
    assert_eq!(bench.json(&["ingest", "a.csv"])["new"], 2);
    bench.write(
        "b.jsonl",
        "{\"id\":\"d20\",\"label\":\"tech\",\"annotator\":\" ana\"}\n{\"id\":\"d20\",\"label\":\"billing\\u00a0\",\"annotator\":\"ana\"}\n",
    );
    let outcome = bench.json(&["ingest", "b.jsonl"]);
    assert_eq!(
        (&outcome["new"], &outcome["changed"]),
        (&json!(1), &json!(1)),
        "the second replaces the first"
    );
    bench.ok(&["export", "--labeled", "labeled.jsonl"]);
    let rows: Vec<_> = bench
        .rows("labeled.jsonl")
        .iter()
        .map(|row| (row["label"].clone(), row["annotators"].clone()))
        .collect();
    let expected = ["tech", "billing", "billing"].map(|label| (json!(label), json!(["ana"])));
    assert_eq!(rows, expected);
    bench.write("x.jsonl", "{\"id\":\"d20\",\"label\":\" other\"}\n");
    assert_eq!(bench.json(&["ingest", "--as", "expert", "x.jsonl", "--annotator", " eve "])["new"], 1);
    assert!(bench.refused(&["ingest", "b.jsonl", "--annotator", " "]).contains("--annotator is empty"));
    bench.write(
        "y.jsonl",
        "{\"id\":\"d1\",\"text\":\"four\",\"label\":\"tech \"}\n{\"id\":\"d2\",\"text\":\"five\"}\n",
    );
    assert_eq!(bench.json(&["import", "y.jsonl"])["labeled"], 1);
    // The same in querist.toml, in rules and in weights.
    let toml = bench.read("querist.toml").replace("\"billing\"", "\" billing\"")
        + "\n[rules]\n'tech ' = ['crash']\n";
    bench.write("querist.toml", toml);
    bench.ok(&["round", "--size", "1", "--mix", "ratio=1", "--ratio", " tech =1"]);
    assert_eq!(bench.rows("rounds/0001/batch.jsonl")[0]["labels"], json!(["billing", "tech", "other"]));
}

#[test]
fn accents_are_compared_in_nfc_and_shown_as_they_were_given() {
    let bench = Workbench::with_labels(&format!("{NFC},tea"));
    pool(&bench);
    bench.write("a.jsonl", format!("{{\"id\":\"d94\",\"label\":\"{NFD}\",\"annotator\":\"Zoe\u{308}\"}}\n"));
    assert_eq!(bench.json(&["ingest", "a.jsonl"])["new"], 1);
    bench.write("b.jsonl", format!("{{\"id\":\"d94\",\"label\":\"{NFC}\",\"annotator\":\"Zo\u{eb}\"}}\n"));
    assert_eq!(bench.json(&["ingest", "b.jsonl"])["unchanged"], 1, "the same person says the same");
    bench.ok(&["export", "--labeled", "labeled.jsonl"]);
    let row = &bench.rows("labeled.jsonl")[0];
    assert_eq!((&row["label"], &row["annotators"]), (&json!(NFC), &json!(["Zoe\u{308}"])));
    // A workspace whose labels have the other encoding still works.
    bench.write("querist.toml", bench.read("querist.toml").replace(NFC, NFD));
    assert_eq!(bench.json(&["ingest", "b.jsonl"])["known_files"], 1);
    assert_eq!(bench.json(&["status"])["documents"]["labeled"], 1);
    let twice = Workbench::new().refused(&["init", "--labels", &format!("{NFC},{NFD}")]);
    assert!(twice.contains("label"), "{twice}");
}

#[test]
fn quality_takes_both_forms_for_one_label_and_one_person() {
    let bench = Workbench::new();
    bench.write(
        "nfd.csv",
        format!("task,worker,label\nt1,a,{NFC}\nt1,Zo\u{eb},{NFD}\nt2,a,{NFC}\nt2,Zoe\u{308},{NFC}\n"),
    );
    bench.write("gold.csv", format!("task,label\nt1,{NFD}\nt2,tea\n"));
    bench.ok(&["quality", "nfd.csv", "--gold", "gold.csv", "--out", "out"]);
    let report: serde_json::Value = serde_json::from_str(&bench.read("out/report.json")).unwrap();
    assert_eq!(report["labels"], json!([NFC, "tea"]), "{report}");
    let people = report["annotators"].to_string();
    assert!(people.contains("Zo\u{eb}") && !people.contains("Zoe\u{308}"), "{people}");
}

#[test]
fn an_annotator_may_have_spaces_inside() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "6"]);
    let outcome =
        bench.json(&["export", "--format", "jsonl", "--annotators", "Ana Maria, Zoe\u{308} O'Neil"]);
    let file = outcome["files"]["Ana Maria"]["file"].as_str().unwrap();
    assert!(file.ends_with("batch-Ana Maria.jsonl"), "{file}");
    assert!(outcome["files"].to_string().contains("Zo\u{eb} O'Neil.jsonl"), "{outcome}");
    // The name in its other encoding is the same annotator, so the assignment stays.
    bench.ok(&["export", "--format", "jsonl", "--annotators", "Zo\u{eb} O'Neil,Ana Maria"]);
    let rows: Vec<String> = bench
        .rows(file)
        .into_iter()
        .map(|mut row| {
            row["label"] = json!("a");
            row.to_string() + "\n"
        })
        .collect();
    bench.write("back.jsonl", rows.concat());
    assert_eq!(bench.json(&["ingest", "back.jsonl"])["new"], rows.len());
}

#[test]
fn a_label_may_have_a_comma() {
    let bench = Workbench::new();
    bench.ok(&["init", "--label", "a, b", "--label", " c"]);
    assert!(
        bench.read("querist.toml").contains("labels = [\"a, b\", \"c\"]"),
        "{}",
        bench.read("querist.toml")
    );
    let both = Workbench::new();
    both.ok(&["init", "--labels", "x,y", "--label", "a, b"]);
    assert!(both.read("querist.toml").contains("labels = [\"x\", \"y\", \"a, b\"]"));
    pool(&bench);
    bench.ok(&["round", "--size", "2", "--mix", "ratio=1", "--ratio", "a, b=0.5,c=0.5"]);
    assert!(Workbench::new().run(&["init"]).code == Some(2));
}

/// The rule for invisible names holds wherever a name can be given.
#[test]
fn names_that_nobody_sees_are_refused_with_their_code_point() {
    for (name, code) in [
        ("\u{200b}", "U+200B"),
        ("\u{2800}", "U+2800"),
        ("\u{3164}", "U+3164"),
        ("\u{feff}x", "U+FEFF"),
        ("x\u{e0020}", "U+E0020"),
        ("x\u{ad}", "U+00AD"),
        ("x\u{202e}y", "U+202E"),
    ] {
        let bench = Workbench::new();
        let said = bench.refused(&["init", "--label", "tea", "--label", name]);
        assert!(said.contains(code), "{said}");
        let bench = Workbench::with_labels("tea,milk");
        pool(&bench);
        bench.write("a.csv", format!("id,annotator,label\nd94,{name},tea\n"));
        let said = bench.refused_unharmed(&["ingest", "a.csv"]);
        assert!(said.contains("a.csv:2: the annotator") && said.contains(code), "{said}");
        bench.write("q.csv", format!("item,annotator,label\nd94,ana,tea\nd94,ben,{name}\n"));
        let said = bench.refused(&["quality", "q.csv", "--out", "out"]);
        assert!(said.contains("q.csv:3: the label") && said.contains(code), "{said}");
        let toml = bench.read("querist.toml").replace("\"milk\"", &format!("\"milk\", \"{name}\""));
        bench.write("querist.toml", toml);
        let said = bench.refused(&["round", "--size", "1"]);
        assert!(said.contains("querist.toml:") && said.contains(code), "{said}");
    }
}

#[test]
fn a_label_of_an_earlier_version_that_nobody_sees_still_opens() {
    let bench = Workbench::with_labels("tea,milk");
    pool(&bench);
    bench.ok(&["round", "--size", "1"]);
    let database = rusqlite::Connection::open(bench.path("querist.db")).unwrap();
    // Earlier versions accepted such labels.
    let changed = "UPDATE rounds SET settings = json_insert(settings, '$.labels[#]', 'x' || char(8203))";
    assert_eq!(database.execute(changed, []).unwrap(), 1);
    drop(database);
    let toml = bench.read("querist.toml").replace("\"milk\"", "\"milk\", \"x\u{200b}\"");
    bench.write("querist.toml", toml);
    bench.ok(&["status"]);
    bench.ok(&["round", "--size", "1"]);
}
