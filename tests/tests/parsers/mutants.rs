//! Mutants of seeds: the same seeds make the same mutants on every machine.

use acceptance::dice::Dice;
use std::fmt::Write;

const MUTANTS: u64 = 20_000;
/// No parser is handed more than this by any caller without limits of its own.
const BYTES_MAX: usize = 8_192;
/// A storm that is accepted or refused less often than this does not show what it is meant to.
const EACH_MIN: u32 = 100;
/// What parsers treat in their own way, from any of their alphabets.
const WORDS: [&[u8]; 16] = [
    b"<",
    b"<<",
    b"\n",
    b"9",
    b"0",
    b"O",
    b" ",
    b",",
    b"\xff",
    b"\0",
    b"\xc3\x9f",
    b"\xef\xac\x81",
    b"-",
    b".",
    b"\x01",
    b"|",
];

/// How often a parser accepted a mutant, and how often not.
#[derive(Debug, Default)]
pub struct Outcome {
    pub accepted: u32,
    pub refused: u32,
}

impl Outcome {
    pub fn reached_both(&self) {
        assert!(self.accepted >= EACH_MIN && self.refused >= EACH_MIN, "{self:?}");
    }
}

/// Hands every seed and all mutants of them to a parser; the one it panics over is printed.
pub fn storm(parser: fn(&[u8]) -> bool, seeds: &[Vec<u8>]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mutants = (0..MUTANTS).map(|_| mutant(seeds, &mut dice));
    for input in seeds.iter().cloned().chain(mutants) {
        let input = Tested(input);
        if parser(&input.0) {
            outcome.accepted += 1;
        } else {
            outcome.refused += 1;
        }
    }
    outcome
}

/// Prints itself when it is dropped by a panic.
struct Tested(Vec<u8>);

impl Drop for Tested {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut hex = String::new();
            for byte in &self.0 {
                write!(hex, "{byte:02x}").unwrap();
            }
            eprintln!("the input was {hex} ({})", String::from_utf8_lossy(&self.0).escape_debug());
        }
    }
}

/// One to four changes of one seed.
fn mutant(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        let most = 2 << dice.below(6);
        let count = dice.below(most);
        let end = (at + count).min(bytes.len());
        match dice.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes[at..end].to_vec();
                let to = dice.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            3 => bytes[at..end].fill_with(|| dice.roll() as u8),
            4 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len() + 1);
                bytes.splice(at.., other[from..].iter().copied());
            }
            5 => drop(bytes.splice(at..end.min(at + 1), WORDS[dice.below(WORDS.len())].iter().copied())),
            6 => bytes[at..end.min(at + 1)].fill_with(|| b"0123456789ABCXYZ"[dice.below(16)]),
            _ => bytes[at..end.min(at + 1)].iter_mut().for_each(|byte| *byte ^= 1 << dice.below(8)),
        }
        bytes.truncate(BYTES_MAX);
    }
    bytes
}
