//! Exchange formats, one file each. A format turns bytes into core's nouns or back, and knows nothing of the workspace.

pub mod answers;
pub mod batch;
pub mod documents;
pub mod parquet;
pub mod picks;
pub mod predictions;
pub mod rejected;
pub mod row;
pub mod scores;
pub mod texts;
