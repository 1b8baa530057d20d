//! The page's section on the yield of shares and quotas: a line with a meter for each quota, and
//! the tables.

use super::prose::prose;
use crate::Yields;
use crate::page::isolated;

/// At most this many quotas have a meter, the latest ones.
const DRAWN: usize = 40;

impl Yields {
    /// Returns the section as HTML; empty before the first answers.
    pub(super) fn html(&self) -> String {
        let markdown = self.markdown();
        if markdown.is_empty() || self.quotas.is_empty() {
            return prose(&markdown);
        }
        let first = self.quotas.len().saturating_sub(DRAWN);
        let line = |quota: &crate::QuotaYield| {
            let (got, of) = (quota.got, quota.labeled);
            format!(
                "<li>round {}, {}: <meter min=\"0\" max=\"{}\" value=\"{got}\">{got} of {of}</meter> {got} \
                 of {of} labelled picks are in the class; {} picks were requested</li>\n",
                quota.round,
                isolated(&quota.label),
                of.max(1),
                quota.asked
            )
        };
        let lines: String = self.quotas[first..].iter().map(line).collect();
        let section = prose(&markdown);
        format!("{section}<h3>Yield of the quotas</h3>\n<ul class=\"meters\">\n{lines}</ul>\n")
    }
}
