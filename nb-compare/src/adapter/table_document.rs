//! The rules of a table in the file of an adapter, beside a format that says some of them as well.
//!
//! Not here: what rules there are (`table::rules`), the rest of the file (`document`).

use serde::Deserialize;
use serde::de::Error;

use crate::table::rules::{Header, Named, Rules, Separator};

/// The rules of a table, and whether they say themselves what the format `csv` says.
#[derive(Default)]
pub(super) struct TableDocument {
    rules: Rules,
    says_separator: bool,
    says_header: bool,
}

impl<'de> Deserialize<'de> for TableDocument {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let table = toml::Table::deserialize(from)?;
        let [says_separator, says_header] = ["separator", "header"].map(|key| table.contains_key(key));
        let rules = table.try_into().map_err(|e: toml::de::Error| D::Error::custom(e.message()))?;
        Ok(Self { rules, says_separator, says_header })
    }
}

impl TableDocument {
    /// The rules. Those of `csv` have a comma and a row of names: whatever else they say, it is no other format without their saying so.
    pub(super) fn rules(self, is_csv: bool) -> Rules {
        let Self { mut rules, says_separator, says_header } = self;
        if is_csv && !says_separator {
            rules.separator = Separator::Named(Named::Comma);
        }
        if is_csv && !says_header {
            rules.header = Header::Row(true);
        }
        rules
    }
}
