//! Tables as spreadsheets, annotators and platforms write them, read from a file into documents and
//! answers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use querist_core::LabelSet;
use querist_store::format::columns::AnswerColumns;
use querist_store::format::crowd::{self, CrowdFile, CrowdKind, CrowdReading};
use querist_store::source::Encoding;
use querist_store::workspace::{ImportCounts, ImportOptions, IngestCounts, IngestOptions};
use querist_store::{Choice, Told, Workspace};

fn words(told: &[Told]) -> String {
    told.iter().map(Told::to_string).collect::<Vec<_>>().join("\n")
}

/// A folder with a workspace in it.
struct Bench {
    folder: tempfile::TempDir,
    workspace: Workspace,
    labels: LabelSet,
}

impl Bench {
    fn with(labels: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::create(&folder.path().join("w"), "").unwrap();
        Self { folder, workspace, labels: LabelSet::new(labels.iter().copied()).unwrap() }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// An error's text without the folder's name.
    fn said(&self, error: &impl ToString) -> String {
        error.to_string().replace(&format!("{}/", self.folder.path().display()), "")
    }

    fn import(&mut self, path: String, options: &ImportOptions) -> Result<ImportCounts, String> {
        let imported = self.workspace.import(&[path], &self.labels, options, &mut |_| {});
        imported.map(|(counts, _)| counts).map_err(|error| self.said(&error))
    }

    fn ingest(&mut self, path: String, options: &IngestOptions) -> Result<IngestCounts, String> {
        let ingested = self.workspace.ingest(&[path], &self.labels, options);
        ingested.map(|(counts, _)| counts).map_err(|error| self.said(&error))
    }

    /// The number of documents, and how many of them are labelled.
    fn counts(&self) -> (usize, usize) {
        let snapshot = self.workspace.snapshot(&self.labels).unwrap();
        let labeled = snapshot.documents.iter().filter(|document| document.label.is_some()).count();
        (snapshot.documents.len(), labeled)
    }

    fn text(&self, id: &str) -> String {
        let snapshot = self.workspace.snapshot(&self.labels).unwrap();
        let document = snapshot.documents.iter().find(|document| document.id.as_str() == id).unwrap();
        self.workspace.text_of(document).unwrap().text
    }
}

/// The item, annotator and label of each row of a crowd's answers.
type Rows = Vec<(String, String, Option<String>)>;

fn crowd(path: &str, kind: CrowdKind, reading: &CrowdReading) -> Result<(Rows, CrowdFile), String> {
    let mut rows = Vec::new();
    let read = crowd::read(path, kind, reading, &mut |row, _| {
        rows.push((row.item.to_owned(), row.annotator.to_owned(), row.label.map(str::to_owned)));
        Ok(())
    });
    read.map(|read| (rows, read)).map_err(|error| error.to_string())
}

fn row(item: &str, annotator: &str, label: &str) -> (String, String, Option<String>) {
    (item.to_owned(), annotator.to_owned(), (!label.is_empty()).then(|| label.to_owned()))
}

#[test]
fn a_quote_that_is_never_closed_brings_nothing_in() {
    let mut bench = Bench::with(&["spam", "ham"]);
    let path = bench.write("t.csv", "id,label,text\n1,spam,\"abc\n2,ham,def\n3,ham,ghi\n4,spam,jkl\n");
    let message = bench.import(path, &ImportOptions::default()).unwrap_err();
    assert!(message.starts_with("t.csv:2: the quote that opens cell 3 is never closed"), "{message}");
    let path = bench.write("t.tsv", "id\tlabel\ttext\n1\tspam\tab\"c\n2\tham\t\"def\n3\tham\tghi\n");
    let message = bench.import(path, &ImportOptions::default()).unwrap_err();
    assert!(message.starts_with("t.tsv:3: the quote that opens cell 3 is never closed"), "{message}");
    let text =
        "id,label,text\n1,spam,he is 6\" tall\n2,ham,\"a \"\"b\"\" c\"\n3,ham,\"x\" y\n4,ham,\"p\"q\"r\"\n";
    let path = bench.write("q.csv", text);
    let message = bench.import(path.clone(), &ImportOptions::default()).unwrap_err();
    assert!(message.starts_with("q.csv:4: characters follow the closing quote of cell 3"), "{message}");
    assert_eq!(bench.counts(), (0, 0));
    // Bad rows after which the next row can be found are skipped one by one.
    let options = ImportOptions { skip_bad_rows: true, ..ImportOptions::default() };
    assert_eq!(bench.import(path, &options).unwrap().rejected, 2);
    assert_eq!((bench.text("1").as_str(), bench.text("2").as_str()), ("he is 6\" tall", "a \"b\" c"));

    let answers = "id,annotator,label,comment\n1,a,spam,fine\n2,a,ham,\"unclosed\n1,b,ham,x\n";
    let path = bench.write("a.csv", answers);
    let message = bench.ingest(path, &IngestOptions::default()).unwrap_err();
    assert!(message.starts_with("a.csv:3: the quote that opens cell 4 is never closed"), "{message}");
    let path = bench.write("c.csv", "task,worker,label,note\nt1,a,yes,ok\nt1,b,no,\"unclosed\nt2,a,no,ok\n");
    let message = crowd(&path, CrowdKind::Answers, &CrowdReading::default()).unwrap_err();
    assert!(message.contains("c.csv:3: the quote that opens cell 4 is never closed"), "{message}");
}

#[test]
fn a_row_of_another_length_is_an_error() {
    let mut bench = Bench::with(&["spam", "ham"]);
    for (name, text, words) in [
        (
            "few.csv",
            "id,text,label\n1,a,spam\n2,b\n",
            "few.csv:3: the record has 2 cells, but the header has 3",
        ),
        (
            "many.csv",
            "id,text,label\n1,a, b,spam\n",
            "many.csv:2: the record has 4 cells, but the header has 3",
        ),
        ("name.csv", "id,text,\n1,a,lost\n", "name.csv:2: cell 3 is not empty, and its column has no name"),
    ] {
        let path = bench.write(name, text);
        let message = bench.import(path, &ImportOptions::default()).unwrap_err();
        assert!(message.starts_with(words), "{message}");
    }
    let path = bench.write("end.csv", "id,text,label\n1,a,spam\n,,\n\n  \n");
    assert_eq!(bench.import(path, &ImportOptions::default()).unwrap().labeled, 1);
}

#[test]
fn spreadsheets_of_every_country_are_read_alike() {
    let wide = |text: &str| -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let plain = "ID;Text ; Label\r\n1;\"Grüße; bitte\";spam\r\n2;\"Zeile eins\r\nZeile zwei\";ham\r\n;;\r\n";
    let latin1 = |text: &str| -> Vec<u8> { text.chars().map(|c| c as u32 as u8).collect() };
    for (name, bytes, encoding) in [
        ("plain.csv", plain.as_bytes().to_vec(), "utf-8"),
        ("bom.csv", format!("\u{feff}{plain}").into_bytes(), "utf-8"),
        ("sep.csv", format!("sep=;\r\n{plain}").into_bytes(), "utf-8"),
        ("tabs.csv", wide(&plain.replace(';', "\t").replace("Grüße\t", "Grüße;")), "utf-8"),
        ("wide.csv", wide(plain), "utf-8"),
        ("1252.csv", latin1(plain), "windows-1252"),
        ("none", plain.as_bytes().to_vec(), "utf-8"),
    ] {
        let mut bench = Bench::with(&["spam", "ham"]);
        let path = bench.write(name, bytes);
        let encoding = Encoding::of_name(encoding).unwrap();
        let options = ImportOptions { encoding, ..ImportOptions::default() };
        let counts = bench.import(path, &options).unwrap();
        assert_eq!((counts.labeled, bench.counts()), (2, (2, 2)), "{name}");
        assert_eq!(
            (bench.text("1"), bench.text("2")),
            ("Grüße; bitte".into(), "Zeile eins\r\nZeile zwei".into()),
            "{name}"
        );
        let answers = "\u{feff}id;text;LABEL;Annotator;meta\r\n1;;ham;ana;\"{\"\"src\"\":\"\"x\"\"}\"\r\n2;;spam;ana;\r\n";
        let answers = answers.replace(";text;", ";note;");
        let path = bench.write("answers.csv", &answers);
        assert_eq!(bench.ingest(path, &IngestOptions::default()).unwrap().new, 2, "{name}");
    }
    let bench = Bench::with(&["yes", "no"]);
    let expected = [row("t1", "Änn", "yes"), row("t1", "Bob", "no")];
    let table = "task;worker;label\r\nt1;Änn;yes\r\nt1;Bob;no\r\n";
    for (name, bytes, encoding) in [
        ("cp1252.csv", latin1(table), "windows-1252"),
        ("utf16.csv", wide(&table.replace(';', "\t")), "utf-8"),
        ("sep.csv", format!("sep=;\r\n{}", table.to_uppercase().replace("T1;", "t1;")).into_bytes(), "utf-8"),
    ] {
        let path = bench.write(name, bytes);
        let reading =
            CrowdReading { encoding: Encoding::of_name(encoding).unwrap(), ..CrowdReading::default() };
        let (rows, _) = crowd(&path, CrowdKind::Answers, &reading).unwrap();
        let lower = |text: &str| if name == "sep.csv" { text.to_lowercase() } else { text.to_owned() };
        let rows: Rows = rows.into_iter().map(|(i, a, l)| (i, lower(&a), l.map(|l| lower(&l)))).collect();
        let expected: Rows = expected.iter().map(|(i, a, l)| (i.clone(), lower(a), l.clone())).collect();
        assert_eq!(rows, expected, "{name}");
    }
    let path = bench.path("cp1252.csv");
    let message = crowd(&path, CrowdKind::Answers, &CrowdReading::default()).unwrap_err();
    assert!(
        message.contains(":2: invalid UTF-8 at byte 1") && message.contains("expected UTF-8"),
        "{message}"
    );
}

#[test]
fn platforms_results_are_answers_as_they_are() {
    let mut bench = Bench::with(&["spam", "ham"]);
    let head = "INPUT:text\tOUTPUT:label\tGOLDEN:label\tHINT:text\tASSIGNMENT:link\tASSIGNMENT:worker_id\tASSIGNMENT:status";
    let rows = "buy now\tspam\t\t\thttp://x\tw1\tAPPROVED\nhello\tham\tham\t\thttp://x\tw1\tAPPROVED\nhello\tspam\tham\t\t\tw2\tREJECTED\n\t\t\t\t\t\t\n";
    let toloka = bench.write("toloka.tsv", format!("{head}\n{rows}"));
    let plain = CrowdReading::default();
    let (found, read) = crowd(&toloka, CrowdKind::Answers, &plain).unwrap();
    assert_eq!(found, [row("buy now", "w1", "spam"), row("hello", "w1", "ham")]);
    assert_eq!((read.rows, read.refused, read.golden), (3, 1, 1));
    let told = words(&read.remarks);
    assert!(told.contains("read as assignments of Toloka, with the item in \"INPUT:text\""), "{told}");
    assert!(
        told.contains("1 answers are left out")
            && told.contains("1 answers are to the platform's own test questions"),
        "{told}"
    );
    let (gold, _) = crowd(&toloka, CrowdKind::Gold, &plain).unwrap();
    assert_eq!(gold, [row("hello", "", "ham"), row("hello", "", "ham")]);

    let turk = "HITId,WorkerId,AssignmentStatus,Input.text,Answer.category.label\nH1,W1,Approved,buy now,spam\nH1,W2,Rejected,buy now,ham\n";
    let turk = bench.write("turk.csv", turk);
    let (found, read) = crowd(&turk, CrowdKind::Answers, &plain).unwrap();
    assert_eq!((found, read.refused), (vec![row("H1", "W1", "spam")], 1));

    let appen = "_unit_id,_golden,_tainted,_trust,_worker_id,is_spam,content,is_spam_gold\n7,false,false,0.9,1,yes,x,\n8,true,false,0.9,1,no,y,no\n8,true,true,0.1,2,yes,y,no\n";
    let appen = bench.write("appen.csv", appen);
    let (found, read) = crowd(&appen, CrowdKind::Answers, &plain).unwrap();
    assert_eq!(found, [row("7", "1", "yes"), row("8", "1", "no")]);
    assert_eq!((read.refused, read.golden), (1, 1));
    assert_eq!(crowd(&appen, CrowdKind::Gold, &plain).unwrap().0[0], row("8", "", "no"));

    let truth = bench.write("truth.csv", "question,worker,answer\r\n11657,1761,0\r\n36947,175,1\r\n");
    assert_eq!(crowd(&truth, CrowdKind::Answers, &plain).unwrap().0[1], row("36947", "175", "1"));

    // In a workspace, documents are found by their text, and refused answers do not count.
    let pool = bench.write("pool.csv", "id,text\nd1,buy now\nd2,hello\n");
    bench.import(pool, &ImportOptions::default()).unwrap();
    let counts = bench.ingest(toloka, &IngestOptions::default()).unwrap();
    assert_eq!(counts.new, 2, "{counts:?}");
    assert!(words(&counts.guesses).contains("1 answers are left out"), "{counts:?}");
}

#[test]
fn columns_can_be_named() {
    let mut bench = Bench::with(&["spam", "ham"]);
    let columns = AnswerColumns {
        item: Some("Ticket".to_owned()),
        annotator: Some("who".to_owned()),
        label: Some("Topic".to_owned()),
    };
    let text = "ticket;WHO;topic;label;id\nd1;ana;spam;x;7\nd2;ana;ham;y;8\n";
    let path = bench.write("a.csv", text);
    let reading = CrowdReading { columns: columns.clone(), ..CrowdReading::default() };
    let (found, _) = crowd(&path, CrowdKind::Answers, &reading).unwrap();
    assert_eq!(found, [row("d1", "ana", "spam"), row("d2", "ana", "ham")]);
    let pool = bench.write("pool.csv", "id,text\nd1,one\nd2,two\n");
    bench.import(pool, &ImportOptions::default()).unwrap();
    let options = IngestOptions { columns: columns.clone(), ..IngestOptions::default() };
    assert_eq!(bench.ingest(path, &options).unwrap().new, 2);
    let json = "{\"Ticket\":\"d1\",\"who\":\"ben\",\"Topic\":\"ham\"}\n{\"Ticket\":\"d2\",\"who\":\"ben\",\"Topic\":\"ham\",\"label\":3}\n";
    let path = bench.write("a.jsonl", json);
    assert_eq!(bench.ingest(path.clone(), &options).unwrap().new, 2);
    assert_eq!(crowd(&path, CrowdKind::Answers, &reading).unwrap().0[0], row("d1", "ben", "ham"));
    // A field that the user named must exist somewhere.
    let path = bench.write("b.csv", "id,annotator,label\nd1,ana,spam\n");
    let message = bench.ingest(path.clone(), &options).unwrap_err();
    assert!(message.contains("there is no column \"Ticket\" for the item; expected one of: id"), "{message}");
    let message = crowd(&path, CrowdKind::Answers, &reading).unwrap_err();
    assert!(message.contains("\"Ticket\" for the item"), "{message}");
    let path = bench.write("b.jsonl", "{\"id\":\"d1\",\"annotator\":\"ana\",\"label\":\"spam\"}\n");
    let label = AnswerColumns { label: Some("Topic".to_owned()), ..AnswerColumns::default() };
    let options = IngestOptions { columns: label, skip_bad_rows: true, ..IngestOptions::default() };
    let message = bench.ingest(path, &options).unwrap_err();
    assert!(message.contains("no row has the field \"Topic\" for the label"), "{message}");
}

#[test]
fn a_workbook_is_a_table() {
    let mut bench = Bench::with(&["shipping", "billing", "technical"]);
    let book = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tables/tickets.xlsx");
    let path = bench.write("tickets.xlsx", std::fs::read(book).unwrap());
    let counts = bench.import(path.clone(), &ImportOptions::default()).unwrap();
    assert_eq!((counts.labeled, bench.text("4").as_str()), (4, "Ünïcode, \"quotes\"; semicolon"));
    let told = counts.guesses.last().unwrap();
    assert!(told.text.ends_with("the sheet \"Tickets\" is read; the others are: Notes"), "{told}");
    assert_eq!(told.choice, Some(Choice::Sheet));
    let snapshot = bench.workspace.snapshot(&bench.labels).unwrap();
    let meta = bench.workspace.text_of(&snapshot.documents[0]).unwrap().meta.unwrap();
    assert!(meta.starts_with("{\"opened\":\"2026-05-01T12:00:00\"") || meta.contains("2026-05-0"), "{meta}");
    let options = ImportOptions { sheet: Some("Nope".to_owned()), ..ImportOptions::default() };
    let message = bench.import(path.clone(), &options).unwrap_err();
    assert!(
        message
            .starts_with("tickets.xlsx: the workbook has no sheet \"Nope\"; expected one of: Tickets, Notes"),
        "{message}"
    );
    let columns = AnswerColumns { annotator: Some("opened".to_owned()), ..AnswerColumns::default() };
    let reading = CrowdReading { columns, ..CrowdReading::default() };
    let (rows, _) = crowd(&path, CrowdKind::Answers, &reading).unwrap();
    assert_eq!(rows[0], row("1", "2026-05-01T12:00:00", "shipping"));
    let mut other = Bench::with(&["shipping", "billing"]);
    let message = other.import(path, &ImportOptions::default()).unwrap_err();
    assert!(message.contains("tickets.xlsx: Tickets!A4:D4: unknown label \"technical\""), "{message}");
    let path = other.write("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on");
    let message = other.import(path, &ImportOptions::default()).unwrap_err();
    assert!(
        message.contains("an old or encrypted Office file, which is not supported; save it as"),
        "{message}"
    );
}

#[test]
fn a_label_in_a_list_of_one_is_a_label() {
    let mut bench = Bench::with(&["shipping", "billing"]);
    for (name, text) in [
        ("a.jsonl", "{\"text\":\"one\",\"label\":[\"shipping\"]}\n{\"text\":\"two\",\"label\":[]}\n"),
        ("b.json", "[{\"text\":\"three\",\"label\":[\"billing\"]},{\"text\":\"four\",\"label\":null}]"),
        ("c.csv", "text,label\nfive,\"[\"\"billing\"\"]\"\nsix,['shipping']\n"),
    ] {
        let path = bench.write(name, text);
        bench.import(path, &ImportOptions::default()).unwrap();
    }
    assert_eq!(bench.counts(), (6, 4));
    for (name, text) in [
        ("d.jsonl", "{\"text\":\"x\",\"label\":[\"shipping\",\"billing\"]}\n"),
        ("e.csv", "text,label\nx,\"['shipping', 'billing']\"\n"),
    ] {
        let path = bench.write(name, text);
        let message = bench.import(path, &ImportOptions::default()).unwrap_err();
        assert!(
            message.contains("2 labels; expected one, because a document has only one label"),
            "{message}"
        );
    }
    let answers =
        "{\"item\":1,\"worker\":\"a\",\"label\":[\"yes\"]}\n{\"item\":1,\"worker\":\"b\",\"label\":[]}\n";
    let path = bench.write("f.jsonl", answers);
    let (rows, _) = crowd(&path, CrowdKind::Answers, &CrowdReading::default()).unwrap();
    assert_eq!(rows, [row("1", "a", "yes"), row("1", "b", "")]);
}

#[test]
fn a_folder_is_read_whole_and_says_what_it_is_not() {
    let mut bench = Bench::with(&["a", "b"]);
    bench.write("fm/a.jsonl", "{\"id\":\"e0\",\"text\":\"one\"}\n{\"id\":\"e1\",\"text\":\"two\"}\n");
    bench.write("fm/b.csv", "id,text\nq1,hello world\n");
    bench.write("fm/c.txt", "doc text\n");
    bench.write("fm/.h.txt", "hidden");
    bench.write("fm/scan.pdf", "%PDF");
    let path = bench.path("fm");
    let counts = bench.import(path, &ImportOptions::default()).unwrap();
    assert_eq!((counts.pool, bench.text("q1").as_str()), (4, "hello world"));
    let passed: Vec<String> = counts.passed_over.iter().map(|passed| bench.said(&passed.file)).collect();
    assert_eq!(passed, ["fm/.h.txt", "fm/scan.pdf"]);
    bench.write("bad/b.csv", "id,text\nq2,\"never closed\n");
    let path = bench.path("bad");
    let message = bench.import(path, &ImportOptions::default()).unwrap_err();
    assert!(message.starts_with("bad/b.csv:2: the quote that opens cell 2 is never closed"), "{message}");
}
