//! Settings that make no sense, in querist.toml, in flags and in the environment.

use std::fs;

use crate::workbench::Workbench;

/// Lines of querist.toml whose last line is invalid, each with words that its message must contain.
const LINES: [(&str, &[&str]); 48] = [
    ("[batch\n", &["unclosed table"]),
    ("[batch]\nsize = \n", &[]),
    ("[batch]\nsise = 3", &["unknown field `sise`", "`size`"]),
    ("[bach]", &["unknown field `bach`", "`batch`"]),
    ("seed = -1", &["invalid value", "-1"]),
    ("seed = \"x\"", &["invalid type"]),
    ("[batch]\nsize = \"many\"", &["invalid type: string \"many\""]),
    ("[batch]\nsize = 0", &["size: 0 documents; expected 1 to 1000000"]),
    ("[batch]\nsize = 1000001", &["size: 1000001 documents"]),
    ("[batch]\nmix = { ratio = 0.6, random = 0.6 }", &["mix:", "sum to 1.2: they may sum to at most 1"]),
    ("[batch]\nmix = { random = 0 }", &["mix:", "sum to 0: at least one must be above 0"]),
    ("[batch]\nmix = { random = -0.5 }", &["mix:", "random", "is -0.5"]),
    ("[batch]\nmix = { random = nan }", &["mix:", "random", "is NaN"]),
    ("[batch]\nmix = { random = inf }", &["mix:", "random", "is inf"]),
    ("[batch]\nmix = { randon = 1 }", &["unknown field `randon`", "`random`"]),
    ("[batch]\nmix = 1", &["", "expected a table of shares"]),
    ("[batch]\nsize = \"many\"", &["", "expected a whole number of 0 or more"]),
    ("[model]\nc = \"ten\"", &["", "expected a number"]),
    ("[batch]\nratio = { a = 0, b = 0 }", &["ratio:", "sum to 0"]),
    ("[batch]\nratio = { a = -1, b = 2 }", &["ratio: the weight of \"a\" is -1; expected"]),
    ("[batch]\nratio = { a = inf }", &["ratio: the weight of \"a\" is inf"]),
    ("[batch]\nratio = { a = nan }", &["ratio: the weight of \"a\" is NaN"]),
    ("[batch]\nratio = { d = 1 }", &["ratio: unknown label \"d\"", "among: a, b, c"]),
    ("[batch]\nratio = \"ballance\"", &["ratio: \"ballance\"; expected \"balance\" or weights"]),
    ("[batch]\nratio = { a = \"x\" }", &["expected \"balance\" or weights by class"]),
    ("[batch]\nmeasure = \"entrpy\"", &["measure:", "entropy, least-confidence, margin"]),
    ("[batch]\nwithin = \"best\"", &["within:", "random, likeliest, uncertain, diverse"]),
    ("[batch]\ndiversity = 0", &["diversity: 0; expected 1 to 1000"]),
    ("[features]\nkind = \"word2vec\"", &["kind: the features \"word2vec\" are unknown", "ngram+lsa"]),
    (
        "[features]\nembedding = \"none\"\nkind = \"static\"",
        &["kind: this kind needs a static embedding", "querist embedding add"],
    ),
    (
        "[features]\nembedding = \"glove\"",
        &["embedding: the workspace has no embedding \"glove\" (it has: english, none)"],
    ),
    ("[features]\nnumbers = \"some\"", &["numbers: \"some\"; expected one of keep, mask, drop"]),
    ("[features]\nchar_ngrams = [5, 3]", &["char_ngrams:"]),
    ("[model]\nc = \"best\"", &["c: \"best\"; expected a number above 0, \"auto\" or \"cross-validated\""]),
    ("[model]\nclass_weights = \"even\"", &["class_weights: \"even\"; expected \"none\", \"balanced\""]),
    ("[model]\nclass_weights = { a = -1 }", &["class_weights:", "-1"]),
    ("[model]\nclass_weights = { aa = 1 }", &["class_weights: unknown label \"aa\""]),
    (
        "[model]\ncalibration = \"plat\"",
        &["calibration: \"plat\"; expected one of none, temperature, vector"],
    ),
    ("[model]\nsolver = \"mine\"", &["solver: \"mine\"; expected one of auto, own, linfa"]),
    ("[rules]\na = ['(']", &["rules:", "the pattern \"(\""]),
    ("[rules]\naa = ['x']", &["rules: unknown label \"aa\""]),
    (
        "[features]\ntokenizer = \"wrods\"",
        &["tokenizer: \"wrods\" is neither \"unicode\" nor a preset (words)"],
    ),
    ("[features]\nngrams = [3, 2]", &["ngrams:", "from 3 to 2"]),
    ("[features]\nbuckets = 1099511627776", &["buckets: 1099511627776", "power of two"]),
    ("[model]\nc = 0.0", &["c:", "positive"]),
    ("[model]\nmax_iterations = 0", &["max_iterations:", "at least 1"]),
    ("[model]\ntolerance = -1.0", &["tolerance:", "positive"]),
    ("[quality]\nmin_kappa = 1.5", &["min_kappa:"]),
];

