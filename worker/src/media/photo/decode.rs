//! From bytes to pixels within limits: the type is decided by content, and a file that ends early is not accepted as half a picture.

use domain::evidence::MediaType;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader};
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

const ENDS_EARLY: &str = "the file ends before its picture data does";

/// A decoded picture as it lies in the file, not turned yet.
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

pub(super) fn decode(bytes: &[u8]) -> Result<Picture, Refused> {
    match MediaType::sniff(bytes) {
        Some(MediaType::Jpeg) => jpeg(bytes),
        Some(MediaType::Png) => other(bytes, ImageFormat::Png),
        Some(MediaType::Webp) => other(bytes, ImageFormat::WebP),
        Some(MediaType::Heic) => Err(Refused::NotAssessed("HEIC pictures are not read here yet".to_owned())),
        _ => Err(Refused::Undecodable("it is not a picture of a kind we can read".to_owned())),
    }
}

fn check_size(width: u64, height: u64) -> Result<(), Refused> {
    let side_max = u64::from(SIDE_MAX);
    if width > side_max || height > side_max || width.saturating_mul(height) > PIXELS_MAX {
        return Err(Refused::Undecodable(format!("it says it is {width} × {height} pixels, more than any camera makes")));
    }
    Ok(())
}

/// Strict first, because the lenient decoder paints the missing rest of a cut file grey. Oddities other than a cut are forgiven.
fn jpeg(bytes: &[u8]) -> Result<Picture, Refused> {
    match jpeg_with(bytes, true) {
        Err(Failed::Decoder(error)) if ends_early(&error) => Err(Refused::Undecodable(ENDS_EARLY.to_owned())),
        Err(Failed::Decoder(_)) => jpeg_with(bytes, false).map_err(|failed| match failed {
            Failed::Decoder(error) if ends_early(&error) => Refused::Undecodable(ENDS_EARLY.to_owned()),
            Failed::Decoder(_) => Refused::Undecodable("its picture data is damaged".to_owned()),
            Failed::Refused(refused) => refused,
        }),
        Err(Failed::Refused(refused)) => Err(refused),
        Ok(picture) => Ok(picture),
    }
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
    let orientation = decoder
        .exif()
        .and_then(|chunk| Orientation::from_exif_chunk(chunk))
        .unwrap_or(Orientation::NoTransforms);
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

fn damaged() -> Refused {
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
