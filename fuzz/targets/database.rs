//! querist.db, as any command opens it: bytes of any kind, and a sound one with some bytes
//! replaced.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use querist_core::LabelSet;
use querist_fuzz::{damaged, in_file, in_folder};
use querist_store::Workspace;
use querist_store::workspace::{ImportOptions, IngestOptions};

fn labels() -> LabelSet {
    LabelSet::new(["a", "b"]).expect("two labels")
}

/// The database of a workspace with documents and answers.
fn sound() -> &'static [u8] {
    static SOUND: OnceLock<Vec<u8>> = OnceLock::new();
    SOUND.get_or_init(|| in_folder(made))
}

fn made(folder: &Path) -> Vec<u8> {
    let root = folder.join("w");
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a temporary file");
        vec![path.to_str().expect("a plain path").to_owned()]
    };
    let mut workspace = Workspace::create(&root, "labels = [\"a\", \"b\"]\n").expect("a workspace");
    let documents = file("d.csv", "id,text,label\n1,one,a\n2,two,\n3,three,b\n4,four,\n");
    workspace.import(&documents, &labels(), &ImportOptions::default(), &mut |_| ()).expect("documents");
    let answers = file("a.csv", "id,annotator,label,comment\n2,ana,a,why\n2,ben,b,\n4,ana,b,\n");
    workspace.ingest(&answers, &labels(), &IngestOptions::default()).expect("answers");
    drop(workspace);
    std::fs::read(root.join("querist.db")).expect("a database")
}

fuzz_target!(|bytes: &[u8]| {
    in_file("querist.db", &damaged(sound(), bytes), |path| {
        let root = path.parent().expect("a folder");
        std::fs::write(root.join("querist.toml"), "labels = [\"a\", \"b\"]\n").expect("a temporary file");
        let Ok(workspace) = Workspace::open(root) else { return };
        let Ok(snapshot) = workspace.snapshot(&labels()) else { return };
        let _ = workspace.remarks(&snapshot);
        let _ = workspace.last_round();
    });
});
