//! The engine: how one round leads to the next. It never touches a disk, a clock or a terminal.
//!
//! A round is a pure function of (snapshot, texts, settings, seed). It returns a model, a batch and
//! a report and changes nothing; the caller stores the result. Features and classifiers are known
//! only through the core crate's traits.
//!
//! [`mod@round`] runs the steps of a round: [`situation`], [`mod@featurise`], [`mod@train`],
//! [`mod@score`] and [`mod@select`] (with [`adaptive`] shares). [`mod@report`], [`stopping`] and
//! [`manifest`] describe the result. [`mod@review`] and [`mod@audit`] find labels to check.
//! [`crowd`] evaluates plain files of answers, [`annotators`] simulates people, [`simulate`]
//! compares strategies.
#![doc = include_str!("../README.md")]

pub mod adaptive;
mod agreement;
pub mod annotators;
pub mod assignment;
pub mod audit;
mod awaited;
pub mod brought;
mod commonest;
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
pub use doubts::{doubts, duplicate_annotators};
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
