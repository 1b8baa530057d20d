//! Every setting with its value and where that comes from, for `querist config`.
//!
//! The defaults are those of the template of querist.toml, which a test holds to what the settings take for a key that is not
//! there. Keys that the template leaves out have no default: they are listed as not set.

use querist_core::LabelSet;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::{MEASURE, mix_of_flag, pairs};
use crate::args::BatchOptions;
use crate::configuration::{ConfigurationFile, MixTable, Source, line_of, template};

/// Keys that need not be set, by table, where the template does not have them.
const UNSET: [(&str, &str); 3] = [("features", "char_ngrams"), ("features", "embedding"), ("stop", "budget")];

/// The table of keys that stand before any table.
pub const TOP: &str = "";

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// querist.toml, at this line.
    File(usize),
    /// An environment variable.
    Environment(String),
    /// A flag.
    Flag(String),
    /// From nowhere: it is not set.
    Unset,
}

/// A setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its table in querist.toml; empty for the keys before any table.
    pub table: String,
    /// Its key.
    pub key: String,
    /// Its value; `None` when it is not set.
    pub value: Option<Value>,
    /// Where the value comes from.
    pub origin: Origin,
}

/// Every setting, in the order of the template.
///
/// # Errors
/// A flag that makes no sense.
pub fn listing(
    file: &ConfigurationFile,
    labels: &LabelSet,
    flags: &BatchOptions,
) -> anyhow::Result<Vec<Setting>> {
    let mut settings = defaults(labels)?;
    lay_file(&mut settings, file)?;
    for (key, value, origin) in of_flags(flags)? {
        let table = if key == "seed" { TOP } else { "batch" };
        set(&mut settings, table, key, value, origin);
    }
    Ok(settings)
}

/// The template's settings, and those without a default.
///
/// # Errors
/// The template is no TOML, which a test rules out.
pub fn defaults(labels: &LabelSet) -> anyhow::Result<Vec<Setting>> {
    let mut settings = Vec::new();
    let add = |settings: &mut Vec<Setting>, table: &str, key: &str, value: Option<Value>| {
        let origin = if value.is_some() { Origin::Default } else { Origin::Unset };
        settings.push(Setting { table: table.to_owned(), key: key.to_owned(), value, origin });
    };
    let text = template(labels);
    // In the order of the text, which the parsed values do not keep.
    for (table, key, _) in places(&text)? {
        let values: Table = text.parse()?;
        let scope = if table == TOP { Some(&values) } else { values.get(&table).and_then(Value::as_table) };
        let value = scope.and_then(|scope| scope.get(&key)).cloned();
        add(&mut settings, &table, &key, value);
    }
    for (table, key) in UNSET {
        add(&mut settings, table, key, None);
    }
    let order: Vec<String> = settings.iter().map(|setting| setting.table.clone()).collect();
    settings.sort_by_key(|setting| order.iter().position(|table| *table == setting.table));
    Ok(settings)
}

/// The keys of a TOML document with their tables and the offsets of their values, in the order of the text.
fn places(text: &str) -> anyhow::Result<Vec<(String, String, usize)>> {
    let mut places = Vec::new();
    for (name, value) in DeTable::parse(text)?.into_inner() {
        let name = name.get_ref().to_string();
        match value.get_ref() {
            DeValue::Table(table) => {
                let keys = table.iter().map(|(key, value): (_, &Spanned<DeValue<'_>>)| {
                    (name.clone(), key.get_ref().to_string(), value.span().start)
                });
                places.extend(keys);
            }
            _ => places.push((TOP.to_owned(), name, value.span().start)),
        }
    }
    places.sort_by_key(|(_, _, offset)| *offset);
    Ok(places)
}

/// Lays what querist.toml says over the defaults.
fn lay_file(settings: &mut Vec<Setting>, file: &ConfigurationFile) -> anyhow::Result<()> {
    let values: Table = file.text().parse()?;
    for (table, key, offset) in places(file.text())? {
        let scope = if table == TOP { Some(&values) } else { values.get(&table).and_then(Value::as_table) };
        let Some(value) = scope.and_then(|scope| scope.get(&key)) else { continue };
        set(settings, &table, &key, value.clone(), Origin::File(line_of(file.text(), offset)));
    }
    Ok(())
}

/// Replaces a setting, or adds it behind those of its table.
fn set(settings: &mut Vec<Setting>, table: &str, key: &str, value: Value, origin: Origin) {
    let setting = Setting { table: table.to_owned(), key: key.to_owned(), value: Some(value), origin };
    if let Some(known) = settings.iter_mut().find(|known| known.table == table && known.key == key) {
        *known = setting;
        return;
    }
    let end = settings.iter().rposition(|known| known.table == table).map_or(settings.len(), |at| at + 1);
    settings.insert(end, setting);
}

