//! Tests reading the fields of a record, and the errors for malformed records.

use super::*;

#[test]
fn keeps_the_users_fields_to_the_letter() {
    let line =
        r#"{"id":"a","n":12345678901234567890123,"f":1.10,"text":"t","meta":{"z":1,"n":2},"k\"":null}"#;
    let mut row = Row::parse(line).unwrap();
    assert_eq!(row.name("id", None).unwrap(), "a");
    assert_eq!(row.text("text", None).unwrap(), "t");
    assert_eq!(row.rest().unwrap(), r#"{"n":12345678901234567890123,"f":1.10,"k\"":null,"z":1}"#);
    assert_eq!(Row::parse("{}").unwrap().rest(), None);
    assert_eq!(Row::parse(r#"{"meta":{}}"#).unwrap().rest(), None);
}

#[test]
fn a_list_of_one_is_a_label_and_a_list_of_two_is_not() {
    let label = |value: &str| {
        let line = format!("{{\"label\":{value}}}");
        Row::parse(&line)
            .and_then(|mut row| row.optional_label("label"))
            .map_err(|problem| problem.to_string())
    };
    for value in [r#""a b""#, r#"["a b"]"#, r#""[\"a b\"]""#, r#""['a b']""#, r#"" [ 'a b' ] ""#] {
        assert_eq!(label(value), Ok(Some("a b".to_owned())), "{value}");
    }
    for value in ["null", r#""""#, "[]", r#""[]""#, "[null]"] {
        assert_eq!(label(value), Ok(None), "{value}");
    }
    assert_eq!((label("[7]"), label("7")), (Ok(Some("7".to_owned())), Ok(Some("7".to_owned()))));
    for value in [r#"["a","b"]"#, r#""['a', 'b']""#, r#""[\"a\",\"b\"]""#] {
        assert!(label(value).unwrap_err().starts_with("2 labels; expected one"), "{value}");
    }
    for text in ["[a]", "[a", "['a'b]", "a, b"] {
        assert_eq!(label(&json_string(text)), Ok(Some(text.to_owned())));
    }
    assert!(label(r#"[{"a":1}]"#).unwrap_err().contains("\"label\" is an object, expected a label"));
}

#[test]
fn fields_may_change_their_names_with_each_other() {
    let mut row = Row::parse(r#"{"label":"d1","id":"spam","text":"t"}"#).unwrap();
    row.rename(&[("label", &["id", "item"]), ("id", &["label"]), ("who", &["annotator"])]).unwrap();
    assert_eq!(row.rest().unwrap(), r#"{"text":"t","id":"d1","label":"spam"}"#);
    let mut row = Row::parse(r#"{"Topic":null,"label":"x","annotator":"a"}"#).unwrap();
    row.rename(&[("Topic", &["label"]), ("who", &["annotator"])]).unwrap();
    assert_eq!(row.rest().unwrap(), r#"{"label":null}"#);
}

#[test]
fn names_what_is_wrong() {
    let problem = |line: &str| {
        let mut row = Row::parse(line)?;
        row.name("id", Some(FieldOption::Id)).and_then(|_| row.text("text", Some(FieldOption::Text)))
    };
    for (line, words) in [
        (r#"{"id":"a""#, "EOF while parsing an object at column 9"),
        ("[1]", "this is a list, expected an object with a name for each value"),
        ("not json", "expected ident"),
        (r#"{"text":"t"}"#, "the field \"id\" is missing; every row must have it"),
        (r#"{"id":"a","text":5}"#, "the field \"text\" is a number, expected a string"),
        (r#"{"id":"a","text":null}"#, "the field \"text\" is null, expected a string"),
        (r#"{"id":"a","text":["t"]}"#, "is a list, expected a string"),
        (r#"{"id":1.5,"text":"t"}"#, "the field \"id\" is a number, expected a string or a whole number"),
        (r#"{"id":"","text":"t"}"#, "the field \"id\" is empty"),
        (r#"{"id":"a\tb","text":"t"}"#, "control character"),
        (r#"{"id":"a","id":"b","text":"t"}"#, "\"id\" appears twice"),
        (r#"{"id":"a","text":"x\u0000y"}"#, "a NUL character in the field \"text\""),
        ("{\"id\":\"a\0\"}", "a NUL character in column 9"),
        (r#"{"id":"a","text":"\ud800"}"#, "malformed JSON"),
    ] {
        let message = problem(line).unwrap_err().to_string();
        assert!(message.contains(words), "{line}: {message}");
    }
    assert_eq!(problem(r#"{"id":7,"text":"t"}"#).unwrap(), "t");
}
