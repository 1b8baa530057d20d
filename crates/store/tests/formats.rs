//! One contract for every layout of documents: everything that the layout can carry is imported,
//! and faults name their place. No bytes whatsoever make the reader panic, run forever or fill the
//! memory.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::path::Path;

use proptest::prelude::*;
use querist_core::{LabelSet, Seed};
use querist_store::Workspace;
use querist_store::format::parquet_table::{Cell, ColumnKind, ParquetTable};
use querist_store::format::records::{self, Layout, Reading, guarded};
use querist_store::source::Encoding;
use querist_store::workspace::ImportOptions;
use rand::RngExt;

/// A document as a test writes it.
#[derive(Debug, Clone, PartialEq)]
struct Given {
    id: String,
    text: String,
    label: Option<&'static str>,
    source: String,
}

fn labels() -> LabelSet {
    LabelSet::new(["a", "b"]).unwrap()
}

/// Documents with awkward texts. Texts for layouts by line have no line breaks.
fn given(n: usize, by_line: bool) -> Vec<Given> {
    let texts = [
        "=1+1",
        "two\nlines, \"quoted\"",
        "tab\there; ünï©ode 日本",
        "'=x",
        "see __label__ inside",
        "{\"a\":1}",
        "@x\r\ny",
    ];
    let given = |n: usize| {
        let mut text = format!("{} {n}", texts[n % texts.len()]);
        if by_line {
            text = text.replace(['\r', '\n'], " ");
        }
        let label = [Some("a"), None, Some("b")][n % 3];
        Given { id: format!("d{n}"), text, label, source: format!("-{n}") }
    };
    (0..n).map(given).collect()
}

fn json(given: &Given) -> String {
    serde_json::json!({"id": given.id, "text": given.text, "label": given.label, "source": given.source})
        .to_string()
}

fn cells(given: &[Given], separator: &str) -> String {
    let cell = |cell: &str| format!("\"{}\"", guarded(cell).replace('"', "\"\""));
    let row = |given: &Given| {
        [&given.id, &given.text, given.label.unwrap_or(""), &given.source].map(cell).join(separator)
    };
    let mut lines = vec![["id", "text", "label", "source"].join(separator)];
    lines.extend(given.iter().map(row));
    lines.join("\r\n")
}

/// Writes documents in this layout.
fn write(layout: Layout, path: &Path, given: &[Given]) {
    let lines =
        |line: &dyn Fn(&Given) -> String| given.iter().map(|given| line(given) + "\n").collect::<String>();
    let text = match layout {
        Layout::JsonLines => lines(&json),
        Layout::JsonArray => format!("[{}]", given.iter().map(json).collect::<Vec<_>>().join(",\n")),
        Layout::Csv => cells(given, ","),
        Layout::Tsv => cells(given, "\t"),
        Layout::FastText => lines(&|given| {
            given.label.map(|label| format!("__label__{label} ")).unwrap_or_default() + &given.text
        }),
        Layout::PlainText => lines(&|given| given.text.clone()),
        Layout::Parquet => {
            let columns = ["id", "text", "label", "source"].map(|name| (name.to_owned(), ColumnKind::Text));
            let mut table = ParquetTable::new(std::fs::File::create(path).unwrap(), &columns).unwrap();
            for given in given {
                let cells = [Some(given.id.as_str()), Some(&given.text), given.label, Some(&given.source)];
                table.push(&cells.map(Cell::Text)).unwrap();
            }
            return table.finish().unwrap();
        }
        Layout::Folder => {
            std::fs::create_dir_all(path).unwrap();
            for given in given {
                std::fs::write(path.join(format!("{}.txt", given.id)), &given.text).unwrap();
            }
            return;
        }
        Layout::Zip => {
            let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
            let half = given.len() / 2;
            for (name, part) in [("one.jsonl", &given[..half]), ("sub/two.csv", &given[half..])] {
                archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
                let text = if half == 0 || name == "one.jsonl" {
                    part.iter().map(|given| json(given) + "\n").collect()
                } else {
                    cells(part, ",")
                };
                archive.write_all(text.as_bytes()).unwrap();
            }
            archive.finish().unwrap();
            return;
        }
        Layout::Xlsx => return write_workbook(path, given),
    };
    std::fs::write(path, text).unwrap();
}

