//! The four numbers: from any random bytes an allowed sequence, and from fair bytes every sequence equally often.

use domain::challenge::Challenge;
use proptest::prelude::*;

/// A small fixed stream (SplitMix64), so that the counts below are the same on every run.
struct Stream(u64);

impl Stream {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn challenge(&mut self) -> Challenge {
        let mut bytes = [0; 32];
        for chunk in bytes.chunks_exact_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes());
        }
        Challenge::from_random(&bytes)
    }
}

fn is_guessable(digits: [u8; 4]) -> bool {
    let [a, b, c, d] = digits.map(i16::from);
    let steps = [b - a, c - b, d - c];
    steps == [0; 3] || steps == [1; 3] || steps == [-1; 3]
}

/// Σ (seen − expected)² / expected.
fn chi_square(seen: &[u32], expected: f64) -> f64 {
    seen.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
}

#[test]
fn every_allowed_sequence_is_given_and_equally_often() {
    const DRAWS: u32 = 400_000;
    let mut stream = Stream(2026);
    let mut seen = vec![0_u32; 10_000];
    for _ in 0..DRAWS {
        let number = stream.challenge().digits().iter().fold(0, |sum, digit| sum * 10 + usize::from(*digit));
        if let Some(count) = seen.get_mut(number) {
            *count += 1;
        }
    }
    let given: Vec<u32> = seen.into_iter().filter(|count| *count > 0).collect();
    assert_eq!(given.len(), 9_976, "all but 24 sequences are given");
    // 9,975 degrees of freedom: mean 9,975, standard deviation √(2 × 9,975) = 141; five of them either way.
    let spread = chi_square(&given, f64::from(DRAWS) / 9_976.0);
    assert!((9_270.0..10_680.0).contains(&spread), "chi-square {spread}");
}

#[test]
fn no_number_is_favoured_at_any_of_the_four_places() {
    const DRAWS: u32 = 100_000;
    let mut stream = Stream(7);
    let mut seen = [[0_u32; 10]; 4];
    for _ in 0..DRAWS {
        for (place, digit) in seen.iter_mut().zip(stream.challenge().digits()) {
            if let Some(count) = place.get_mut(usize::from(digit)) {
                *count += 1;
            }
        }
    }
    for place in seen {
        // Nine degrees of freedom: 33.7 is passed once in ten thousand streams, and the stream is fixed.
        let spread = chi_square(&place, f64::from(DRAWS) / 10.0);
        assert!(spread < 33.7, "chi-square {spread}: {place:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_give_a_sequence_that_is_allowed_and_reads_back(bytes in any::<[u8; 32]>()) {
        let challenge = Challenge::from_random(&bytes);
        prop_assert!(challenge.digits().iter().all(|digit| *digit <= 9));
        prop_assert!(!is_guessable(challenge.digits()));
        prop_assert_eq!(Challenge::parse(&challenge.to_string()), Ok(challenge));
        prop_assert_eq!(challenge.spoken().replace(' ', ""), challenge.to_string());
    }

    #[test]
    fn bytes_at_the_edges_of_a_draw_still_give_an_allowed_sequence(bytes in proptest::collection::vec(prop_oneof![Just(0_u8), Just(0xff)], 32)) {
        let bytes: [u8; 32] = bytes.try_into().unwrap_or([0; 32]);
        prop_assert!(!is_guessable(Challenge::from_random(&bytes).digits()));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,8}") {
        if let Ok(challenge) = Challenge::parse(&text) {
            prop_assert_eq!(challenge.to_string(), text);
        }
    }
}
