//! From bytes to pixels within limits: the type is decided by content, and a file that ends early is not accepted as half a picture.

use domain::evidence::MediaType;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use libheif_rs::LibHeif;
use std::io::Cursor;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

const SIDE_MAX: u32 = 12_000;
const PIXELS_MAX: u64 = 60_000_000;
/// The decoded picture in memory: enough for 60 million pixels of three bytes.
const DECODED_BYTES_MAX: u64 = 192 << 20;
/// Progressive JPEG keeps coefficients of every scan; more scans than this are an attack, not a camera.
const JPEG_SCANS_MAX: usize = 64;

/// A JPEG cut by more than this share of its rows is not worth a person's time: the patient still has the whole picture.
const MISSING_SHARE_MAX: f64 = 0.1;
/// What the lenient decoder paints missing rows with.
const PAINTED_GREY: u8 = 128;

const ENDS_EARLY: &str = "the file ends before its picture data does";

/// A decoded picture as it lies in the file, not turned yet.
#[derive(Debug)]
pub(super) struct Picture {
    pub pixels: Vec<u8>,
    /// Three bytes a pixel, or four with alpha.
    pub has_alpha: bool,
    pub width: u32,
    pub height: u32,
    pub orientation: Orientation,
}

/// Why there are no pixels, as a clause for the finding's note.
#[derive(Debug)]
pub(super) enum Refused {
    Undecodable(String),
    NotAssessed(String),
}

impl Picture {
    /// Width and height as a person sees it.
    pub(super) fn upright_size(&self) -> (u32, u32) {
        match self.orientation {
            Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH => (self.height, self.width),
            _ => (self.width, self.height),
        }
    }
}

pub(super) fn decode(heif: &LibHeif, bytes: &[u8]) -> Result<Picture, Refused> {
    match MediaType::sniff(bytes) {
        Some(MediaType::Jpeg) => jpeg(bytes),
        Some(MediaType::Png) => other(bytes, ImageFormat::Png),
        Some(MediaType::Webp) => other(bytes, ImageFormat::WebP),
        Some(MediaType::Heic) => super::heic::decode(heif, bytes),
        _ => Err(Refused::Undecodable("it is not a picture of a kind we can read".to_owned())),
    }
}

pub(super) fn check_size(width: u64, height: u64) -> Result<(), Refused> {
    let side_max = u64::from(SIDE_MAX);
    if width > side_max || height > side_max || width.saturating_mul(height) > PIXELS_MAX {
        return Err(Refused::Undecodable(format!(
            "it says it is {width} × {height} pixels, more than any camera makes"
        )));
    }
    Ok(())
}

/// Strict first, because the lenient decoder paints the missing rest of a cut file grey. A cut that left nearly everything is
/// forgiven, as are other oddities: people can judge such a picture.
fn jpeg(bytes: &[u8]) -> Result<Picture, Refused> {
    let cut = match jpeg_with(bytes, true) {
        Ok(picture) => return Ok(picture),
        Err(Failed::Refused(refused)) => return Err(refused),
        Err(Failed::Decoder(error)) => ends_early(&error),
    };
    match jpeg_with(bytes, false) {
        Ok(picture) if cut && missing_share(&picture) > MISSING_SHARE_MAX => {
            Err(Refused::Undecodable(ENDS_EARLY.to_owned()))
        }
        Ok(picture) => Ok(picture),
        Err(Failed::Refused(refused)) => Err(refused),
        Err(Failed::Decoder(error)) if cut || ends_early(&error) => Err(Refused::Undecodable(ENDS_EARLY.to_owned())),
        Err(Failed::Decoder(_)) => Err(damaged()),
    }
}

/// The share of rows at the end of the file that the lenient decoder had nothing for and painted grey.
fn missing_share(picture: &Picture) -> f64 {
    let row_bytes = (picture.width as usize * 3).max(1);
    let rows = picture.pixels.rchunks_exact(row_bytes);
    let painted = rows.take_while(|row| row.iter().all(|value| *value == PAINTED_GREY)).count();
    painted as f64 / f64::from(picture.height.max(1))
}

enum Failed {
    Decoder(DecodeErrors),
    Refused(Refused),
}

