//! Headers and rows by hand. `tests/cli/vectors.rs` tests the messages of whole files.

use super::npy::{Header, Rows};
use super::*;

/// A .npy file of this version with this header and these bytes.
fn npy(version: u8, header: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = b"\x93NUMPY".to_vec();
    out.extend([version, 0]);
    match version {
        1 => out.extend((header.len() as u16).to_le_bytes()),
        _ => out.extend((header.len() as u32).to_le_bytes()),
    }
    out.extend(header.as_bytes());
    out.extend(bytes);
    out
}

/// Reads a whole file.
fn read(bytes: &[u8]) -> Result<(Element, Vec<Vec<f32>>), String> {
    let mut from = bytes;
    let header = Header::read(&mut from).unwrap().map_err(|problem| problem.to_string())?;
    let (mut rows, mut values, mut all) = (Rows::new(header), Vec::new(), Vec::new());
    while rows.next_row(&mut from, &mut values).unwrap().map_err(|problem| problem.to_string())? {
        all.push(values.clone());
    }
    Ok((rows.header().element(), all))
}

#[test]
fn every_type_is_read_with_its_value() {
    let shape = "'fortran_order': False, 'shape': (2, 1)";
    let of = |descr: &str, bytes: &[u8]| read(&npy(1, &format!("{{'descr': '{descr}', {shape}, }}"), bytes));
    let expected = vec![vec![1.5], vec![-2.0]];
    let bytes = |values: &[f64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    assert_eq!(of("<f8", &bytes(&[1.5, -2.0])), Ok((Element::Float32, expected.clone())));
    let singles: Vec<u8> = [1.5_f32, -2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(of("<f4", &singles), Ok((Element::Float32, expected.clone())));
    assert_eq!(of("<f2", &[0x00, 0x3e, 0x00, 0xc0]), Ok((Element::Float16, expected)));
    for name in ["|i1", "<i1"] {
        assert_eq!(of(name, &[127, 0x80]), Ok((Element::Int8, vec![vec![127.0], vec![-128.0]])));
    }
}

#[test]
fn headers_of_every_version_and_order_of_keys() {
    let header = "{\"shape\": (1L, 2L), 'fortran_order':False,'descr':'|i1'}   \n";
    for version in [1, 2, 3] {
        assert_eq!(read(&npy(version, header, &[1, 2])), Ok((Element::Int8, vec![vec![1.0, 2.0]])));
    }
    // With one row, both orders are the same.
    let fortran = "{'descr': '|i1', 'fortran_order': True, 'shape': (1, 2)}";
    assert!(read(&npy(1, fortran, &[1, 2])).is_ok());
    let none = "{'descr': '|i1', 'fortran_order': False, 'shape': (0, 2)}";
    assert_eq!(read(&npy(1, none, &[])), Ok((Element::Int8, vec![])));
}

#[test]
fn headers_that_make_no_sense() {
    let with = |header: &str| read(&npy(1, header, &[0; 64])).unwrap_err();
    for (header, words) in [
        ("[]", "its header is not a dictionary"),
        ("{'descr': '<f4'}", "lacks descr, fortran_order or shape"),
        ("{'descr': '<f4', 'fortran_order': 0, 'shape': (1, 2)}", "neither True nor False"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "it has 1 dimensions"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, -2)}", "not a tuple of whole numbers"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': 3}", "not a tuple of whole numbers"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 0)}", "the vector has 0 numbers"),
        ("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2)}", "Fortran order"),
        ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1, 2)}", "a record of several fields"),
        ("{'descr': '<f4', 'more': 1, 'shape': (1, 2)}", "the unknown key 'more'"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)} 1", "goes on after the dictionary"),
        ("{descr: '<f4'}", "a name without quotes"),
        ("{'descr' '<f4'}", "a key has no value"),
        ("{'descr': '>f4', 'fortran_order': False, 'shape': (1, 2)}", "(>f4) are big-endian"),
        ("{'descr': '<c8', 'fortran_order': False, 'shape': (1, 2)}", "of type <c8; expected float32"),
    ] {
        let message = with(header);
        assert!(message.contains(words), "{header}: {message}");
    }
    let mut later = npy(1, "{}", &[]);
    later[6] = 9;
    assert!(read(&later).unwrap_err().contains("the unknown version 9"));
    let mut long = npy(2, "{}", &[]);
    long[8..12].copy_from_slice(&[0xff; 4]);
    assert!(read(&long).unwrap_err().contains("its header has 4294967295 bytes"));
}

#[test]
fn rows_have_an_id_and_a_list_of_numbers() {
    let parsed = |row: &str| {
        let (mut id, mut values) = (String::new(), Vec::new());
        parse(row, ("id", "vector"), &mut id, &mut values).map_err(|problem| problem.to_string())?;
        Ok::<_, String>((id, values))
    };
    assert_eq!(parsed(r#"{"vector":[1,-2.5e0],"id":7,"text":"x"}"#), Ok(("7".to_owned(), vec![1.0, -2.5])));
    // A table has the list as text.
    assert_eq!(parsed(r#"{"id":"a","vector":"[1, 2]"}"#), Ok(("a".to_owned(), vec![1.0, 2.0])));
    for (row, words) in [
        (r#"{"id":"a"}"#, "the field \"vector\" is missing"),
        (r#"{"id":"a","vector":null}"#, "the field \"vector\" is missing"),
        (r#"{"id":" ","vector":[1]}"#, "the field \"id\" is empty"),
        (r#"{"id":"a","vector":1}"#, "the field \"vector\" is something else"),
        (r#"{"id":"a","vector":[1,"x"]}"#, "the field \"vector\" is something else"),
    ] {
        let message = parsed(row).unwrap_err();
        assert!(message.contains(words), "{row}: {message}");
    }
}

#[test]
fn numbers_are_finite_and_not_all_zero() {
    let message = |values: &[f32]| check_numbers(values).unwrap_err().to_string();
    assert!(message(&[1.0, f32::NAN]).starts_with("number 2 of the vector"));
    assert!(message(&[f32::INFINITY]).starts_with("number 1 of the vector"));
    assert!(message(&[0.0, -0.0]).starts_with("all numbers of the vector are 0"));
    assert!(check_numbers(&[0.0, 1e-30]).is_ok());
}
