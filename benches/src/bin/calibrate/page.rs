//! The figures as a page for people and as a file for the console.

use crate::fault::Fault;
use crate::plan::set_name;
use crate::tally::Tally;
use crate::{setting, take};
use anyhow::Result;
use domain::precheck::Check;
use std::collections::BTreeMap;

/// The check that has to name each set.
pub fn named_by() -> BTreeMap<String, Check> {
    let mut all = BTreeMap::new();
    all.extend(named("photo", &setting::FAULTS));
    all.extend(named("clip", &take::FAULTS));
    all
}

fn named<S>(kind: &str, faults: &[Fault<S>]) -> Vec<(String, Check)> {
    let each = faults.iter().flat_map(|fault| fault.strengths.iter().enumerate().map(move |(at, strength)| (fault, at, *strength)));
    each.filter_map(|(fault, at, strength)| {
        Some((set_name(kind, fault.name, strength), fault.has_to_be_named_by(at)?))
    })
    .collect()
}

pub fn page(tally: &Tally, _seed: u64, _table: u32) -> String {
    format!("{:#?}\n{:#?}\n{:?}\n{:?} mrz {:?}", tally.checks, tally.sets, tally.good_bounced, tally.not_assessed, tally.mrz)
}

pub fn figures(_tally: &Tally, _seed: u64, _table: u32) -> Result<String> {
    Ok(String::new())
}
