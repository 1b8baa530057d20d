//! Answers to labels and agreement: what annotations come to, and how far they and a model can be trusted.
//!
//! One algorithm a file, with its formula and source. All of them speak core's vocabulary (item, annotator, class), and
//! give indices and classes back; naming them is the report's work.
//!
//! | question | file |
//! |---|---|
//! | which classes did the annotators of an item vote for? | [`votes`] |
//! | which label does the majority give? | [`majority`], or weighted by agreement with it [`wawa`] |
//! | which label is likeliest, and what is each annotator worth? | [`dawid_skene`], [`one_coin`], [`glad`], [`mace`]; by name [`catalog`] |
//! | how far do two annotators agree beyond chance? | [`cohen`] |
//! | how good is an annotator on items whose answer is known? | [`mod@control`] |
//! | which items must somebody look at? | [`mod@conflicts`] |
//! | how good are a model's predictions? | [`mod@classification`], [`confusion`] |
//! | may its probabilities be believed? | [`mod@calibration`], [`proper_score`] |
//!
//! Invariants: no I/O, no randomness; the same annotation set gives the same bytes, on any number of threads. What is not defined is
//! `None`, with a reason where there may be several, and never NaN.

pub mod ascent;
pub mod calibration;
pub mod catalog;
mod cells;
pub mod classification;
pub mod cohen;
pub mod conflicts;
pub mod confusion;
pub mod control;
pub mod dawid_skene;
pub mod error;
mod gamma;
pub mod glad;
mod known;
pub mod mace;
pub mod majority;
pub mod one_coin;
mod outcome;
pub mod proper_score;
mod skill;
mod sweep;
pub mod votes;
pub mod wawa;

pub use ascent::Limits;
pub use calibration::{Binning, Calibration, MIN_BIN, ReliabilityBin, calibration};
pub use catalog::{AGGREGATORS, aggregator};
pub use classification::{ClassScores, Classification, classification};
pub use cohen::{CohenKappa, PairKappa, Undefined, cohen_kappa, pairwise_kappa};
pub use conflicts::{Conflict, conflicts};
pub use confusion::{Cell, Confusion};
pub use control::{AnnotatorControl, Flag, Thresholds, control};
pub use dawid_skene::DawidSkene;
pub use error::QualityError;
pub use glad::Glad;
pub use mace::Mace;
pub use majority::MajorityVote;
pub use one_coin::OneCoin;
pub use proper_score::{PROBABILITY_FLOOR, brier_score, log_loss};
pub use votes::Votes;
pub use wawa::Wawa;
