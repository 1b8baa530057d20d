//! Tests reading of Parquet files, and of files that claim to contain more than they do.

use std::sync::Arc;

use parquet::basic::Encoding;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, FloatType, Int32Type};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::*;

/// Writes two rows with an id, probabilities as a struct and an embedding as a list.
fn write(path: &std::path::Path) {
    let schema = "message rows {
        required binary id (UTF8);
        required group probabilities { required double spam; required double ham; }
        required group embedding (LIST) { repeated group list { required float element; } }
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let ids = [ByteArray::from("a"), ByteArray::from("b")];
    column.typed::<ByteArrayType>().write_batch(&ids, None, None).unwrap();
    column.close().unwrap();
    for values in [[0.75, 0.5], [0.25, 0.5]] {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(&values, None, None).unwrap();
        column.close().unwrap();
    }
    let mut column = group.next_column().unwrap().unwrap();
    let levels = (Some(&[1i16, 1, 1][..]), Some(&[0i16, 1, 0][..]));
    column.typed::<FloatType>().write_batch(&[1.0, -2.5, 3.0], levels.0, levels.1).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn rows_are_objects() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    write(&path);
    let mut rows = ParquetRows::open(path.to_str().unwrap(), &[]).unwrap().unwrap();
    assert_eq!(rows.hash(), blake3::hash(&std::fs::read(&path).unwrap()).to_hex().to_string());
    let mut next =
        || rows.next_row().unwrap().map(|(number, row)| (number, serde_json::from_str(&row).unwrap()));
    let first = serde_json::json!({"id": "a", "probabilities": {"spam": 0.75, "ham": 0.25}, "embedding": [1.0, -2.5]});
    let second =
        serde_json::json!({"id": "b", "probabilities": {"spam": 0.5, "ham": 0.5}, "embedding": [3.0]});
    assert_eq!(
        (next(), next(), next()),
        (Some((1, first)), Some((2, second)), None::<(u64, serde_json::Value)>)
    );
}

