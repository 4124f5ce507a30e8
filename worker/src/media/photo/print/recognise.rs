//! What a line says: the second network reads it from left to right, and only characters of European documents are believed.

use super::super::document::flatten;
use super::super::geometry::Quad;
use super::Network;
use image::RgbImage;
use rten::RunOptions;
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

/// The height the network was made for, in pixels, and the longest line it is given.
const HEIGHT: u32 = 48;
const WIDTH_MAX: u32 = 960;
const WIDTH_MIN: u32 = 48;
const STRIDE: u32 = 8;

/// The key under which the network's file holds its characters, one a line.
const CHARACTERS_KEY: &str = "character";

pub(super) struct Recogniser {
    network: Network,
    /// The classes that are believed: the class for "nothing new" first, then each with its character.
    believed: Vec<(usize, Option<char>)>,
}

impl Recogniser {
    pub(super) fn new(network: Network) -> Result<Recogniser, String> {
        let characters = network.model.metadata().get(CHARACTERS_KEY).ok_or("the recogniser names no characters")?;
        let mut believed = vec![(0, None)];
        let mut count = 0;
        for (index, line) in characters.split('\n').enumerate() {
            count = index + 1;
            let mut letters = line.chars();
            if let (Some(character), None) = (letters.next(), letters.next())
                && is_european(character)
            {
                believed.push((count, Some(character)));
            }
        }
        // Some files end their last line, some do not.
        if characters.ends_with('\n') {
            count -= 1;
        }
        believed.push((count + 1, Some(' ')));
        Ok(Recogniser { network, believed })
    }

    /// The text inside a place of the picture that is so many heights long, and the mean probability of its characters.
    pub(super) fn read(
        &self,
        picture: &RgbImage,
        place: Quad,
        heights: f64,
        options: RunOptions,
    ) -> Result<(String, f64), String> {
        let wanted = (f64::from(HEIGHT) * heights).round() as u32;
        let width = wanted.clamp(WIDTH_MIN, WIDTH_MAX).div_ceil(STRIDE) * STRIDE;
        let strip = flatten(picture, place, width, HEIGHT).ok_or("the line could not be cut out")?;
        let input = NdTensor::from_data([1, 3, HEIGHT as usize, width as usize], planes(&strip));
        let output = self.network.model.run_one(input.into(), Some(options)).map_err(|error| error.to_string())?;
        let steps: NdTensor<f32, 3> = output.try_into().map_err(|_| "the reading has another shape".to_owned())?;
        let classes = steps.size(2);
        Ok(decoded(&self.believed, &steps.to_vec(), classes))
    }
}

/// Repeated characters are one, and between two equal ones stands the class for "nothing new" (CTC).
fn decoded(believed: &[(usize, Option<char>)], steps: &[f32], classes: usize) -> (String, f64) {
    let mut text = String::new();
    let (mut sum, mut before) = (0.0, 0);
    for step in steps.chunks_exact(classes.max(1)) {
        let best = believed
            .iter()
            .filter_map(|(class, character)| step.get(*class).map(|value| (*class, *character, *value)))
            .max_by(|a, b| a.2.total_cmp(&b.2));
        let Some((class, character, value)) = best else { continue };
        if let Some(character) = character
            && class != before
        {
            text.push(character);
            sum += f64::from(value);
        }
        before = class;
    }
    let count = text.chars().count().max(1) as f64;
    (text.trim().to_owned(), sum / count)
}

fn planes(strip: &RgbImage) -> Vec<f32> {
    let mut values = Vec::with_capacity(strip.as_raw().len());
    for colour in [2, 1, 0] {
        let plane = strip.as_raw().iter().skip(colour).step_by(3);
        values.extend(plane.map(|value| f32::from(*value) / 127.5 - 1.0));
    }
    values
}

/// Letters of European languages in Latin script, digits, and the signs of documents.
fn is_european(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || "<,.-/'()".contains(character)
        || ('\u{c0}'..='\u{17f}').contains(&character) && character.is_alphabetic()
        || matches!(character, 'Ș' | 'ș' | 'Ț' | 'ț' | 'ẞ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_one_letter_and_other_scripts_are_not_believed() {
        // Class 3 is a letter of another script, however sure the network is of it.
        let believed = [(0, None), (1, Some('A')), (2, Some('B')), (4, Some(' '))];
        let step = |class: usize, second: usize| {
            (0..5).map(move |c| {
                if c == class {
                    0.9
                } else if c == second {
                    0.5
                } else {
                    0.0
                }
            })
        };
        let steps: Vec<f32> = [step(1, 0), step(1, 0), step(0, 0), step(1, 0), step(4, 0), step(3, 2), step(4, 0)]
            .into_iter()
            .flatten()
            .collect();
        let (text, confidence) = decoded(&believed, &steps, 5);
        assert_eq!(text, "AA B");
        assert!((confidence - (0.9 * 4.0 + 0.5) / 5.0).abs() < 1e-6, "{confidence}");
    }

    #[test]
    fn letters_of_european_documents_are_believed_and_no_others() {
        assert!("AzÖßčŁő09<,.-/'()".chars().all(is_european));
        assert!(!"漢ДאB×÷\u{200b}".chars().filter(|c| *c != 'B').any(is_european));
    }
}
