//! Results of crowd platforms as answers about documents: forms in one cell, dates and durations,
//! and files that come again.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use querist_core::{Answer, LabelSet};
use querist_store::format::crowd::{self, CrowdKind, CrowdReading};
use querist_store::workspace::{ImportOptions, IngestCounts, IngestOptions, Said};
use querist_store::{Told, Workspace};

fn words(told: &[Told]) -> String {
    told.iter().map(Told::to_string).collect::<Vec<_>>().join("\n")
}

/// A workspace with three documents.
struct Bench {
    folder: tempfile::TempDir,
    workspace: Workspace,
    labels: LabelSet,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::create(&folder.path().join("w"), "").unwrap();
        let mut bench = Self { folder, workspace, labels: LabelSet::new(["spam", "ham"]).unwrap() };
        let pool = bench.write("pool.csv", "id,text\nd1,buy now\nd2,hello\nd3,lunch\n");
        bench.workspace.import(&[pool], &bench.labels, &ImportOptions::default(), &mut |_| {}).unwrap();
        bench
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn ingest(&mut self, name: &str, content: &str, control: Option<&str>) -> Result<IngestCounts, String> {
        let path = self.write(name, content);
        let options = IngestOptions { control: control.map(str::to_owned), ..IngestOptions::default() };
        let ingested = self.workspace.ingest(&[path], &self.labels, &options);
        ingested.map(|(counts, _)| counts).map_err(|error| error.to_string())
    }

    fn answers(&self) -> Vec<Answer> {
        self.workspace.snapshot(&self.labels).unwrap().answers
    }

    fn said(&self) -> Vec<Said> {
        self.workspace.remarks(&self.workspace.snapshot(&self.labels).unwrap()).unwrap()
    }
}

/// Results of Mechanical Turk. Each row has the text, the worker, the time and the cell with the
/// form.
fn turk(rows: &[(&str, &str, &str, &str)]) -> String {
    let mut text =
        "HITId,WorkerId,AssignmentStatus,SubmitTime,WorkTimeInSeconds,Input.text,Answer.taskAnswers\n"
            .to_owned();
    for (content, worker, time, cell) in rows {
        text += &format!("h,{worker},Approved,{time},17,{content},\"{}\"\n", cell.replace('"', "\"\""));
    }
    text
}

const MORNING: &str = "Tue May 14 08:18:33 PDT 2019";

