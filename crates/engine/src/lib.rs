//! One round to the next.
//!
//! A round is a pure function of (snapshot, texts, settings, seed): it gives a model, a batch and a
//! report, and changes nothing; the caller stores the result. The engine knows features and
//! classifiers only through core's traits, so a new one changes nothing here.
//!
//! The steps, in order: [`situation`] (what is open, what is labelled), [`mod@featurise`],
//! [`mod@train`], [`mod@score`], [`mod@select`] (with [`adaptive`] shares, if wanted);
//! [`mod@round`] is all of them as one function. Then come [`mod@report`] (with [`stopping`]:
//! whether to go on) and [`manifest`]. [`mod@review`] and [`mod@audit`] say which labels to look
//! at. [`crowd`] is what a plain file of answers comes to. [`annotators`] simulates people, for
//! demonstrations and benchmarks; [`simulate`] plays whole loops with them, to compare strategies.
//!
//! What this crate leaves out: it never touches a disk, a clock or a terminal.
#![doc = include_str!("../README.md")]

pub mod adaptive;
mod agreement;
pub mod annotators;
pub mod assignment;
pub mod audit;
mod awaited;
pub mod brought;
pub mod controls;
pub mod crowd;
pub mod doubts;
pub mod error;
pub mod evaluate;
pub mod examples;
pub mod featurise;
pub mod manifest;
pub mod nothing;
pub mod pace;
pub mod report;
pub mod review;
pub mod round;
pub mod score;
pub mod select;
pub mod settings;
pub mod simulate;
pub mod situation;
pub mod slice;
mod standing;
pub mod stopping;
mod summary;
pub mod train;
mod trust;
pub mod undecided;
pub mod unlabeled;

pub use annotators::SimulatedAnnotator;
pub use assignment::{Answers, Item, assign};
pub use audit::{Audit, AuditCase, audit};
pub use awaited::awaited;
pub use brought::Brought;
pub use crowd::CrowdAnswers;
pub use doubts::{copies_of_people, doubts};
pub use error::EngineError;
pub use examples::{Training, Weak};
pub use featurise::{Basis, Prepared, featurise};
pub use manifest::{Inputs, Manifest};
pub use nothing::Nothing;
pub use report::{measured_annotators, report};
pub use review::{ReviewCase, review, review_item, review_section};
pub use round::{Round, RoundInput, Source, Step, check_final, round};
pub use score::score;
pub use select::{FINAL, Means, Selection, check_open, check_picked, select};
pub use settings::{Consensus, CostSettings, Overlap, QualitySettings, RoundSettings, Standards};
pub use situation::Situation;
pub use stopping::{Learned, Predicted, StopRules, StopSettings, stop_set};
pub use summary::Summary;
pub use train::{Trained, train};
pub use undecided::{AnsweredControls, Undecided};
pub use unlabeled::{State, Unlabeled, open_documents};
