//! Answers to labels and agreement: what annotations come to, and how far they and a model can be
//! trusted.
//!
//! One algorithm a file, with its formula and source. All of them speak core's vocabulary (item,
//! annotator, class), and give indices and classes back; naming them is the report's work.
//!
//! | question | file |
//! |---|---|
//! | which classes did the annotators of an item vote for? | [`votes`] |
//! | which label does the majority give? | [`majority`], or weighted by agreement with it [`wawa`] |
//! | which label is likeliest, and what is each annotator worth? | [`dawid_skene`], [`one_coin`], [`glad`], [`mace`]; by name [`catalog`] |
//! | is a crowd as a method's model supposes? | [`mod@fit_check`] |
//! | do true labels show that its sure posteriors are right? | [`mod@confirmed`] |
//! | how far do annotators agree, beyond chance? | [`mod@agreement`] |
//! | how good is an annotator on items whose answer is known? | [`mod@control`] |
//! | is somebody below a threshold, or are there too few answers to tell? | [`verdict`] |
//! | which items must somebody look at? | [`mod@conflicts`] |
//! | … and who, and what would it help? | [`review`] |
//! | which labels are probably wrong, and how many? | [`mod@label_errors`] |
//! | does an annotator get worse? | [`drift`] |
//! | who answers too fast, one thing only, or what another did? | [`mod@speed`], [`mod@one_label`], [`mod@copies`] |
//! | how good are a model's predictions? | [`mod@classification`], [`confusion`] |
//! | may its probabilities be believed? | [`mod@calibration`], [`proper_score`] |
//!
//! Invariants: no I/O, no randomness but from a seed; the same annotation set gives the same bytes,
//! on any number of threads. What is not defined is `None`, with a reason where there may be
//! several, and never NaN.

pub mod agreement;
pub mod ascent;
pub mod calibration;
pub mod catalog;
mod cells;
pub mod classification;
pub mod confirmed;
pub mod conflicts;
pub mod confusion;
pub mod control;
pub mod copies;
pub mod dawid_skene;
pub mod drift;
pub mod error;
pub mod fit_check;
mod gamma;
mod given;
pub mod glad;
pub mod holm;
mod judged;
mod known;
pub mod label_errors;
mod label_noise;
mod legacy;
pub mod mace;
pub mod majority;
pub mod one_coin;
pub mod one_label;
mod outcome;
pub mod proper_score;
mod recalibration;
pub mod review;
mod sampling;
mod skill;
pub mod speed;
mod start;
mod sweep;
pub mod tails;
pub mod verdict;
pub mod votes;
pub mod wawa;

pub use agreement::cohen::{CohenKappa, PairKappa, cohen_kappa, pairwise_kappa};
pub use agreement::{
    AgreementOptions, AgreementSummary, AnswerPatterns, ClassAgreement, Measure, Measured, PairLimits, Scale,
    Undefined, Weights, agreement,
};
pub use ascent::Limits;
pub use calibration::{Binning, Calibration, MIN_BIN, calibration};
pub use catalog::{AGGREGATORS, aggregator};
pub use classification::{ClassScores, Classification, classification};
pub use conflicts::{Conflict, conflicts};
pub use confusion::{Cell, Confusion};
pub use control::{AnnotatorControl, Flag, Thresholds, control};
pub use copies::{Copies, CopyPair, copies};
pub use dawid_skene::DawidSkene;
pub use drift::{Drift, DriftMonitor, DriftSettings};
pub use error::QualityError;
pub use fit_check::{FitCheck, Misfit, fit_check};
pub use glad::Glad;
pub use holm::holm;
pub use judged::held_out;
pub use label_errors::{Estimate, LabelErrors, Rated, label_errors, labels_needed};
pub use mace::Mace;
pub use majority::MajorityVote;
pub use one_coin::OneCoin;
pub use one_label::{OneLabel, one_label};
pub use proper_score::{PROBABILITY_FLOOR, brier_score, log_loss};
pub use review::{Case, Evidence, NextAnswer, Reason, Reviewer};
pub use speed::{AnnotatorSpeed, Speed, speed};
pub use start::Start;
pub use verdict::{Change, Judgement, Record, Standing, judge};
pub use votes::Votes;
pub use wawa::Wawa;