/// Invalid flags, each with words that its message must contain.
const FLAGS: [(&[&str], &[&str]); 20] = [
    (&["--size", "0"], &["--size: 0 documents; expected 1 to 1000000"]),
    (&["--size", "-3"], &["invalid value '-3' for '--size <N>'"]),
    (&["--size", "ten"], &["invalid value 'ten' for '--size <N>'"]),
    (&["--threads", "0"], &["invalid value '0' for '--threads <N>'", "1"]),
    (&["--threads", "1000000"], &["invalid value '1000000' for '--threads <N>'"]),
    (&["--mix", "ratio=0.6,random=0.6"], &["--mix:", "sum to 1.2: they may sum to at most 1"]),
    (&["--mix", "random=0"], &["--mix:", "sum to 0"]),
    (&["--mix", "random=-1"], &["--mix:", "random", "is -1"]),
    (&["--mix", "random=NaN"], &["--mix:", "random", "is NaN"]),
    (&["--mix", "rundom=1"], &["--mix: unknown share \"rundom\"", "uncertainty, ratio, random, control"]),
    (&["--mix", ""], &["--mix: \"\" is not NAME=NUMBER; expected a value like"]),
    (&["--mix", "random=1,random=0"], &["--mix: \"random\" is given twice"]),
    (&["--ratio", "a=0,b=0"], &["--ratio:", "sum to 0"]),
    (&["--ratio", "a=-1,b=2"], &["--ratio: the weight of \"a\" is -1"]),
    (&["--ratio", "a=inf"], &["--ratio: the weight of \"a\" is inf"]),
    (
        &["--ratio", "a=1"],
        &[
            "--ratio: quotas are given, but the mix has no ratio share for them; add, for example, --mix ratio",
        ],
    ),
    (&["--ratio", "aa=1"], &["--ratio: unknown label \"aa\" (did you mean \"a\"?)"]),
    (&["--ratio", "balanced"], &["--ratio: \"balanced\"; expected \"balance\""]),
    (&["--measure", "bald"], &["--measure: \"bald\"; expected one of entropy"]),
    (&["--diversity", "0"], &["--diversity: 0; expected 1 to 1000"]),
];