fn jpeg_with(bytes: &[u8], strict: bool) -> Result<Picture, Failed> {
    let options = DecoderOptions::default()
        .set_strict_mode(strict)
        .set_max_width(SIDE_MAX as usize)
        .set_max_height(SIDE_MAX as usize)
        .jpeg_set_max_scans(JPEG_SCANS_MAX)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(Failed::Decoder)?;
    let info = decoder.info().ok_or_else(|| Failed::Refused(damaged()))?;
    check_size(u64::from(info.width), u64::from(info.height)).map_err(Failed::Refused)?;
    let orientation =
        decoder.exif().and_then(|chunk| Orientation::from_exif_chunk(chunk)).unwrap_or(Orientation::NoTransforms);
    let pixels = decoder.decode().map_err(Failed::Decoder)?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    if pixels.len() as u64 != u64::from(width) * u64::from(height) * 3 {
        return Err(Failed::Refused(damaged()));
    }
    Ok(Picture { pixels, has_alpha: false, width, height, orientation })
}

fn ends_early(error: &DecodeErrors) -> bool {
    matches!(error, DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_))
        || matches!(error, DecodeErrors::FormatStatic(text) if text.contains("Premature end"))
}

pub(super) fn damaged() -> Refused {
    Refused::Undecodable("its picture data is damaged".to_owned())
}

fn other(bytes: &[u8], format: ImageFormat) -> Result<Picture, Refused> {
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    check_size(u64::from(width), u64::from(height))?;
    // `into_decoder` does not count the output buffer itself against the limit.
    limits.reserve(decoder.total_bytes()).map_err(refused)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(refused)?;
    let has_alpha = image.color().has_alpha();
    let pixels = match image.color() {
        ColorType::Rgb8 | ColorType::Rgba8 => image.into_bytes(),
        _ if has_alpha => image.into_rgba8().into_raw(),
        _ => image.into_rgb8().into_raw(),
    };
    Ok(Picture { pixels, has_alpha, width, height, orientation })
}

fn refused(error: image::ImageError) -> Refused {
    use std::error::Error;
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if inner.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::UnexpectedEof) {
            return Refused::Undecodable(ENDS_EARLY.to_owned());
        }
        cause = inner.source();
    }
    match error {
        image::ImageError::Limits(_) => {
            Refused::Undecodable("it would fill more memory than any camera's picture".to_owned())
        }
        image::ImageError::IoError(_) => Refused::Undecodable(ENDS_EARLY.to_owned()),
        _ => damaged(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma, RgbImage};

    fn jpeg_bytes() -> Vec<u8> {
        let image = RgbImage::from_fn(640, 480, |x, y| {
            let mixed = x.wrapping_mul(7919) ^ y.wrapping_mul(104_729);
            image::Rgb([(mixed % 200) as u8, (mixed / 3 % 200) as u8, (y % 200) as u8])
        });
        super::super::copies::jpeg(&image, 90).unwrap()
    }

    #[test]
    fn half_a_jpeg_is_refused_and_nearly_all_of_one_is_not() {
        let whole = jpeg_bytes();
        assert!(decode(&LibHeif::new(), &whole).is_ok());
        for share in [30, 50, 80] {
            let refused = decode(&LibHeif::new(), &whole[..whole.len() * share / 100]);
            assert!(matches!(refused, Err(Refused::Undecodable(why)) if why == ENDS_EARLY), "{share} %");
        }
        assert!(decode(&LibHeif::new(), &whole[..whole.len() * 98 / 100]).is_ok());
        assert!(decode(&LibHeif::new(), &whole[..whole.len() - 2]).is_ok(), "only the end marker is missing");
    }

    #[test]
    fn other_kinds_of_pixels_become_three_or_four_bytes() {
        let grey = DynamicImage::ImageLuma8(GrayImage::from_pixel(60, 40, Luma([90])));
        let deep = DynamicImage::ImageRgba16(image::ImageBuffer::from_pixel(60, 40, image::Rgba([9_000; 4])));
        for (image, format, has_alpha) in
            [(&grey, ImageFormat::Png, false), (&grey, ImageFormat::Jpeg, false), (&deep, ImageFormat::Png, true)]
        {
            let mut bytes = Cursor::new(Vec::new());
            image.write_to(&mut bytes, format).unwrap();
            let picture = decode(&LibHeif::new(), bytes.get_ref()).unwrap();
            let depth = if has_alpha { 4 } else { 3 };
            assert_eq!((picture.has_alpha, picture.pixels.len()), (has_alpha, 60 * 40 * depth));
        }
    }

    #[test]
    fn what_is_no_picture_is_said_so() {
        for bytes in [b"<html>".as_slice(), b"", b"\0\0\0\x18ftypmp42"] {
            assert!(matches!(decode(&LibHeif::new(), bytes), Err(Refused::Undecodable(_))));
        }
        assert!(matches!(decode(&LibHeif::new(), b"\0\0\0\x18ftypheic"), Err(Refused::Undecodable(_))));
    }
}
