//! Turns answers into labels, and measures the agreement of annotators and the reliability of
//! annotators, labels and models.
//!
//! Each file holds one algorithm, with its formula and source. All of them use the terms of the
//! core crate (item, annotator, class) and return indices and classes; reports turn these into
//! names.
//!
//! | question | file |
//! |---|---|
//! | how does a table of names become an annotation set? | [`mod@table`] |
//! | which classes did the annotators of an item vote for? | [`votes`] |
//! | which label do most choose? | [`majority`], or weighted by agreement with it [`wawa`] |
//! | which label is likeliest, and how good is each annotator? | [`dawid_skene`], [`one_coin`], [`glad`], [`mace`]; by name [`catalog`] |
//! | does a crowd fit a method's model? | [`mod@fit_check`] |
//! | do true labels confirm the method's confident posteriors? | [`mod@confirmed`] |
//! | how far do annotators agree, beyond chance? | [`mod@agreement`] |
//! | how good is an annotator on items whose answer is known? | [`mod@control`] |
//! | is an annotator below a threshold, or are there too few answers to tell? | [`verdict`] |
//! | about which items do annotators disagree? | [`mod@conflicts`] |
//! | which items need another answer, from whom, and how much would it help? | [`review`] |
//! | which labels are probably wrong, and how many? | [`mod@label_errors`] |
//! | does an annotator get worse? | [`drift`] |
//! | who answers too fast, mostly with one label, or as another annotator did? | [`mod@speed`], [`mod@one_label`], [`mod@copies`] |
//! | how good are a model's predictions? | [`mod@classification`], [`confusion`] |
//! | can its probabilities be trusted? | [`mod@calibration`], [`proper_score`] |
//!
//! Invariants: no I/O, and no randomness except from a seed. The same annotation set leads to the
//! same bytes on any number of threads. An undefined measure is `None`, with a reason if there are
//! several possible reasons, and never NaN.
#![doc = include_str!("../README.md")]

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
mod digamma;
pub mod drift;
pub mod error;
pub mod fit_check;
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
pub mod table;
pub mod tails;
pub mod verdict;
pub mod votes;
pub mod wawa;

// Re-export the core types in this crate's signatures, so that callers need no other crate.
pub use querist_core::{
    self as core, Aggregation, AggregationFit, Aggregator, Annotation, AnnotationSet, Class, Edition,
    Interval, Known, LabelSet, Posteriors, Probabilities, Proportion, Seed, Skill, SkillPrior, Verdict,
    ndarray,
};

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
pub use table::table;
pub use verdict::{Change, Judgement, Record, Standing, judge};
pub use votes::Votes;
pub use wawa::Wawa;
