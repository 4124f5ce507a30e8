//! A way in which a capture goes wrong: a name, a unit and strengths, the mildest first.

use domain::precheck::Check;

pub struct Fault<S: 'static> {
    pub name: &'static str,
    pub unit: &'static str,
    pub strengths: &'static [f32],
    /// The checks of which one names it, and the index of the first strength at which it has to; none for faults no check names.
    pub named_by: Option<(&'static [Check], usize)>,
    pub apply: fn(&mut S, f32),
}

impl<S> Fault<S> {
    /// Whether a check has to name this strength.
    pub fn has_to_be_named(&self, index: usize) -> bool {
        self.named_by.is_some_and(|(_, from)| index >= from)
    }
}
