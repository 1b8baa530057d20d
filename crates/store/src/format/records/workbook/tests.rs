//! Tests reading of workbooks as Excel and similar programs write them, and of damaged workbooks.

use std::io::Write;
use std::path::Path;

use super::*;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// Writes a workbook. Each sheet is (name, attributes such as `state="hidden"`, XML of its
/// content). `more` lists further parts of the file.
fn write(path: &Path, sheets: &[(&str, &str, &str)], more: &[(&str, String)]) {
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), format!("<Types xmlns=\"{PACKAGE}/content-types\"/>")),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" Type=\"{RELATIONS}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml".to_owned(),
            format!(
                "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"3\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"22\"/>\
                 </cellXfs></styleSheet>"
            ),
        ),
    ];
    let (mut book, mut links) = (String::new(), String::new());
    for (at, (name, attributes, content)) in sheets.iter().enumerate() {
        let number = at + 1;
        book += &format!("<sheet name=\"{name}\" sheetId=\"{number}\" {attributes} r:id=\"r{number}\"/>");
        links += &format!(
            "<Relationship Id=\"r{number}\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
        );
        let sheet = format!("<worksheet xmlns=\"{MAIN}\">{content}</worksheet>");
        parts.push((format!("xl/worksheets/sheet{number}.xml"), sheet));
    }
    parts.push((
        "xl/workbook.xml".to_owned(),
        format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><sheets>{book}</sheets></workbook>"),
    ));
    parts.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{links}</Relationships>"),
    ));
    parts.extend(more.iter().map(|(name, text)| ((*name).to_owned(), text.clone())));
    let mut archive = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, text) in parts {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
}

