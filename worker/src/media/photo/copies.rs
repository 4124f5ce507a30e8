//! The copies a checker sees: shrunk, upright, on white where transparent, written anew so that no metadata survives.

use super::decode::Picture;
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// An upright copy no longer than `long_side`; the full-size pixels are freed before anything else is made.
pub(super) fn upright(picture: Picture, long_side: u32) -> Option<RgbImage> {
    let (width, height) = fit(picture.width, picture.height, long_side);
    let pixel_type = if picture.has_alpha { PixelType::U8x4 } else { PixelType::U8x3 };
    let pixels = resized(&picture.pixels, (picture.width, picture.height), (width, height), pixel_type)?;
    let (orientation, has_alpha) = (picture.orientation, picture.has_alpha);
    drop(picture);
    let pixels = if has_alpha { on_white(&pixels) } else { pixels };
    let mut image = DynamicImage::ImageRgb8(RgbImage::from_raw(width, height, pixels)?);
    image.apply_orientation(orientation);
    Some(image.into_rgb8())
}

/// A copy no longer than `long_side`; never enlarged.
pub(super) fn shrunk(image: &RgbImage, long_side: u32) -> Option<RgbImage> {
    let to = fit(image.width(), image.height(), long_side);
    let pixels = resized(image.as_raw(), image.dimensions(), to, PixelType::U8x3)?;
    RgbImage::from_raw(to.0, to.1, pixels)
}

/// A copy of exactly this size, whatever that does to its shape.
pub(super) fn stretched(image: &RgbImage, width: u32, height: u32) -> Option<RgbImage> {
    let pixels = resized(image.as_raw(), image.dimensions(), (width, height), PixelType::U8x3)?;
    RgbImage::from_raw(width, height, pixels)
}

/// With colour at half the size of light, as cameras write it.
pub(crate) fn jpeg(image: &RgbImage, quality: u8) -> Option<Vec<u8>> {
    let (width, height) = (u16::try_from(image.width()).ok()?, u16::try_from(image.height()).ok()?);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(image.as_raw(), width, height, ColorType::Rgb).ok()?;
    Some(bytes)
}

/// The largest size of the same shape whose long side is at most `long_side`.
fn fit(width: u32, height: u32, long_side: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= long_side {
        return (width, height);
    }
    let scaled = |side: u32| {
        let exact = u64::from(side) * u64::from(long_side) / u64::from(longest.max(1));
        u32::try_from(exact).unwrap_or(long_side).max(1)
    };
    (scaled(width), scaled(height))
}

fn resized(pixels: &[u8], from: (u32, u32), to: (u32, u32), pixel_type: PixelType) -> Option<Vec<u8>> {
    let source = ImageRef::new(from.0, from.1, pixels, pixel_type).ok()?;
    let mut target = Image::new(to.0, to.1, pixel_type);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Box));
    Resizer::new().resize(&source, &mut target, &options).ok()?;
    Some(target.into_vec())
}

fn on_white(rgba: &[u8]) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
    for pixel in rgba.chunks_exact(4) {
        if let [red, green, blue, alpha] = *pixel {
            let over = |value: u8| {
                let mixed = u32::from(value) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
                u8::try_from(mixed / 255).unwrap_or(u8::MAX)
            };
            rgb.extend([over(red), over(green), over(blue)]);
        }
    }
    rgb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_kept_and_nothing_is_enlarged() {
        assert_eq!(fit(4000, 3000, 2400), (2400, 1800));
        assert_eq!(fit(640, 480, 2400), (640, 480));
        assert_eq!(fit(12_000, 1, 1000), (1000, 1));
    }

    #[test]
    fn what_is_transparent_becomes_white() {
        assert_eq!(on_white(&[10, 20, 30, 0, 10, 20, 30, 255]), vec![255, 255, 255, 10, 20, 30]);
    }
}
