//! Files of answers that cannot be used: the message says what is wrong and where, the exit code is
//! 2, and nothing is written.

use super::{gzip, json_lines};
use crate::workbench::Workbench;

/// Checks that the command is refused with these words and makes no folder.
fn refused(bench: &Workbench, arguments: &[&str], words: &str) {
    let message = bench.refused(&[&["quality"], arguments].concat());
    assert!(message.starts_with(&format!("error: {words}")), "{arguments:?}: {message}");
    assert!(!bench.path("quality").exists(), "{arguments:?} has written something");
}

#[test]
fn every_kind_of_bad_row_is_named_with_its_line() {
    let bench = Workbench::new();
    let good = "{\"item\":1,\"annotator\":\"a\",\"label\":\"x\"}\n";
    for (row, words) in [
        ("{\"item\":1,\"annotator\":\"a\"", "malformed JSON"),
        ("[1,2,3]", "this is a list, expected an object"),
        ("{\"annotator\":\"a\",\"label\":\"x\"}", "the field \"item\" is missing"),
        ("{\"item\":1,\"label\":\"x\"}", "the field \"annotator\" is missing"),
        ("{\"item\":1,\"annotator\":\"a\"}", "the field \"label\" is missing"),
        ("{\"item\":null,\"annotator\":\"a\",\"label\":\"x\"}", "the field \"item\" is null"),
        ("{\"item\":1,\"annotator\":\"\",\"label\":\"x\"}", "the field \"annotator\" is empty"),
        ("{\"item\":1,\"annotator\":{},\"label\":\"x\"}", "the field \"annotator\" is an object"),
        ("{\"item\":1,\"annotator\":\"a\",\"label\":1.5}", "the field \"label\" is a number"),
        ("{\"item\":1,\"annotator\":\"a\",\"label\":\"x\\u0007\"}", "the field \"label\" has a control"),
        (
            "{\"item\":1,\"annotator\":\"a\",\"label\":\"x\",\"label\":\"y\"}",
            "the field \"label\" appears twice",
        ),
        ("{\"item\":1,\"id\":1,\"annotator\":\"a\",\"label\":\"x\"}", "the row has both \"item\" and \"id\""),
        (
            "{\"item\":1,\"worker\":\"b\",\"annotator\":\"a\",\"label\":\"x\"}",
            "the row has both \"worker\" and \"annotator\"",
        ),
    ] {
        bench.write("f", format!("{good}\n{row}\n{good}"));
        refused(&bench, &["f"], &format!("f:3: {words}"));
        bench.write("f.gz", gzip(&format!("{good}\n{row}\n{good}")));
        refused(&bench, &["f.gz"], &format!("f.gz:3: {words}"));
    }
    bench.write("f", b"{\"item\":1,\"annotator\":\"\xff\",\"label\":\"x\"}");
    refused(&bench, &["f"], "f:1: invalid UTF-8 at byte 24");
}

#[test]
fn every_kind_of_bad_table_is_named_with_its_line() {
    let bench = Workbench::new();
    for (text, words) in [
        ("task,worker\n1,a\n", "f:1: the header has no column for the label"),
        ("1,a,x\n2,a,x\n", "f:1: the header has no column for the item; expected one of item, task, id"),
        ("task,item,worker,label\n1,1,a,x\n", "f:1: the header has two columns for the item"),
        ("task,worker,label\n1,a,x\n\n2,a\n", "f:4: the row has 2 cells, but the header has 3"),
        ("task,worker,label\n1,a,x\n2,a,x,y\n", "f:3: the row has 4 cells, but the header has 3"),
        ("task,worker,label\n1,a,x\n,a,x\n", "f:3: the field \"task\" is empty"),
        ("task,worker,label\n1,a,x\n2, ,x\n", "f:3: the field \"worker\" is empty"),
        ("task,worker,label\n1,a,\"x\ny\"\n", "f:2: the field \"label\" has a control character"),
        ("task,worker,label\n1,a,\n2,b,\n", "f: no row has a label"),
        ("task,worker,label\n", "f: the file has no rows"),
        ("", "f: the file has no rows"),
        (" \n\n", "f: the file has no rows"),
    ] {
        bench.write("f", text);
        refused(&bench, &["f"], words);
    }
    bench.write("f", b"task,worker,label\n1,a,x\n2,b,\xffx\n");
    refused(&bench, &["f"], "f:3: invalid UTF-8");
    let whole = gzip(&("task,worker,label\n".to_owned() + &"1,a,x\n2,b,y\n".repeat(5_000)));
    bench.write("f.gz", &whole[..whole.len() / 2]);
    refused(&bench, &["f.gz"], "f.gz");
}

#[test]
fn a_column_of_texts_is_no_column_of_labels() {
    let bench = Workbench::new();
    let mut text = String::from("task,worker,label\n");
    (0..1_001).for_each(|row| text += &format!("{row},a,text {row}\n"));
    bench.write("f.csv", text);
    refused(
        &bench,
        &["f.csv"],
        "f.csv:1002: the label \"text 1000\" is different label number 1001; at most 1000",
    );
}

#[test]
fn bad_gold_and_bad_options_are_named() {
    let bench = Workbench::new();
    bench.write("f", json_lines(&super::ANSWERS));
    bench.write("gold", "task,label\n1,spam\n2,\n");
    refused(&bench, &["f", "--gold", "gold"], "gold:3: the field \"label\" is empty; expected a label");
    bench.write("gold", "task,label\n1,spam\n1,spam\n1,ham\n");
    refused(
        &bench,
        &["f", "--gold", "gold"],
        "gold:4: the true label of \"1\" is \"ham\" here and \"spam\" on line 2",
    );
    refused(&bench, &["f", "--gold", "none"], "none: cannot be read");
    refused(&bench, &["f", "--method", "mean"], "--method: unknown aggregator \"mean\"; expected one of: mv");
    refused(&bench, &["f", "--min-accuracy", "1.5"], "--min-accuracy is 1.5; expected a share, 0 to 1");
    refused(&bench, &["f", "--out", "f"], "--out: f is a file; expected a folder");
    refused(&bench, &["none"], "none: cannot be read");
    // The first file is good, the second is not: neither is used.
    bench.write("bad", "task,worker,label\n1,a\n");
    refused(&bench, &["f", "bad"], "bad:2: the row has 2 cells");
}
