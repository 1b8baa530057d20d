//! A part: the file in which a workspace keeps vectors. A sound one has some bytes replaced.
#![no_main]

use std::io::BufWriter;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use querist_fuzz::{damaged, in_file, in_folder};
use querist_store::format::vectors::Element;
use querist_store::vectors::{Part, PartWriter};

static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    in_folder(|folder| {
        let path = folder.join("0001.vectors");
        let mut out = BufWriter::new(std::fs::File::create(&path).expect("a temporary file"));
        let mut writer = PartWriter::new(&mut out, Element::Float16, 3).expect("a temporary file");
        for place in 0..5_u16 {
            writer.push(place.into(), &[1.0, -0.5, place.into()]).expect("a temporary file");
        }
        writer.finish().expect("a temporary file");
        std::fs::read(&path).expect("a temporary file")
    })
});

fuzz_target!(|bytes: &[u8]| {
    in_file("0001.vectors", &damaged(&SOUND, bytes), |path| {
        let file = std::fs::File::open(path).expect("a temporary file");
        if let Ok(part) = Part::open(file, "0001.vectors") {
            let mut values = vec![0.0; part.width()];
            for row in 0..part.len() {
                let _ = part.read(row, &mut values);
            }
        }
    });
});