fn text(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn row(cells: &[String]) -> String {
    format!("<row>{}</row>", cells.concat())
}

/// Reads all rows. Each row is returned as JSON, or as its error with its place.
fn read(path: &Path, sheet: Option<&str>) -> Result<(Vec<String>, Option<Told>), String> {
    let file = path.to_str().unwrap();
    let said = |error: InputError| error.to_string().replace(file, "f");
    let fields = vec!["id".to_owned(), "text".to_owned()];
    let reading = Reading { sheet: sheet.map(str::to_owned), fields, ..Reading::default() };
    let (mut book, told) = Workbook::open(file, &reading).map_err(said)?;
    let mut rows = Vec::new();
    while let Some(record) = book.next_record().map_err(said)? {
        let name = record.file_name(file);
        let place = record.place;
        rows.push(match record.json {
            Ok(json) => json.to_owned(),
            Err(problem) => said(InputError::at(&name, place, problem)),
        });
    }
    Ok((rows, told))
}

#[test]
fn cells_are_text_and_their_faults_have_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.xlsx");
    let sheet = [
        "<sheetData><row r=\"1\"/>".to_owned(),
        format!("<row r=\"2\">{}{}{}{}</row>", text("A2", " ID "), text("B2", "Text"), text("C2", "when"), text("E2", "n")),
        "<row r=\"3\"><c r=\"A3\"><v>7</v></c><c r=\"B3\" t=\"str\"><f>1</f><v>a &amp; b</v></c><c r=\"C3\" s=\"1\"><v>45943</v></c>\
         <c r=\"E3\" t=\"b\"><v>1</v></c></row>"
            .to_owned(),
        format!("<row r=\"5\">{}<c r=\"C5\" s=\"2\"><v>45943.5</v></c><c r=\"E5\"><v>0.25</v></c></row>", text("A5", "x")),
        format!("<row r=\"6\">{}<c r=\"B6\" t=\"e\"><v>#N/A</v></c></row>", text("A6", "y")),
        format!("<row r=\"7\">{}{}</row>", text("A7", "z"), text("D7", "lost")),
        format!("<row r=\"8\">{}{}</row></sheetData>", text("A8", "z"), text("AB8", "far")),
    ];
    write(&path, &[("List", "", &sheet.concat())], &[]);
    let (rows, told) = read(&path, None).unwrap();
    assert_eq!(rows[0], r#"{"id":"7","text":"a & b","when":"2025-10-13","n":"true"}"#);
    assert_eq!(rows[1], r#"{"id":"x","text":"","when":"2025-10-13T12:00:00","n":"0.25"}"#);
    assert!(rows[2].starts_with("f: List!B6: the cell has the error #N/A"), "{rows:?}");
    assert!(rows[3].starts_with("f: List!D7: cell 4 is not empty, and its column has no name"), "{rows:?}");
    assert!(rows[4].starts_with("f: List!AB8: cell 28 is not empty"), "{rows:?}");
    assert_eq!((rows.len(), told), (5, None));
}

#[test]
fn a_merged_value_stands_in_each_row_that_it_spans() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.xlsx");
    let sheet = format!(
        "<sheetData>{}{}{}{}</sheetData><mergeCells count=\"1\"><mergeCell ref=\"B2:B3\"/></mergeCells>",
        row(&[text("A1", "id"), text("B1", "text")]),
        row(&[text("A2", "1"), text("B2", "both")]),
        row(&[text("A3", "2")]),
        row(&[text("A4", "3")])
    );
    write(&path, &[("List", "", &sheet)], &[]);
    let expected = [r#"{"id":"1","text":"both"}"#, r#"{"id":"2","text":"both"}"#, r#"{"id":"3","text":""}"#];
    assert_eq!(read(&path, None).unwrap().0, expected);
}

#[test]
fn a_sheet_is_chosen_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.xlsx");
    let sheet =
        |id: &str| format!("<sheetData>{}{}</sheetData>", row(&[text("A1", "id")]), row(&[text("A2", id)]));
    let (one, two, three) = (sheet("1"), sheet("2"), sheet("3"));
    write(&path, &[("Old", "state=\"hidden\"", &one), ("Main", "", &two), ("Other one", "", &three)], &[]);
    let (rows, told) = read(&path, None).unwrap();
    assert_eq!(rows, [r#"{"id":"2"}"#]);
    assert_eq!(
        told.unwrap(),
        Told {
            text: "the sheet \"Main\" is read; the others are: Old, Other one".to_owned(),
            choice: Some(Choice::Sheet)
        }
    );
    assert_eq!(read(&path, Some("other one")).unwrap(), (vec![r#"{"id":"3"}"#.to_owned()], None));
    let message = read(&path, Some("Mine")).unwrap_err();
    assert_eq!(message, "f: the workbook has no sheet \"Mine\"; expected one of: Old, Main, Other one");
}

#[test]
fn a_formula_that_was_never_computed_is_no_empty_cell() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.xlsx");
    let sheet = [
        format!("<sheetData><row r=\"1\">{}{}</row>", text("A1", "id"), text("B1", "text")),
        format!("<row r=\"2\">{}<c r=\"B2\"><f>A2</f><v></v></c></row>", text("A2", "1")),
        format!(
            "<row r=\"3\">{}<c r=\"B3\" t=\"str\"><f>\"\"</f><v></v></c></row></sheetData>",
            text("A3", "2")
        ),
    ];
    write(&path, &[("List", "", &sheet.concat())], &[]);
    let (rows, _) = read(&path, None).unwrap();
    assert!(rows[0].starts_with("f: List!B2: the cell has a formula that was never computed"), "{rows:?}");
    assert_eq!(rows[1], r#"{"id":"2","text":""}"#);
}

#[test]
fn an_empty_first_sheet_names_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.xlsx");
    let sheet = |rows: &[String]| format!("<sheetData>{}</sheetData>", rows.concat());
    let notes = sheet(&[row(&[text("A1", "read me")])]);
    let data = sheet(&[row(&[text("A1", "id")]), row(&[text("A2", "1")])]);
    write(&path, &[("Notes", "", &notes), ("Data", "", &data)], &[]);
    let message = read(&path, None).unwrap_err();
    assert!(
        message.starts_with("f: the sheet \"Notes\", which is read because it is the first one, has no rows"),
        "{message}"
    );
    assert!(message.ends_with("; the others are: Data"), "{message}");
}

#[test]
fn a_workbook_in_an_archive_is_read_as_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join("book.xlsx");
    let sheet =
        |id: &str| format!("<sheetData>{}{}</sheetData>", row(&[text("A1", "id")]), row(&[text("A2", id)]));
    write(&book, &[("One", "", &sheet("1")), ("Two", "", &sheet("2"))], &[]);
    let packed = folder.path().join("packed.zip");
    let mut archive = zip::ZipWriter::new(File::create(&packed).unwrap());
    for (name, bytes) in [
        ("a/book.xlsx", std::fs::read(&book).unwrap()),
        ("rows.csv", b"id\n3\n".to_vec()),
        ("notes.pdf", b"%PDF".to_vec()),
    ] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap();
    let file = packed.to_str().unwrap();
    let read = |sheet: Option<&str>| {
        let reading = Reading { sheet: sheet.map(str::to_owned), ..Reading::default() };
        let mut opened = super::super::open(file, &reading).unwrap();
        let mut rows = Vec::new();
        while let Some(record) = opened.reader.next_record().unwrap() {
            rows.push((record.member.unwrap().to_owned(), record.json.unwrap().to_owned()));
        }
        let passed_over = opened
            .reader
            .passed_over()
            .iter()
            .map(|passed| passed.file.replace(file, "f"))
            .collect::<Vec<_>>();
        (rows, opened.reader.remarks(), passed_over)
    };
    let row = |member: &str, json: &str| (member.to_owned(), json.to_owned());
    let (rows, told, passed_over) = read(None);
    assert_eq!(rows, [row("a/book.xlsx/One", r#"{"id":"1"}"#), row("rows.csv", r#"{"id":"3"}"#)]);
    let text = "a/book.xlsx: the sheet \"One\" is read; the others are: Two".to_owned();
    assert_eq!(told, [Told { text, choice: Some(Choice::Sheet) }]);
    assert_eq!(passed_over, ["f/notes.pdf"]);
    assert_eq!(read(Some("two")).0[0], row("a/book.xlsx/Two", r#"{"id":"2"}"#));
}

#[test]
fn hostile_workbooks_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.xlsx");
    let sheet = format!("<sheetData>{}</sheetData>", row(&[text("A1", "id")]));
    // The workbook claims a billion strings, for which the library would allocate memory, but has
    // none.
    let strings = format!("<sst xmlns=\"{MAIN}\" uniqueCount=\"1000000000\"></sst>");
    write(&path, &[("List", "", &sheet)], &[("xl/sharedStrings.xml", strings)]);
    assert!(read(&path, None).unwrap_err().contains("it claims more strings than it has bytes"));
    // A part that unpacks to more than 400 times the file's size.
    write(&path, &[("List", "", &sheet)], &[("xl/media/x", " ".repeat(70 << 20))]);
    assert!(read(&path, None).unwrap_err().contains("more than 400 times its size"));
    // A thousand cells contain the same string. The file unpacks to few bytes, but the rows are
    // large.
    let strings =
        format!("<sst xmlns=\"{MAIN}\" uniqueCount=\"1\"><si><t>{}</t></si></sst>", "x".repeat(1 << 20));
    let rows = "<row><c t=\"s\"><v>0</v></c></row>".repeat(1_000);
    let repeated = format!("<sheetData>{}{rows}</sheetData>", row(&[text("A1", "id")]));
    write(&path, &[("List", "", &repeated)], &[("xl/sharedStrings.xml", strings)]);
    assert!(read(&path, None).unwrap_err().contains("more than 400 times its size"));
    // Workbooks that are cut off.
    write(&path, &[("List", "", &sheet)], &[]);
    let whole = std::fs::read(&path).unwrap();
    for length in [10, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(read(&path, None).unwrap_err().contains("Excel workbook is damaged"), "{length}");
    }
}