#[test]
fn a_bad_line_of_querist_toml_is_named() {
    let bench = Workbench::small();
    let template = bench.read("querist.toml");
    let before = (bench.json(&["status"]), bench.files("models/"), bench.files("rounds/"));
    for (line, words) in LINES {
        bench.write("querist.toml", format!("# one\n\nlabels = [\"a\", \"b\", \"c\"]\n{line}\n"));
        let message = bench.refused(&["round"]);
        let place = format!("querist.toml:{}: ", 3 + line.trim_end().lines().count());
        assert!(message.contains(&place), "{place} {message}");
        assert!(words.iter().all(|words| message.contains(words)), "{words:?}: {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    bench.write("querist.toml", template);
    assert_eq!(before, (bench.json(&["status"]), bench.files("models/"), bench.files("rounds/")));
}

#[test]
fn labels_that_make_no_set_are_named_with_their_line() {
    let bench = Workbench::with_labels("a,b");
    for (labels, words) in [
        ("[\"a\"]", "querist.toml:2: labels: a label set needs at least two labels, got 1"),
        ("[\"a\", \"a\"]", "querist.toml:2: labels: the label \"a\" is given twice"),
        ("[\"a\", \"\"]", "querist.toml:2: labels: the label \"\" is empty"),
        ("[\"a\", 3]", "querist.toml:2: labels: invalid type: integer `3`, expected a string"),
        ("\"a,b\"", "querist.toml:2: labels: invalid type: string \"a,b\""),
    ] {
        bench.write("querist.toml", format!("# labels\nlabels = {labels}\n"));
        let message = bench.refused(&["status"]);
        assert!(message.contains(words), "{message}");
    }
    bench.write("querist.toml", "seed = 1\n");
    assert!(bench.refused(&["status"]).contains("querist.toml:1: missing field `labels`"));
    bench.write("querist.toml", b"labels = [\"\xff\"]\n");
    assert!(bench.refused(&["status"]).contains("querist.toml"));
}

#[test]
fn bad_flags_are_named() {
    let bench = Workbench::small();
    for (flags, words) in FLAGS {
        let message = bench.refused_unharmed(&[&["round"], flags].concat());
        assert!(words.iter().all(|words| message.contains(words)), "{words:?}: {message}");
    }
    for (name, value, words) in [
        ("QUERIST_SIZE", "0", "QUERIST_SIZE: 0 documents"),
        ("QUERIST_MIX", "random=2", "QUERIST_MIX: "),
        ("QUERIST_THREADS", "x", "--threads"),
    ] {
        let output = bench.command(&["round"]).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}={value}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(words), "{message}");
    }
    let message = bench.refused(&["import", "pool.jsonl", "--as", "pol"]);
    assert!(message.contains("possible values: pool, labeled, test, control"), "{message}");
}

#[test]
fn a_broken_tokenizer_is_named_with_its_line() {
    let bench = Workbench::small();
    let toml = bench.read("querist.toml").replace(
        "tokenizer = \"unicode\"\nlowercase = true\nstrip_accents = false\nnumbers = \"keep\"",
        "tokenizer = \"mine.json\"",
    );
    let line = toml.lines().position(|line| line.starts_with("tokenizer")).unwrap() + 1;
    bench.write("querist.toml", &toml);
    for (json, words) in [
        ("{\n\"normalizer\": nul", "mine.json:2:"),
        ("{}", "mine.json: the tokenizer has no pre_tokenizer"),
        ("{\"pre_tokenizer\": {\"type\": \"Nonesuch\"}}", "mine.json:1:"),
        (
            "{\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"(\"}, \"behavior\": \"Isolated\", \"invert\": false}}",
            "mine.json",
        ),
        ("", "mine.json:1:"),
    ] {
        bench.write("mine.json", json);
        let message = bench.refused_unharmed(&["round"]);
        assert!(message.contains(&format!("querist.toml:{line}: tokenizer: ")), "{message}");
        assert!(message.contains(words), "{json}: {message}");
    }
    bench.write("mine.json", "{\"pre_tokenizer\": {\"type\": \"Whitespace\"}}");
    bench.ok(&["round", "--size", "3"]);
    fs::remove_file(bench.path("mine.json")).unwrap();
    assert!(bench.refused(&["round"]).contains("mine.json cannot be read"));
}

#[test]
fn init_refuses_labels_that_make_no_set_and_makes_nothing() {
    let bench = Workbench::new();
    for (labels, words) in [
        ("a", "--labels: a label set needs at least two labels, got 1"),
        ("a,b,a", "--labels: the label \"a\" is given twice"),
        ("a, a", "--labels: the label \"a\" is given twice"),
        ("a,,b", "--labels: the label \"\" is empty"),
        ("", "--labels: the label \"\" is empty"),
        ("a,b\u{7}", "has a control character"),
    ] {
        let message = bench.refused(&["init", "new", "--labels", labels]);
        assert!(message.contains(words), "{message}");
        assert!(!bench.path("new").exists(), "{labels}");
    }
    assert!(bench.refused(&["init", "new"]).contains("--labels"));
}
