//! Files: the set as bytes, the same bytes on every machine.
//!
//! Field order is the order of declaration. Gzip headers carry no time and no name; the compressed
//! bytes depend on the version of the compressor, which Cargo.lock pins.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};
use serde::Serialize;

use super::annotators::annotators;
use super::class::CLASSES;
use super::sample::{Part, Ticket, tickets};

/// A file of the set.
pub(crate) struct File {
    /// Its name in the set's folder.
    pub(crate) name: &'static str,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    channel: &'a str,
    product: &'a str,
    received: &'a str,
}

#[derive(Serialize)]
struct Truth<'a> {
    id: &'a str,
    label: &'a str,
}

#[derive(Serialize)]
struct Description {
    name: &'static str,
    seed: u64,
    labels: Vec<&'static str>,
    pool: usize,
    seed_labels: usize,
    test: usize,
    control: usize,
}

/// All files of the set that `seed` gives.
///
/// # Errors
/// Only what writing to memory can fail with.
pub(crate) fn files(seed: u64) -> io::Result<Vec<File>> {
    let tickets = tickets(seed);
    let count = |part| tickets.iter().filter(|ticket| ticket.part == part).count();
    let description = Description {
        name: "support_tickets",
        seed,
        labels: CLASSES.iter().map(|class| class.label).collect(),
        pool: count(Part::Pool),
        seed_labels: count(Part::Seed),
        test: count(Part::Test),
        control: count(Part::Control),
    };
    Ok(vec![
        File { name: "dataset.json", bytes: document(&description)? },
        File { name: "pool.jsonl.gz", bytes: gzip(&lines(&tickets, Part::Pool)?)? },
        File { name: "seed.jsonl", bytes: lines(&tickets, Part::Seed)? },
        File { name: "test.jsonl.gz", bytes: gzip(&lines(&tickets, Part::Test)?)? },
        File { name: "control.jsonl", bytes: lines(&tickets, Part::Control)? },
        File { name: "truth.jsonl.gz", bytes: gzip(&truth(&tickets)?)? },
        File { name: "annotators.json", bytes: document(&annotators())? },
    ])
}

fn lines(tickets: &[Ticket], part: Part) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for ticket in tickets.iter().filter(|ticket| ticket.part == part) {
        let line = Line {
            id: &ticket.id,
            text: &ticket.text,
            label: (part != Part::Pool).then_some(CLASSES[ticket.class].label),
            channel: ticket.channel,
            product: ticket.product,
            received: &ticket.received,
        };
        serde_json::to_writer(&mut bytes, &line)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn truth(tickets: &[Ticket]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for ticket in tickets.iter().filter(|ticket| ticket.part == Part::Pool) {
        serde_json::to_writer(&mut bytes, &Truth { id: &ticket.id, label: CLASSES[ticket.class].label })?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn document(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(9));
    encoder.write_all(bytes)?;
    encoder.finish()
}
