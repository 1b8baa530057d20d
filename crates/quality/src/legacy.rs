//! The aggregators of the first edition, which only fit a model and draw nothing.
//!
//! Their posteriors treat the fitted parameters as exact. The interval of a skill is Wilson's
//! (`skill`), without evidence from draws. `ds` is fitted even with few answers. Every fit starts
//! with equal weights for all annotators, even if labels are known.

use querist_core::Aggregator;

use crate::dawid_skene::DawidSkene;
use crate::glad::Glad;
use crate::mace::Mace;
use crate::majority::MajorityVote;
use crate::one_coin::OneCoin;
use crate::start::Start;
use crate::wawa::Wawa;

/// Returns the aggregator with this name as the first edition defines it; `None` for an unknown
/// name.
pub(crate) fn aggregator(name: &str) -> Option<Box<dyn Aggregator>> {
    match name {
        "mv" => Some(Box::new(MajorityVote)),
        "wawa" => Some(Box::new(Wawa { start: Start::Alike })),
        "ds" => Some(Box::new(DawidSkene { start: Start::Alike, ..DawidSkene::default() })),
        "onecoin" => Some(Box::new(OneCoin { start: Start::Alike, ..OneCoin::default() })),
        "glad" => Some(Box::new(Glad { start: Start::Alike, ..Glad::default() })),
        "mace" => Some(Box::new(Mace { start: Start::Alike, ..Mace::default() })),
        _ => None,
    }
}