/// Writes documents into the only sheet of a workbook, as inline strings.
fn write_workbook(path: &Path, given: &[Given]) {
    let escaped = |text: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        text.replace('\r', "&#13;").replace('\n', "&#10;").replace('\t', "&#9;")
    };
    let cell = |text: &str| {
        format!("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>", escaped(text))
    };
    let mut rows = format!("<row>{}</row>", ["id", "text", "label", "source"].map(cell).concat());
    for given in given {
        let cells =
            [&guarded(&given.id), &*guarded(&given.text), given.label.unwrap_or(""), &guarded(&given.source)];
        rows += &format!("<row>{}</row>", cells.map(cell).concat());
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, text) in [
        ("[Content_Types].xml", format!("<Types xmlns=\"{package}/content-types\"/>")),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{relations}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"r1\"/>\
                 </sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{relations}/worksheet\" \
                 Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
}

/// A document's id, text, label and the user's own fields.
type Kept = (Option<String>, String, Option<String>, Option<String>);

/// What this layout keeps of the documents, in the order of import.
fn kept(layout: Layout, given: &[Given]) -> Vec<Kept> {
    let named = layout.has_named_fields();
    let mut given = given.to_vec();
    if layout == Layout::Folder {
        given.sort_by_key(|given| format!("{}.txt", given.id));
    }
    let keep = |given: &Given| {
        let id = match layout {
            Layout::Folder => Some(format!("{}.txt", given.id)),
            _ => named.then(|| given.id.clone()),
        };
        let label = given.label.filter(|_| named || layout == Layout::FastText).map(str::to_owned);
        let meta = named.then(|| serde_json::json!({"source": given.source}).to_string());
        (id, given.text.clone(), label, meta)
    };
    given.iter().map(keep).collect()
}

#[test]
fn every_layout_brings_in_what_it_can_carry() {
    for (name, layout) in Layout::NAMES {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("data.{name}"));
        let by_line = matches!(layout, Layout::FastText | Layout::PlainText);
        let given = given(60, by_line);
        write(layout, &path, &given);
        let mut workspace = Workspace::create(&folder.path().join("w"), "").unwrap();
        let files = [path.to_str().unwrap().to_owned()];
        let (counts, _) =
            workspace.import(&files, &labels(), &ImportOptions::default(), &mut |_| {}).unwrap();
        let expected = kept(layout, &given);
        assert_eq!(counts.pool + counts.labeled, 60, "{name}: {counts:?}");
        assert_eq!(counts.ids_made > 0, expected[0].0.is_none(), "{name}");
        let snapshot = workspace.snapshot(&labels()).unwrap();
        for (place, (id, text, label, meta)) in expected.into_iter().enumerate() {
            let document =
                snapshot.documents.iter().find(|document| document.place as usize == place).unwrap();
            let found = workspace.text_of(document).unwrap();
            assert_eq!(found.text, text, "{name}: {place}");
            assert_eq!(found.meta, meta, "{name}: {place}");
            assert_eq!(document.label.map(|class| labels().name(class).to_owned()), label, "{name}: {place}");
            let made = blake3::hash(text.as_bytes()).to_hex()[..32].to_owned();
            assert_eq!(document.id.as_str(), id.unwrap_or(made), "{name}: {place}");
        }
        // A second import finds exactly the same documents.
        let (again, _) = workspace.import(&files, &labels(), &ImportOptions::default(), &mut |_| {}).unwrap();
        assert_eq!(again.duplicates, 60, "{name}");
    }
}