#[test]
fn a_text_that_thousands_of_rows_have_is_no_file_of_gigabytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    let schema = Arc::new(parse_message_type("message rows { required binary text (UTF8); }").unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(File::create(&path).unwrap(), schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    // The dictionary stores the text once.
    let text = ByteArray::from("x".repeat(200_000).as_str());
    column.typed::<ByteArrayType>().write_batch(&vec![text; 3_000], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    let length = std::fs::metadata(&path).unwrap().len();
    assert!(length < 1_000_000, "{length}");
    let mut rows = ParquetRows::open(path.to_str().unwrap(), &[]).unwrap().unwrap();
    let mut read = 0;
    let error = loop {
        match rows.next_row() {
            Ok(row) => read += row.expect("an end before the limit").1.len() as u64,
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("400 times"), "{error}");
    assert!(read <= RATIO_FROM.max(length * (RATIO_LIMIT + 1)) + 1_000_000, "{read}");
}

#[test]
fn a_page_that_claims_much_memory_is_refused_before_it_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    write(&path);
    let mut bytes = std::fs::read(&path).unwrap();
    // In the header of the first page, field 1 is the page's kind and field 2 is its size. Set the
    // size to half a gigabyte.
    assert_eq!((bytes[4], bytes[6]), (0x15, 0x15));
    let end = 7 + bytes[7..].iter().position(|byte| *byte < 0x80).unwrap();
    bytes.splice(7..=end, [0x80, 0x80, 0x80, 0x80, 0x04]);
    std::fs::write(&path, bytes).unwrap();
    let error = ParquetRows::open(path.to_str().unwrap(), &[]).err().unwrap().to_string();
    assert!(error.contains("a page claims far more memory"), "{error}");
}

#[test]
fn other_files_are_none_and_damage_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    let path = path.to_str().unwrap();
    let open = |bytes: &[u8]| {
        std::fs::write(path, bytes).unwrap();
        ParquetRows::open(path, &[])
    };
    for bytes in [&b""[..], b"PA", b"{\"id\": 1}"] {
        assert!(open(bytes).unwrap().is_none());
    }
    assert!(ParquetRows::open("-", &[]).unwrap().is_none());
    let message = open(b"PAR1 and then nothing of the kind").err().unwrap().to_string();
    assert!(message.contains("Parquet file is damaged"), "{message}");
    write(std::path::Path::new(path));
    let whole = std::fs::read(path).unwrap();
    for length in [8, whole.len() / 2, whole.len() - 1] {
        assert!(open(&whole[..length]).is_err(), "{length}");
    }
}

/// Writes one row with a list of this many nulls. Nulls need levels, but no values.
fn long_list(path: &std::path::Path, nulls: usize) {
    let schema = "message rows {
        required binary id (UTF8);
        required group l (LIST) { repeated group list { optional int32 element; } }
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&[ByteArray::from("a")], None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let (present, mut repeated) = (vec![1; nulls], vec![1; nulls]);
    repeated[0] = 0;
    column.typed::<Int32Type>().write_batch(&[], Some(&present), Some(&repeated)).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn a_list_of_nothing_is_counted_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    long_list(&path, 3_000_000);
    assert!(std::fs::metadata(&path).unwrap().len() < 20_000);
    let error = ParquetRows::open(path.to_str().unwrap(), &[]).err().unwrap().to_string();
    assert!(error.contains("400 times"), "{error}");
    long_list(&path, 100_000);
    let mut rows = ParquetRows::open(path.to_str().unwrap(), &[]).unwrap().unwrap();
    assert_eq!(rows.next_row().unwrap().unwrap().1.matches("null").count(), 100_000);
}

/// Writes a second row with a list of this many equal texts; the dictionary stores the text once.
fn repeated_text(path: &std::path::Path, properties: WriterProperties, text: &str, times: usize) {
    let schema = "message rows {
        required binary id (UTF8);
        required group l (LIST) { repeated group list { optional binary element (UTF8); } }
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer =
        SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let ids = [ByteArray::from("a"), ByteArray::from("b")];
    column.typed::<ByteArrayType>().write_batch(&ids, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    // The first row has two texts with a null between them.
    let present = [&[2, 1, 2][..], &vec![2; times]].concat();
    let repeated = [&[0, 1, 1, 0][..], &vec![1; times - 1]].concat();
    let values = vec![ByteArray::from(text); times + 2];
    column.typed::<ByteArrayType>().write_batch(&values, Some(&present), Some(&repeated)).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn a_text_that_a_list_repeats_is_counted_before_it_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    let with_dictionary = || WriterProperties::builder().build();
    let repeating = |version| {
        let builder = WriterProperties::builder().set_dictionary_enabled(false).set_writer_version(version);
        builder.set_encoding(Encoding::DELTA_BYTE_ARRAY).build()
    };
    let text = "x".repeat(50_000);
    for properties in
        [with_dictionary(), repeating(WriterVersion::PARQUET_1_0), repeating(WriterVersion::PARQUET_2_0)]
    {
        // A row with 200 MB of text is refused; a row with 10 MB is read.
        repeated_text(&path, properties.clone(), &text, 4_000);
        assert!(std::fs::metadata(&path).unwrap().len() < 110_000);
        let mut rows = ParquetRows::open(path.to_str().unwrap(), &[]).unwrap().unwrap();
        let error = loop {
            match rows.next_row() {
                Ok(row) => assert_eq!(row.unwrap().0, 1),
                Err(error) => break error.to_string(),
            }
        };
        assert!(error.contains("row 2: the lists in the row would take more than 128 MiB"), "{error}");
        repeated_text(&path, properties, &text, 200);
        let mut rows = ParquetRows::open(path.to_str().unwrap(), &[]).unwrap().unwrap();
        let first = rows.next_row().unwrap().unwrap().1;
        assert_eq!((first.matches("null").count(), first.matches('x').count()), (1, 100_000));
        assert_eq!(rows.next_row().unwrap().unwrap().1.matches('x').count(), 200 * 50_000);
        assert!(rows.next_row().unwrap().is_none());
    }
}

#[test]
fn texts_that_claim_to_be_billions_are_refused_before_there_is_room_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_encoding(Encoding::DELTA_LENGTH_BYTE_ARRAY)
        .set_statistics_enabled(EnabledStatistics::None)
        .build();
    let schema = Arc::new(parse_message_type("message rows { required binary text (UTF8); }").unwrap());
    let mut writer =
        SerializedFileWriter::new(File::create(&path).unwrap(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let values = vec![ByteArray::from("text"); 300];
    column.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    // These bytes begin the delta encoding: 128 lengths per block, 4 parts per block, and 300
    // lengths in total (a number that takes two bytes).
    let head = [0x80, 0x01, 0x04, 0xac, 0x02];
    let at = bytes.windows(head.len()).position(|window| window == head).unwrap();
    let open = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        ParquetRows::open(path.to_str().unwrap(), &[]).unwrap().unwrap()
    };
    let mut rows = open(&bytes);
    assert_eq!(rows.next_row().unwrap().unwrap().1, "{\"text\":\"text\"}");
    // Claim one text more than there is. A claim of billions of texts would be refused in the same
    // way; without the check, it would exhaust the memory.
    bytes[at + 3] += 1;
    let error = open(&bytes).next_row().unwrap_err().to_string();
    assert!(error.contains("a page claims more texts than it has"), "{error}");
}

#[test]
fn a_dictionary_that_claims_many_entries_is_refused_before_there_is_room_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    texts(&path, &["a", "b"].map(ByteArray::from), &[1, 1]);
    let mut bytes = std::fs::read(&path).unwrap();
    // The first page is the dictionary. Its header ends with field 7, a structure that holds the
    // number of entries, 2.
    let head = [0x4c, 0x15, 0x04];
    let at = bytes.windows(head.len()).position(|window| window == head).unwrap();
    // Claim five million entries, which would need 200 MB of memory.
    bytes.splice(at + 2..=at + 2, [0x80, 0xad, 0xe2, 0x04]);
    std::fs::write(&path, bytes).unwrap();
    let error = ParquetRows::open(path.to_str().unwrap(), &[]).err().unwrap().to_string();
    assert!(error.contains("claim far more memory than the file has bytes"), "{error}");
}

#[test]
fn values_in_lists_in_lists_count_for_each_list() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    let write = |depth: usize, values: usize| {
        let open = "repeated group a { ".repeat(depth);
        let schema = format!("message rows {{ {open} repeated int32 b; {} }}", "} ".repeat(depth));
        let schema = Arc::new(parse_message_type(&schema).unwrap());
        let properties = Arc::new(WriterProperties::builder().build());
        let mut writer = SerializedFileWriter::new(File::create(&path).unwrap(), schema, properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let mut repeated = vec![1; values];
        repeated[0] = 0;
        let present = vec![depth as i16 + 1; values];
        column.typed::<Int32Type>().write_batch(&vec![7; values], Some(&present), Some(&repeated)).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        ParquetRows::open(path.to_str().unwrap(), &[]).unwrap().unwrap().next_row()
    };
    assert_eq!(write(20, 2_000).unwrap().unwrap().1.matches('7').count(), 2_000);
    let error = write(20, 100_000).unwrap_err().to_string();
    assert!(error.contains("row 1: the lists in the row"), "{error}");
}

/// Writes a file with one column, a text that may be null.
fn texts(path: &std::path::Path, values: &[ByteArray], present: &[i16]) {
    let schema = Arc::new(parse_message_type("message rows { optional binary text (UTF8); }").unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(values, Some(present), None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn millions_of_empty_rows_are_refused_before_the_first_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    texts(&path, &[], &vec![0; 2_000_000]);
    let error = ParquetRows::open(path.to_str().unwrap(), &[]).err().unwrap().to_string();
    assert!(error.contains("400 times"), "{error}");
}

#[test]
fn a_row_has_the_limit_of_every_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    // Each character takes six bytes as JSON. So the page is within the limit, but the row as JSON
    // is not.
    texts(&path, &[ByteArray::from("\u{1}".repeat(3 << 20).as_str())], &[1]);
    let mut rows = ParquetRows::open(path.to_str().unwrap(), &[]).unwrap().unwrap();
    let error = rows.next_row().err().unwrap().to_string();
    assert!(error.contains(":row 1") || error.contains("row 1"), "{error}");
    assert!(error.contains("longer than 16 MiB"), "{error}");
}
