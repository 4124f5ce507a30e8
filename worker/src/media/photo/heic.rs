//! HEIC, what phones make by default: decoded by libheif on this thread alone, its own turns and mirrors applied.

use super::decode::{Picture, Refused, check_size, damaged};
use image::metadata::Orientation;
use libc::{c_int, c_void};
use libheif_rs::{ColorSpace, HeifContext, LibHeif, RgbChroma};

const BYTES_A_PIXEL: usize = 3;

/// The primary picture of a HEIC file. Sizes are judged by what the file says before a pixel is decoded; a file that says less than
/// it holds meets the limits of the process.
pub(super) fn decode(decoder: &LibHeif, bytes: &[u8]) -> Result<Picture, Refused> {
    let mut context = HeifContext::read_from_bytes(bytes).map_err(|_| damaged())?;
    // Tiles are decoded here: a thread of its own may not be had after the limits are set.
    context.set_max_decoding_threads(0);
    let handle = context.primary_image_handle().map_err(|_| damaged())?;
    check_size(u64::from(handle.width()), u64::from(handle.height()))?;
    // No options are given: this version of the binding frees them before the decoder reads them.
    let image = decoder.decode(&handle, ColorSpace::Rgb(RgbChroma::Rgb), None).map_err(|_| damaged())?;
    let (width, height) = (image.width(), image.height());
    check_size(u64::from(width), u64::from(height))?;
    let plane = image.planes().interleaved.ok_or_else(damaged)?;
    if plane.bits_per_pixel != 8 && plane.bits_per_pixel != 24 {
        return Err(Refused::NotAssessed("its colours are deeper than is read here".to_owned()));
    }
    let row_bytes = width as usize * BYTES_A_PIXEL;
    let mut pixels = Vec::with_capacity(row_bytes * height as usize);
    for row in plane.data.chunks(plane.stride.max(1)).take(height as usize) {
        pixels.extend_from_slice(row.get(..row_bytes).ok_or_else(damaged)?);
    }
    if pixels.len() != row_bytes * height as usize {
        return Err(damaged());
    }
    // libheif has turned it already; an EXIF orientation beside that is to be ignored (ISO/IEC 23008-12).
    Ok(Picture { pixels, has_alpha: false, width, height, orientation: Orientation::NoTransforms })
}

/// Stands in for libde265's function of this name, which libheif calls for every picture and every tile of one: with threads refused
/// it would wait for them for ever, and without any it decodes on the thread that asks. 0 is its "fine".
///
/// The linker gives a program's own symbols precedence over those of the libraries it loads.
#[unsafe(no_mangle)]
pub extern "C" fn de265_start_worker_threads(_decoder: *mut c_void, _threads: c_int) -> c_int {
    0
}