#[test]
fn a_fault_has_its_place_in_every_layout() {
    for (layout, place) in [
        (Layout::JsonLines, "data:3: unknown label"),
        (Layout::JsonArray, "data: item 3: unknown label"),
        (Layout::Csv, "data:5: unknown label"),
        (Layout::Tsv, "data:5: unknown label"),
        (Layout::Parquet, "data: row 3: unknown label"),
        (Layout::FastText, "data:3: unknown label"),
        (Layout::Zip, "data/sub/two.csv:2: unknown label"),
        (Layout::Xlsx, "data: Sheet1!A4:D4: unknown label"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let mut given = given(4, layout == Layout::FastText);
        given[2].label = Some("c");
        write(layout, &path, &given);
        let mut workspace = Workspace::create(&folder.path().join("w"), "").unwrap();
        let options = ImportOptions { layout: Some(layout), ..ImportOptions::default() };
        let files = [path.to_str().unwrap().to_owned()];
        let message = workspace.import(&files, &labels(), &options, &mut |_| {}).unwrap_err().to_string();
        assert!(message.contains(place), "{layout:?}: {message}");
        // The other rows are good, and the bad row is stored with its place.
        let options = ImportOptions { skip_bad_rows: true, ..options };
        let (counts, rejected) = workspace.import(&files, &labels(), &options, &mut |_| {}).unwrap();
        assert_eq!((counts.rejected, counts.pool + counts.labeled), (1, 3), "{layout:?}");
        assert!(std::fs::read_to_string(rejected.unwrap()).unwrap().contains("unknown label"));
    }
}

/// Reads a file to its end or its first fault. Returns the number of records.
fn read_all(path: &Path, layout: Option<Layout>, encoding: Encoding) -> usize {
    let reading = Reading { layout, encoding, ..Reading::default() };
    let Ok(mut opened) = records::open(path.to_str().unwrap(), &reading) else { return 0 };
    let mut records = 0;
    while let Ok(Some(record)) = opened.reader.next_record() {
        if let Ok(json) = record.json {
            let fields = querist_store::format::documents::FieldNames::default();
            let ids = querist_store::format::documents::IdSource::FieldOrText;
            let _ = querist_store::format::documents::parse(json, &fields, &labels(), false, ids);
            if let Ok(row) = querist_store::format::row::Row::parse(json) {
                let format = querist_store::format::answers::recognised(&row, records % 2 == 0);
                let labels = labels();
                let context = querist_store::format::answers::Context {
                    labels: (&labels).into(),
                    unnamed: None,
                    otherwise: None,
                    stem: Some("ana"),
                };
                let mut found = querist_store::format::answers::Findings::default();
                let _ = format.answers(row, &context, &mut found);
            }
        }
        records += 1;
    }
    records
}

/// Answers as tools write them, for the fuzzer to damage.
const ANSWERS: [&str; 7] = [
    r#"[{"id":9,"data":{"text":"x","querist_id":"t-1"},"annotations":[{"id":1,"completed_by":{"id":7,"email":"ana@x.org"},"result":[{"from_name":"label","type":"choices","value":{"choices":["a"]}}],"was_cancelled":false,"lead_time":3.25,"updated_at":"2026-05-01T12:00:00.5Z"}]}]"#,
    r#"{"text":"x","_input_hash":-1,"_task_hash":-2,"options":[{"id":"a","text":"a"}],"accept":["a"],"answer":"accept","_timestamp":1694858483,"_annotator_id":"ana"}"#,
    r#"{"id":6110,"text":"Great price.","source":"x","label":["a"],"Comments":[]}"#,
    r#"[{"id":"t-1","text":"Hello","label.responses":["a","b"],"label.responses.users":["x","y"],"label.responses.status":["submitted","draft"]}]"#,
    r#"{"id":"t-1","text":"x","annotation":["a"],"annotation_agent":"ana","status":"Validated","multi_label":true}"#,
    r#"[{"id":1,"text":"x","tree":[["a"]],"mood":{"choices":["b"]},"annotator":{"id":7},"annotation_id":2,"lead_time":3.5}]"#,
    "task,worker,label\r\n1,ana,\"a\"\r\n2,ben,b\r\n",
];

/// Damages bytes at random places: flips bits, cuts, repeats, and inserts characters that have a
/// meaning in some format.
fn damage(bytes: &mut Vec<u8>, rng: &mut impl RngExt) {
    const PIECES: [&[u8]; 12] =
        [b"\"", b"{", b"[", b"\\ud800", b"\0", b"\r\n", b",", b"\xff", b"PK", b"\\", b"=", b"1e999"];
    for _ in 0..rng.random_range(1..6) {
        let at = rng.random_range(0..=bytes.len());
        match rng.random_range(0..5) {
            0 if at < bytes.len() => bytes[at] ^= 1 << rng.random_range(0..8),
            1 => bytes.truncate(at),
            2 => {
                let end = (at + rng.random_range(0..64)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part.repeat(rng.random_range(1..20)));
            }
            3 if at < bytes.len() => bytes[at] = rng.random(),
            _ => {
                bytes.splice(at..at, PIECES[rng.random_range(0..PIECES.len())].iter().copied());
            }
        }
    }
}

/// The peak memory of this process in bytes; 0 if the system does not report it.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or(0, |line| line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10)
}

