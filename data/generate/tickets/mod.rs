//! The support-ticket set: a fictional maker of indoor gardens, its customers' letters, and five
//! annotators.
//!
//! From a grammar (`technical` … `fraud`: what a class can say; `chatter`: what says nothing;
//! `slots`: values) come drafts (`compose`), noise and duplicates are added, and `sample` deals
//! them out to the set's `files`. Everything is a function of one seed. Deliberately left out:
//! label noise (annotators make it) and drift over time.

mod account;
mod annotators;
mod billing;
mod calendar;
mod chatter;
mod class;
mod compose;
mod draw;
mod duplicate;
mod feature;
mod files;
mod fraud;
mod noise;
mod sample;
mod shipping;
mod slots;
mod technical;
mod template;

pub(crate) use files::files;

/// The seed of the committed files.
pub(crate) const SEED: u64 = 20_260_101;