#[test]
fn a_form_in_one_cell_is_unpacked_and_dated() {
    let mut bench = Bench::new();
    let rows = turk(&[
        ("buy now", "w1", MORNING, r#"[{"category":{"label":"spam"},"comment":"sells"}]"#),
        ("hello", "w1", MORNING, r#"[{"category":{"spam":false,"ham":true}}]"#),
        ("lunch", "w1", "some day", r#"[{"category":{"spam":false,"ham":false}}]"#),
    ]);
    let counts = bench.ingest("turk.csv", &rows, None).unwrap();
    assert_eq!((counts.new, counts.skips, counts.open.len()), (2, 0, 1), "{counts:?}");
    let told = words(&counts.guesses);
    assert!(
        told.contains("1 answers have a time that cannot be read") && told.contains("\"some day\""),
        "{told}"
    );
    let answers = bench.answers();
    let short: Vec<_> =
        answers.iter().map(|answer| (answer.label.unwrap().index(), answer.seconds, answer.time)).collect();
    let time = Some(1_557_847_113_000_000);
    assert_eq!(short, [(0, Some(17.0), time), (1, Some(17.0), time)]);
    assert_eq!(bench.said()[0].remarks.comment.as_deref(), Some("sells"));
    // The same file without a workspace.
    let path = bench.write("again.csv", &rows);
    let mut labels = Vec::new();
    crowd::read(&path, CrowdKind::Answers, &CrowdReading::default(), &mut |row, _| {
        labels.push(row.label.map(str::to_owned));
        Ok(())
    })
    .unwrap();
    assert_eq!(labels, [Some("spam".to_owned()), Some("ham".to_owned()), None]);
}

#[test]
fn two_controls_in_a_cell_are_chosen_by_name() {
    let rows = turk(&[("buy now", "w1", MORNING, r#"[{"topic":{"label":"ham"},"mood":{"label":"spam"}}]"#)]);
    let mut bench = Bench::new();
    let message = bench.ingest("turk.csv", &rows, None).unwrap_err();
    assert!(message.contains("turk.csv:2: \"mood\" and \"topic\" ask for a class"), "{message}");
    let message = bench.ingest("turk.csv", &rows, Some("moood")).unwrap_err();
    assert!(
        message.contains("no record has an answer to \"moood\"") && message.contains("\"mood\""),
        "{message}"
    );
    let counts = bench.ingest("turk.csv", &rows, Some("mood")).unwrap();
    assert_eq!((counts.new, bench.answers()[0].label.unwrap().index()), (1, 0));
    assert!(words(&counts.remarks).contains("the answers to \"topic\" are not read"), "{counts:?}");
    let path = bench.write("again.csv", &rows);
    let reading = |control: Option<&str>| CrowdReading {
        control: control.map(str::to_owned),
        ..CrowdReading::default()
    };
    let read = |control| crowd::read(&path, CrowdKind::Answers, &reading(control), &mut |_, _| Ok(()));
    assert!(read(None).unwrap_err().to_string().contains("ask for a class"));
    assert!(read(Some("moood")).unwrap_err().to_string().contains("did you mean \"mood\"?"));
    assert!(words(&read(Some("mood")).unwrap().remarks).contains("\"topic\""));
    let broken = turk(&[("buy now", "w1", MORNING, "spam")]);
    let message = bench.ingest("turk.csv", &broken, None).unwrap_err();
    assert!(
        message.contains("turk.csv:2: the cell cannot be read; expected a JSON list of one object"),
        "{message}"
    );
}

#[test]
fn a_page_s_time_is_shared_by_its_answers() {
    let mut bench = Bench::new();
    let head = "INPUT:text\tOUTPUT:label\tASSIGNMENT:worker_id\tASSIGNMENT:started\tASSIGNMENT:submitted\n";
    let times = "2019-05-14T15:18:33.000\t2019-05-14T15:18:43.000";
    let rows =
        format!("{head}buy now\tspam\tw1\t{times}\nhello\tham\tw1\t{times}\nlunch\tham\tw2\t{times}\n");
    assert_eq!(bench.ingest("toloka.tsv", &rows, None).unwrap().new, 3);
    let seconds: Vec<_> = bench.answers().iter().map(|answer| answer.seconds).collect();
    assert_eq!(seconds, [Some(5.0), Some(5.0), Some(10.0)]);
    assert!(bench.answers().iter().all(|answer| answer.time == Some(1_557_847_123_000_000)));
    let mut bench = Bench::new();
    let head = "_unit_id,_created_at,_started_at,_worker_id,_tainted,id,is_spam,is_spam_gold\n";
    let rows = format!("{head}7,5/14/2019 15:18:43,5/14/2019 15:18:33,w1,false,d2,ham,\n");
    assert_eq!(bench.ingest("appen.csv", &rows, None).unwrap().new, 1);
    assert_eq!(bench.answers()[0].seconds, Some(10.0));
}

#[test]
fn a_known_file_brings_the_comments_that_were_not_kept() {
    let mut bench = Bench::new();
    let rows = "id,annotator,label,comment\nd1,ana,spam,sells\nd2,ana,ham,\n";
    assert_eq!(bench.ingest("a.csv", rows, None).unwrap().new, 2);
    let database = bench.folder.path().join("w/querist.db");
    let forget = |sql: &str| rusqlite::Connection::open(&database).unwrap().execute(sql, []).unwrap();
    forget("UPDATE annotations SET comment = NULL");
    assert!(bench.said().is_empty());
    let counts = bench.ingest("a.csv", rows, None).unwrap();
    assert_eq!(
        (counts.known_files, counts.unchanged, counts.remarked, counts.changed),
        (1, 2, 1, 0),
        "{counts:?}"
    );
    assert_eq!(bench.said()[0].remarks.comment.as_deref(), Some("sells"));
    assert_eq!(bench.ingest("a.csv", rows, None).unwrap().remarked, 0, "once is enough");
    // An old file never changes which answer is current.
    forget("UPDATE annotations SET comment = NULL");
    bench.ingest("b.csv", "id,annotator,label\nd1,ana,ham\n", None).unwrap();
    assert_eq!(bench.ingest("a.csv", rows, None).unwrap().remarked, 1);
    assert_eq!(bench.answers()[0].label.unwrap().index(), 1);
}

/// The header of results of Mechanical Turk with one column for each of two options.
const OPTIONS: &str =
    "HITId,WorkerId,AssignmentStatus,WorkTimeInSeconds,Input.text,Answer.category.spam,Answer.category.ham\n";

#[test]
fn options_in_columns_of_their_own_are_one_label() {
    let rows = format!(
        "{OPTIONS}h1,w1,Approved,17,buy now,true,false\nh2,w1,Approved,4,hello,FALSE,True\nh3,w1,Approved,3,lunch,false,\n\
         h1,w2,Rejected,1,buy now,true,true\n"
    );
    let mut bench = Bench::new();
    let counts = bench.ingest("turk.csv", &rows, None).unwrap();
    assert_eq!((counts.new, counts.skips, &counts.open["not labelled yet"]), (2, 0, &1), "{counts:?}");
    let told = words(&counts.guesses);
    assert!(told.contains("and the label in the columns of Answer.category (spam, ham)"), "{told}");
    assert!(told.contains("1 answers are left out"), "{told}");
    let answers = bench.answers();
    let short: Vec<_> =
        answers.iter().map(|answer| (answer.label.unwrap().index(), answer.seconds)).collect();
    assert_eq!(short, [(0, Some(17.0)), (1, Some(4.0))]);
    // The same file without a workspace, in every layout.
    let json = r#"[{"HITId":"h1","WorkerId":"w1","Answer.category.spam":true,"Answer.category.ham":false},
        {"HITId":"h2","WorkerId":"w1","Answer.category.spam":"false","Answer.category.ham":"true"},
        {"HITId":"h3","WorkerId":"w1","Answer.category.spam":null,"Answer.category.ham":false}]"#;
    for (name, content) in [("again.csv", rows.as_str()), ("again.json", json)] {
        let path = bench.write(name, content);
        let mut labels = Vec::new();
        let read = crowd::read(&path, CrowdKind::Answers, &CrowdReading::default(), &mut |row, _| {
            labels.push(row.label.map(str::to_owned));
            Ok(())
        });
        assert!(words(&read.unwrap().remarks).contains("Answer.category (spam, ham)"), "{name}");
        assert_eq!(labels, [Some("spam".to_owned()), Some("ham".to_owned()), None], "{name}");
    }
}

#[test]
fn what_is_wrong_with_options_is_told_with_its_line() {
    let mut bench = Bench::new();
    for (row, words) in [
        (
            "h1,w1,Approved,17,buy now,true,true",
            "turk.csv:2: \"spam\" and \"ham\" of Answer.category are all true; expected one label for the \
             whole document: set all but one to false, or remove the row",
        ),
        (
            "h1,w1,Approved,17,buy now,yes,no",
            "turk.csv:2: the column \"Answer.category.spam\" has \"yes\"; expected true or false, as in \
             the other options of Answer.category",
        ),
    ] {
        let rows = format!("{OPTIONS}{row}\n");
        let message = bench.ingest("turk.csv", &rows, None).unwrap_err();
        assert!(message.contains(words), "{message}");
        let path = bench.write("turk.csv", &rows);
        let read = crowd::read(&path, CrowdKind::Answers, &CrowdReading::default(), &mut |_, _| Ok(()));
        let message = read.unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
    // An option that is not one of the workspace's labels matters only if somebody chooses it.
    let rows = OPTIONS.replace("Answer.category.ham", "Answer.category.other")
        + "h1,w1,Approved,17,buy now,false,true\n";
    let message = bench.ingest("turk.csv", &rows, None).unwrap_err();
    assert!(message.contains("turk.csv:2: unknown label \"other\""), "{message}");
    assert!(bench.answers().is_empty());
}
