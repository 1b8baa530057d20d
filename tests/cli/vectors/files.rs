//! Files with vectors: every layout and type, and what is refused.

use serde_json::{Value, json};

use super::*;

#[test]
fn every_layout_and_type_brings_the_same_vectors() {
    let bench = Workbench::small();
    let ids = all_ids(&bench);
    bench.write("all.jsonl", rows(&ids));
    bench.write("all.npy", singles(&ids));
    let doubles: Vec<u8> =
        ids.iter().flat_map(|id| vector(id)).flat_map(|value| f64::from(value).to_le_bytes()).collect();
    bench.write("doubles.npy", npy("<f8", (ids.len(), WIDTH), &doubles));
    bench.write("ids.txt", lines(&ids));
    let packed = bench.program("gzip").args(["-k", "all.npy"]).status().unwrap();
    assert!(packed.success());
    let before = bench.copy();
    bench.ok(&["vectors", "add", "all.jsonl"]);
    bench.ok(&["round", "--size", "10"]);
    for arguments in [
        &["all.npy", "--ids", "ids.txt"][..],
        &["all.npy.gz", "--ids", "ids.txt"],
        &["doubles.npy", "--ids", "ids.txt"],
        // The rows of the vectors that were encoded, in their order.
        &["all.npy", "--ids", "all.jsonl"],
    ] {
        let other = before.copy();
        let added = other.json(&[&["vectors", "add"], arguments].concat());
        assert_eq!((&added["added"], &added["missing"]), (&json!(90), &json!(0)), "{arguments:?}");
        other.ok(&["round", "--size", "10"]);
        let left = differing(&bench.files("rounds/"), &other.files("rounds/"));
        assert!(left.is_empty(), "{arguments:?}: {left:?}");
        // The same vectors again change nothing.
        let again = other.json(&["vectors", "add", "all.jsonl"]);
        assert_eq!((&again["added"], &again["known"]), (&json!(0), &json!(90)));
        assert_eq!(other.json(&["vectors", "list"])["additions"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn whole_numbers_and_half_floats_are_kept_as_they_are() {
    let bench = Workbench::small();
    let ids = all_ids(&bench);
    bench.write("ids.txt", lines(&ids));
    let bytes: Vec<u8> =
        ids.iter().flat_map(|id| vector(id)).map(|value| ((value * 100.0) as i8).cast_unsigned()).collect();
    bench.write("bytes.npy", npy("|i1", (ids.len(), WIDTH), &bytes));
    // 1.0 and 0.5 as half floats: one direction for each class.
    let halves: Vec<u8> = ids
        .iter()
        .flat_map(|id| {
            let largest = (0..3).max_by(|a, b| vector(id)[*a].total_cmp(&vector(id)[*b])).unwrap();
            (0..WIDTH).flat_map(move |j| if j == largest { [0x00, 0x3c] } else { [0x00, 0x38] })
        })
        .collect();
    bench.write("halves.npy", npy("<f2", (ids.len(), WIDTH), &halves));
    for (file, element, bytes) in [("bytes.npy", "int8", 1), ("halves.npy", "float16", 2)] {
        let bench = bench.copy();
        let added = bench.json(&["vectors", "add", file, "--ids", "ids.txt"]);
        assert_eq!(added["element"], element);
        let part = fs::metadata(bench.path("vectors/0001.vectors")).unwrap().len();
        assert_eq!(part as usize, 1024 + ids.len() * (WIDTH * bytes + 20));
        bench.ok(&["round", "--size", "10"]);
        assert!(blocks(&bench, 1).contains(&"vectors".to_owned()));
        bench.ok(&["reproduce", "1"]);
    }
    let bench = bench.copy();
    bench.ok(&["vectors", "add", "bytes.npy", "--ids", "ids.txt"]);
    bench.write("all.jsonl", rows(&ids));
    bench.write("more.jsonl", documents("m", 1, false));
    bench.ok(&["import", "more.jsonl"]);
    bench.write("more-vectors.jsonl", rows(&["m000".to_owned()]));
    let message = bench.refused_unharmed(&["vectors", "add", "more-vectors.jsonl"]);
    assert!(message.contains("has float32, but the workspace's vectors are int8"), "{message}");
}

#[test]
fn files_that_make_no_sense_are_refused_with_the_place_and_what_to_do() {
    let bench = Workbench::small();
    let good = json!({"id": "p000", "vector": [1.0, 0.5]});
    let two = ["p000".to_owned(), "p001".to_owned()];
    let whole = singles(&two);
    bench.write("two.ids", "p000\np001\n");
    bench.write("one.ids", "p000\n");
    bench.write("three.ids", "p000\np001\np002\n");
    bench.write("good.npy", &whole);
    let header = |from: &str, to: &str| {
        let at = whole.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        let mut bytes = whole.clone();
        bytes.splice(at..at + from.len(), to.bytes());
        bytes
    };
    bench.write("big.npy", header("<f4", ">f4"));
    bench.write("fortran.npy", header("False", "True "));
    bench.write("text.npy", header("<f4", "<U4"));
    bench.write("cube.npy", header("(2, 8)", "(2,2,4)".get(..6).unwrap_or("(2,2)")));
    bench.write("other.npy", b"no array at all, but long enough for a header");
    bench.write("empty.npy", b"");
    bench.write("short.npy", &whole[..whole.len() - 3]);
    bench.write("long.npy", [&whole[..], b"x"].concat());
    bench.write("wide.npy", npy("<f4", (1, 5_000), &vec![0; 20_000]));
    for (name, row, words) in [
        ("nan", json!({"id": "p001", "vector": [1.0, null]}), ":2: the field \"vector\" is something else"),
        ("zero", json!({"id": "p001", "vector": [0, 0]}), ":2: all numbers of the vector are 0"),
        ("large", json!({"id": "p001", "vector": [1e39, 0]}), ":2: number 1 of the vector is NaN, infinite"),
        ("none", json!({"id": "p001", "vector": []}), ":2: the vector has 0 numbers; expected 1 to 4096"),
        ("wider", json!({"id": "p001", "vector": [1, 2, 3]}), ":2: the vector has 3 numbers, but "),
        ("field", json!({"id": "p001", "embedding": [1, 2]}), "choose another field with --vector NAME"),
        ("id", json!({"vector": [1, 2]}), "choose another field with --id NAME"),
        ("twice", json!({"id": "p000", "vector": [1, 2]}), ":2: the id \"p000\" is already at twice.jsonl:1"),
        (
            "foreign",
            json!({"id": "x", "vector": [1, 2]}),
            "1 of 2 rows have ids that the workspace does not have: x",
        ),
    ] {
        let file = format!("{name}.jsonl");
        bench.write(&file, lines([&good, &row]));
        let message = bench.refused_unharmed(&["vectors", "add", &file]);
        assert!(message.contains(words), "{name}: {message}");
    }
    bench.write("plain.txt", "a text\n");
    for (arguments, words) in [
        (&["big.npy", "--ids", "two.ids"][..], "big-endian"),
        (
            &["fortran.npy", "--ids", "two.ids"],
            "Fortran order (column by column); save numpy.ascontiguousarray",
        ),
        (&["text.npy", "--ids", "two.ids"], "of type <U4; expected float32"),
        (&["cube.npy", "--ids", "two.ids"], "this is no .npy file that can be read"),
        (&["other.npy", "--ids", "two.ids"], "it does not begin like one"),
        (&["empty.npy", "--ids", "two.ids"], "it ends within its header"),
        (&["short.npy", "--ids", "two.ids"], "the .npy file ends in row 2 of 2"),
        (&["long.npy", "--ids", "two.ids"], "goes on after its 2 rows"),
        (&["wide.npy", "--ids", "one.ids"], "the vector has 5000 numbers; expected 1 to 4096"),
        (&["good.npy"], "has no ids; name a file with the id of each row with --ids FILE"),
        (&["good.npy", "--ids", "one.ids"], "row 2 has no id: one.ids has only 1"),
        (&["good.npy", "--ids", "three.ids"], "there are more ids than the 2 rows"),
        (&["good.npy", "--ids", "missing.ids"], "missing.ids"),
        (&["twice.jsonl", "--ids", "one.ids"], "is already at"),
        (&["plain.txt"], "which cannot have vectors; expected .npy, JSON Lines"),
        (&["missing.npy"], "missing.npy"),
    ] {
        let message = bench.refused_unharmed(&[&["vectors", "add"], arguments].concat());
        assert!(message.contains(words), "{arguments:?}: {message}");
    }
    assert_eq!(bench.json(&["vectors", "list"])["width"], Value::Null);
}

#[test]
fn a_document_keeps_its_vector() {
    let bench = with_vectors();
    bench.write("other.jsonl", lines([json!({"id": "p000", "vector": vector("p001")})]));
    let message = bench.refused_unharmed(&["vectors", "add", "other.jsonl"]);
    assert!(
        message.contains("other.jsonl:1: the document \"p000\" already has a different vector"),
        "{message}"
    );
    assert!(message.contains("from all.npy"), "{message}");
    bench.write("narrow.jsonl", lines([json!({"id": "p000", "vector": [1.0, 2.0]})]));
    let message = bench.refused_unharmed(&["vectors", "add", "narrow.jsonl"]);
    assert!(message.contains("has 2 numbers, but each vector of the workspace has 8"), "{message}");
    let message =
        bench.refused_unharmed(&["vectors", "add", "all.npy", "--ids", "all.ids", "--encoder", "x"]);
    assert!(message.contains("by the encoder \"x\", but the workspace's are by \"made-up\""), "{message}");
    // A changed text needs a new vector.
    bench.write("new.jsonl", lines([json!({"id": "p000", "text": "another text"})]));
    bench.ok(&["import", "--update", "new.jsonl"]);
    assert_eq!(bench.json(&["vectors", "list"])["examples"], json!(["p000"]));
    bench.ok(&["vectors", "add", "other.jsonl"]);
    assert_eq!(bench.json(&["vectors", "list"])["missing"], 0);
}
