//! Tests reading of compressed, encoded, damaged and malicious files.

use std::io::Write;

use super::*;

fn read(bytes: &[u8], encoding: &str) -> Result<(String, String), InputError> {
    let encoding = Encoding::of_name(encoding).unwrap();
    let mut source = Source::of("f", Box::new(std::io::Cursor::new(bytes.to_vec())), encoding).unwrap();
    let mut text = Vec::new();
    match source.read_to_end(&mut text) {
        Ok(_) => Ok((String::from_utf8(text).unwrap(), source.hash())),
        Err(error) => Err(source.fault(&error, None)),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_packing_does_not_matter() {
    let text = "some text\n".repeat(20_000);
    let plain = read(text.as_bytes(), "utf-8").unwrap();
    assert_eq!(plain.0, text);
    assert_eq!(read(&gzip(text.as_bytes()), "utf-8").unwrap(), plain);
    let packed = zstd::stream::encode_all(text.as_bytes(), 3).unwrap();
    assert_eq!(read(&packed, "utf-8").unwrap(), plain);
    let message = read(&packed[..packed.len() - 3], "utf-8").unwrap_err().to_string();
    assert!(message.contains("the zstd data is cut off or damaged"), "{message}");
}

#[test]
fn decodes_what_the_encoding_says() {
    let text = "Grüße, naïve 9 €; ".repeat(5_000);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&wide, "utf-16le").unwrap().0, text);
    assert_eq!(read(&[&b"\xff\xfe"[..], &wide].concat(), "UTF-16").unwrap().0, text);
    assert_eq!(read(b"Gr\xfc\xdfe 9 \x80", "latin1").unwrap().0, "Grüße 9 €");
    assert_eq!(read(b"\x93\xfa\x96\x7b", "shift_jis").unwrap().0, "日本");
}

#[test]
fn a_byte_order_mark_stands_above_the_name() {
    let text = "id;text\r\n1;Grüße 😀\r\n".repeat(5_000);
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for encoding in ["utf-8", "windows-1252", "utf-16le"] {
        assert_eq!(read(&[&b"\xff\xfe"[..], &little].concat(), encoding).unwrap().0, text, "{encoding}");
        assert_eq!(read(&[&b"\xfe\xff"[..], &big].concat(), encoding).unwrap().0, text, "{encoding}");
        let marked = read(&[&b"\xef\xbb\xbf"[..], text.as_bytes()].concat(), encoding).unwrap().0;
        assert_eq!(marked.trim_start_matches('\u{feff}'), text, "{encoding}");
    }
    assert_eq!(read(&gzip(&[&b"\xff\xfe"[..], &little].concat()), "utf-8").unwrap().0, text);
    assert_eq!(read(b"\xff\xfe", "utf-8").unwrap().0, "");
    let message = read(b"\xff\xfea\0\0\xd8", "utf-8").unwrap_err().to_string();
    assert!(message.contains("is not in the encoding UTF-16LE"), "{message}");
}

#[test]
fn a_malformed_character_is_an_error() {
    for (bytes, encoding) in
        [(&b"ok \xff\xff"[..], "shift_jis"), (b"a\0\0\xd8", "utf-16le"), (b"a\0b", "utf-16le")]
    {
        let message = read(bytes, encoding).unwrap_err().to_string();
        assert!(message.contains("is not in the encoding"), "{message}");
    }
    assert!(Encoding::of_name("utf-99").unwrap_err().to_string().contains("unknown encoding"));
}

#[test]
fn a_bomb_is_refused() {
    let mut zeros = std::io::repeat(b'\n').take(2 * RATIO_FROM);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::copy(&mut zeros, &mut encoder).unwrap();
    let packed = encoder.finish().unwrap();
    let message = read(&packed, "utf-8").unwrap_err().to_string();
    assert!(message.contains("more than 400 times its size, so it is refused"), "{message}");
}
