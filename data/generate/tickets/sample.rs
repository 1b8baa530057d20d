//! Sampling: the whole set, ticket by ticket, before it is written to files.
//!
//! Invariants: identifiers run through all files in order of arrival, so that they say nothing
//! about a ticket's file or class; no two tickets have the same text except for duplicates within
//! the pool; every text has between 6 and 90 words.

use std::collections::BTreeSet;

use super::calendar::{MINUTES, timestamp};
use super::class::{CLASSES, apportion};
use super::compose::compose;
use super::draw::Draw;
use super::duplicate::again;
use super::noise::roughen;

/// Pool tickets that are nobody's copy.
const N_POOL_ORIGINALS: usize = 6204;
/// Pool tickets that are copies of another one.
const N_POOL_COPIES: usize = 396;
/// Test tickets.
const N_TEST: usize = 1000;

/// The streams of draws that are not a ticket's own; tickets use the numbers from 0.
const SHUFFLE_STREAM: u64 = 1 << 40;
const COPY_STREAM: u64 = (1 << 40) + 1;

/// Which file a ticket goes to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Unlabelled documents.
    Pool,
    /// Labelled starters.
    Seed,
    /// Held-out labelled documents.
    Test,
    /// Control items.
    Control,
}

/// A ticket with everything known about it.
pub(crate) struct Ticket {
    /// The identifier.
    pub(crate) id: String,
    /// The file.
    pub(crate) part: Part,
    /// The text.
    pub(crate) text: String,
    /// The true class, as an index into [`CLASSES`].
    pub(crate) class: usize,
    /// How it reached the company.
    pub(crate) channel: &'static str,
    /// The product it is about.
    pub(crate) product: &'static str,
    /// When it arrived, RFC 3339.
    pub(crate) received: String,
    minute: u32,
}

/// All tickets of the set, in order of arrival.
pub(crate) fn tickets(seed: u64) -> Vec<Ticket> {
    let mut tickets = originals(seed);
    copy_some(seed, &mut tickets);
    tickets.sort_by_key(|ticket| ticket.minute);
    for (index, ticket) in tickets.iter_mut().enumerate() {
        ticket.id = format!("t-{:05}", index + 1);
        ticket.received = timestamp(ticket.minute);
    }
    tickets
}

fn originals(seed: u64) -> Vec<Ticket> {
    let mut places = places();
    Draw::new(seed, SHUFFLE_STREAM).shuffle(&mut places);
    let mut seen = BTreeSet::new();
    let mut tickets = Vec::with_capacity(places.len() + N_POOL_COPIES);
    for (stream, (part, class)) in (0..).zip(places) {
        let mut draw = Draw::new(seed, stream);
        let mut ticket = original(part, class, &mut draw);
        while !(6..=90).contains(&ticket.text.split(' ').count()) || !seen.insert(ticket.text.clone()) {
            ticket = original(part, class, &mut draw);
        }
        tickets.push(ticket);
    }
    tickets
}

/// Every original ticket's file and class.
fn places() -> Vec<(Part, usize)> {
    let pool = apportion(N_POOL_ORIGINALS);
    let test = apportion(N_TEST);
    let mut places = Vec::new();
    for (class, grammar) in CLASSES.iter().enumerate() {
        let counts = [
            (Part::Pool, pool[class]),
            (Part::Test, test[class]),
            (Part::Seed, grammar.n_seed),
            (Part::Control, grammar.n_control),
        ];
        for (part, count) in counts {
            places.extend(std::iter::repeat_n((part, class), count));
        }
    }
    places
}

fn original(part: Part, class: usize, draw: &mut Draw) -> Ticket {
    let plain = part == Part::Control;
    let draft = compose(class, plain, draw);
    let text = roughen(&draft.text, draft.channel, plain, draw);
    let minute = draw.below(MINUTES as usize) as u32;
    let (channel, product) = (draft.channel, draft.product);
    Ticket { id: String::new(), part, text, class, channel, product, received: String::new(), minute }
}

/// Adds copies of pool tickets, each up to nine days after what it copies; a copy may be copied
/// again.
fn copy_some(seed: u64, tickets: &mut Vec<Ticket>) {
    let mut draw = Draw::new(seed, COPY_STREAM);
    for _ in 0..N_POOL_COPIES {
        let copied = loop {
            let candidate = &tickets[draw.below(tickets.len())];
            if candidate.part == Part::Pool {
                break candidate;
            }
        };
        let minute = (copied.minute + draw.between(2, 9 * 1440) as u32).min(MINUTES - 1);
        let copy = Ticket {
            id: String::new(),
            text: again(&copied.text, &mut draw),
            received: String::new(),
            minute,
            ..*copied
        };
        tickets.push(copy);
    }
}