/// The values that flags or their environment variables set.
fn of_flags(flags: &BatchOptions) -> anyhow::Result<Vec<(&'static str, Value, Origin)>> {
    let mut found: Vec<(&'static str, Value, Origin)> = Vec::new();
    let mut add = |key: &'static str, value: Option<Value>| {
        if let Some(value) = value {
            found.push((key, value, origin(key)));
        }
    };
    let word = |value: &Option<String>| value.clone().map(Value::String);
    add("size", flags.size.map(|size| Value::Integer(size as i64)));
    add("seed", flags.seed.map(|seed| Value::Integer(seed as i64)));
    add("mix", flags.mix.as_deref().map(mix_value).transpose()?);
    add("ratio", flags.ratio.as_deref().map(ratio_value).transpose()?);
    add("measure", word(&flags.measure));
    add("diversity", flags.diversity.map(|diversity| Value::Integer(diversity as i64)));
    add("within", word(&flags.within));
    add("near_duplicates", flags.near_duplicates.as_deref().map(number_or_word));
    add("suggest", flags.suggest.map(Value::Boolean));
    add("strategy", word(&flags.strategy));
    // Who names a measure gets the strategy that uses it.
    if flags.strategy.is_none() {
        let implied = [("measure", flags.measure.is_some()), ("diversity", flags.diversity.is_some())];
        if let Some((by, _)) = implied.into_iter().find(|(_, given)| *given) {
            found.push(("strategy", Value::String(MEASURE.to_owned()), origin(by)));
        }
    }
    Ok(found)
}

fn origin(key: &str) -> Origin {
    let source = Source::flag(key).name().to_owned();
    if source.starts_with('-') { Origin::Flag(source) } else { Origin::Environment(source) }
}

/// The shares of a `--mix`, as querist.toml would have them.
fn mix_value(text: &str) -> anyhow::Result<Value> {
    if !text.contains('=') {
        return Ok(Value::String(text.trim().to_owned()));
    }
    let MixTable { uncertainty, ratio, random, control } = mix_of_flag(text, &Source::flag("mix"))?;
    let shares = [("uncertainty", uncertainty), ("ratio", ratio), ("random", random), ("control", control)];
    Ok(Value::Table(shares.map(|(name, share)| (name.to_owned(), Value::Float(share))).into_iter().collect()))
}

/// The weights of a `--ratio`, as querist.toml would have them.
fn ratio_value(text: &str) -> anyhow::Result<Value> {
    if !text.contains('=') {
        return Ok(Value::String(text.to_owned()));
    }
    let pairs = pairs(text, &Source::flag("ratio"), "fraud=0.8,other=0.2")?;
    Ok(Value::Table(pairs.into_iter().map(|(name, weight)| (name, Value::Float(weight))).collect()))
}

fn number_or_word(text: &str) -> Value {
    text.trim().parse().map_or_else(|_| Value::String(text.trim().to_owned()), Value::Float)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn labels() -> LabelSet {
        LabelSet::new(["fraud", "other"]).unwrap()
    }

    fn listed(rest: &str, flags: &BatchOptions) -> Vec<Setting> {
        let text = format!("labels = [\"fraud\", \"other\"]\n{rest}");
        let file = ConfigurationFile::parse(Path::new("q.toml"), text).unwrap();
        listing(&file, &labels(), flags).unwrap()
    }

    fn find<'a>(settings: &'a [Setting], table: &str, key: &str) -> &'a Setting {
        let mut found = settings.iter().filter(|setting| setting.table == table && setting.key == key);
        let setting = found.next().unwrap_or_else(|| panic!("[{table}] {key} is not listed"));
        assert!(found.next().is_none(), "[{table}] {key} is listed twice");
        setting
    }

    /// The keys that the parser of querist.toml knows, by its own words on one that it does not.
    fn known_to_the_parser(table: &str) -> Vec<String> {
        let text = match table {
            TOP => "labels = [\"a\", \"b\"]\nno_such_key = 1".to_owned(),
            table => format!("labels = [\"a\", \"b\"]\n[{table}]\nno_such_key = 1"),
        };
        let error = ConfigurationFile::parse(Path::new("q.toml"), text).unwrap_err().to_string();
        let names = error.split("expected").nth(1).unwrap();
        names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn every_key_of_querist_toml_is_listed() {
        let settings = listed("", &BatchOptions::default());
        let tables: Vec<String> =
            known_to_the_parser(TOP).into_iter().filter(|key| key != "labels" && key != "seed").collect();
        assert!(tables.contains(&"stop".to_owned()), "{tables:?}");
        for table in tables.iter().filter(|table| *table != "rules") {
            let keys = known_to_the_parser(table);
            assert!(!keys.is_empty(), "{table}");
            for key in keys {
                find(&settings, table, &key);
            }
        }
        find(&settings, TOP, "seed");
        find(&settings, TOP, "labels");
    }

    #[test]
    fn each_layer_lies_over_the_one_below() {
        let rest = "\n[batch]\nsize = 7\nmix = { random = 1 }\n[rules]\nfraud = ['x']\n";
        let flags = BatchOptions {
            mix: Some("ratio=0.5".into()),
            measure: Some("margin".into()),
            ..BatchOptions::default()
        };
        let settings = listed(rest, &flags);
        let expect = |table: &str, key: &str, value: &str, origin: Origin| {
            let setting = find(&settings, table, key);
            assert_eq!(
                (setting.value.as_ref().unwrap().to_string().as_str(), &setting.origin),
                (value, &origin)
            );
        };
        expect(TOP, "seed", "0", Origin::Default);
        expect("batch", "size", "7", Origin::File(4));
        expect("batch", "measure", "\"margin\"", Origin::Flag("--measure".into()));
        expect("batch", "strategy", "\"measure\"", Origin::Flag("--measure".into()));
        expect("rules", "fraud", "[\"x\"]", Origin::File(7));
        let mix = find(&settings, "batch", "mix");
        assert_eq!(mix.value.as_ref().unwrap()["ratio"], Value::Float(0.5));
        assert_eq!(mix.origin, Origin::Flag("--mix".into()));
        assert_eq!(find(&settings, "stop", "budget").origin, Origin::Unset);
    }
}