/// How many bytes the memory may grow while files of some thousand bytes are read.
const MOST_MEMORY: usize = 64 << 20;

/// Reads damaged files of every layout and tool, for `QUERIST_FUZZ_SECONDS` seconds (default 2).
#[test]
fn damaged_files_neither_panic_nor_run_on_nor_fill_the_memory() {
    // Reporting the panics that are caught, each with a backtrace, would take more memory than
    // reading does.
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !querist_core::panic_is_caught() {
            tell(panic);
        }
    }));
    let seconds =
        std::env::var("QUERIST_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(2);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let mut corpus: Vec<(Option<Layout>, Vec<u8>)> = Vec::new();
    for (_, layout) in Layout::NAMES.into_iter().filter(|(_, layout)| *layout != Layout::Folder) {
        write(layout, &path, &given(20, false));
        corpus.push((Some(layout), std::fs::read(&path).unwrap()));
    }
    corpus.extend(ANSWERS.map(|answers| (None, answers.as_bytes().to_vec())));
    let packed = |bytes: &[u8]| zstd::stream::encode_all(bytes, 1).unwrap();
    corpus.push((None, packed(&corpus[0].1)));
    let encodings =
        ["utf-8", "utf-16le", "shift_jis", "gb18030"].map(|name| Encoding::of_name(name).unwrap());
    let mut rng = Seed(seconds).rng(0, "fuzz");
    let (start, before) = (std::time::Instant::now(), peak_memory());
    let (mut cases, mut largest) = (0_u64, 0);
    while start.elapsed().as_secs() < seconds {
        let (layout, whole) = &corpus[rng.random_range(0..corpus.len())];
        let mut bytes = whole.clone();
        damage(&mut bytes, &mut rng);
        std::fs::write(&path, &bytes).unwrap();
        let encoding = encodings[if rng.random_range(0..8) == 0 { rng.random_range(0..4) } else { 0 }];
        let case = std::time::Instant::now();
        let layout = layout.filter(|_| rng.random_range(0..4) > 0);
        let records = read_all(&path, layout, encoding);
        assert!(records <= bytes.len() + 1, "{records} records of {} bytes", bytes.len());
        assert!(case.elapsed().as_secs() < 10, "case {cases} with {layout:?} takes {:?}", case.elapsed());
        let grown = peak_memory().saturating_sub(before);
        if grown >= MOST_MEMORY {
            let kept = std::env::temp_dir().join("querist-fuzz-case");
            std::fs::write(&kept, &bytes).unwrap();
            panic!(
                "memory grew by {grown} bytes with case {cases}, {layout:?}; it is kept in {}",
                kept.display()
            );
        }
        largest = largest.max(bytes.len());
        cases += 1;
    }
    let grown = peak_memory().saturating_sub(before);
    println!("{cases} cases of {largest} bytes at the most; memory grew by {} KiB", grown >> 10);
    assert!(cases > 0);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), layout in 0..Layout::NAMES.len()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        std::fs::write(&path, &bytes).unwrap();
        let records = read_all(&path, Some(Layout::NAMES[layout].1), Encoding::default());
        prop_assert!(records <= bytes.len() + 1);
    }
}
