//! Tests the state that follows from facts.

use rusqlite::Connection;

use super::*;

fn database() -> Connection {
    let database = Connection::open_in_memory().unwrap();
    database
        .execute_batch(
            "CREATE TABLE facts (number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT, fact TEXT NOT NULL)",
        )
        .unwrap();
    database
}

fn note(database: &Connection, fact: &Fact) {
    add(database, fact, Some("lea")).unwrap();
}

fn exclude(name: &str) -> Fact {
    Fact::Excluded { name: name.to_owned(), why: "left".to_owned() }
}

#[test]
fn a_later_fact_takes_an_earlier_one_back_and_both_stay() {
    let database = database();
    note(&database, &exclude("cafe\u{301}"));
    note(&database, &Fact::Included { name: "caf\u{e9}".to_owned() });
    let at = |last| Facts::until(&database, last).unwrap();
    assert!(at(1).is_excluded("caf\u{e9}") && at(1).excludes());
    assert!(!at(2).is_excluded("caf\u{e9}") && !at(2).excludes());
    assert_eq!(at(2).people().count(), 0, "nothing is left to say");
    assert_eq!(last(&database).unwrap(), 2);
}

#[test]
fn what_is_known_goes_along_to_a_new_name() {
    let database = database();
    let rename =
        |old: &str, new: &str| Fact::Renamed { old: old.to_owned(), new: new.to_owned(), merged: false };
    note(&database, &exclude("ana"));
    note(&database, &rename("ana", "Ana Maria"));
    let facts = Facts::now(&database).unwrap();
    assert!(facts.is_excluded("Ana Maria") && !facts.is_excluded("ana"));
    // If two people become one person, this person is excluded or paused if either of the two was.
    note(&database, &Fact::Paused { name: "ben".to_owned() });
    note(&database, &rename("Ana Maria", "ben"));
    let facts = Facts::now(&database).unwrap();
    assert!(facts.is_excluded("ben") && facts.of_person("ben").unwrap().paused);
}

#[test]
fn whoever_gets_a_document_anew_has_it() {
    let database = database();
    let assignments = vec![(1, 7, "ana".to_owned()), (2, 7, "ana".to_owned())];
    note(&database, &Fact::Withdrawn { picks: vec![(1, 8)], assignments });
    note(&database, &Fact::HandedOut { round: 1, documents: BTreeMap::new() });
    let facts = Facts::now(&database).unwrap();
    assert_eq!(facts.ended, BTreeSet::from([(2, 7, "ana".to_owned())]));
    assert_eq!(facts.withdrawn, BTreeSet::from([(1, 8)]));
}

#[test]
fn facts_of_earlier_versions_are_read_as_they_were_written() {
    for (fact, text) in [
        (Fact::Forgotten { documents: vec![3], ids: None }, r#"{"kind":"forgotten","documents":[3]}"#),
        (
            Fact::Renamed { old: "a".to_owned(), new: "b".to_owned(), merged: false },
            r#"{"kind":"renamed","old":"a","new":"b"}"#,
        ),
    ] {
        assert_eq!(serde_json::from_str::<Fact>(text).unwrap(), fact);
        assert_eq!(serde_json::to_string(&fact).unwrap(), text);
    }
}

#[test]
fn a_fact_of_a_newer_version_is_an_error() {
    let database = database();
    database.execute("INSERT INTO facts (at, fact) VALUES ('', '{\"kind\":\"married\"}')", []).unwrap();
    let error = Facts::now(&database).unwrap_err();
    let chain = format!("{error}: {}", std::error::Error::source(&error).unwrap());
    assert!(chain.contains("fact 1") && chain.contains("married"), "{chain}");
}
