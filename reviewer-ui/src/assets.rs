//! Files the browser may keep for ever, because their address changes with their content; all held in memory, none read per request.

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use leptos::config::LeptosOptions;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

const CSS: &[u8] = include_bytes!("../style/console.css");
const MARK: &[u8] = include_bytes!("../style/mark.svg");
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Bytes of one bundled file; a larger one is not ours.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What the bundle tool wrote beside the files.
#[derive(Debug, Clone, Deserialize)]
struct Manifest {
    /// Directory of this content, named by its hash.
    directory: String,
    /// Name of the module without `.js` or `_bg.wasm`.
    name: String,
    files: HashMap<String, serde_json::Value>,
}

#[derive(Debug, thiserror::Error)]
pub enum AssetsError {
    #[error("the bundle's manifest cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    #[error("the bundle's manifest is not understood: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("the bundle's manifest names a path outside its directory")]
    Escapes,
    #[error("{0} in the bundle is larger than {FILE_BYTES_MAX} bytes")]
    TooLarge(String),
}

#[derive(Clone)]
pub struct Assets(Arc<Inner>);

struct Inner {
    css_directory: String,
    islands: Option<LeptosOptions>,
    /// By path below `/`, in each encoding.
    files: HashMap<String, Encoded>,
}

#[derive(Default)]
struct Encoded {
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

impl Default for Assets {
    fn default() -> Self {
        Assets::without_islands()
    }
}

impl Assets {
    /// The style sheet and the mark; every page works, nothing on it is live.
    pub fn without_islands() -> Assets {
        let css_directory = format!("assets/{}", short_hash(&[CSS, MARK]));
        let mut files = HashMap::new();
        for (name, content) in [("console.css", CSS), ("mark.svg", MARK)] {
            let encoded = Encoded { plain: Bytes::from_static(content), gzip: gzipped(content), brotli: None };
            files.insert(format!("{css_directory}/{name}"), encoded);
        }
        Assets(Arc::new(Inner { css_directory, islands: None, files }))
    }

    /// Also the browser build found below `site/pkg`; `Ok` without islands when there is none.
    ///
    /// # Errors
    /// [`AssetsError`] when a manifest exists but cannot be used: half a bundle is worse than none.
    pub fn load(site: Option<&Path>) -> Result<Assets, AssetsError> {
        let Some(pkg) = site.map(|site| site.join("pkg")).filter(|pkg| pkg.join("manifest.json").is_file()) else {
            return Ok(Assets::without_islands());
        };
        let manifest: Manifest = serde_json::from_slice(&std::fs::read(pkg.join("manifest.json"))?)?;
        let base = Assets::without_islands();
        let mut files = HashMap::new();
        for name in manifest.files.keys() {
            let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['/', '\\']);
            if !is_plain(&manifest.directory) || !name.split('/').all(is_plain) {
                return Err(AssetsError::Escapes);
            }
            let path = pkg.join(&manifest.directory).join(name);
            files.insert(format!("pkg/{}/{name}", manifest.directory), read_encoded(&path, name)?);
        }
        let options = LeptosOptions::builder()
            .output_name(manifest.name.as_str())
            .site_pkg_dir(format!("pkg/{}", manifest.directory))
            .build();
        let css_directory = base.0.css_directory.clone();
        files.extend(Arc::into_inner(base.0).map(|inner| inner.files).unwrap_or_default());
        Ok(Assets(Arc::new(Inner { css_directory, islands: Some(options), files })))
    }

    pub fn islands(&self) -> Option<LeptosOptions> {
        self.0.islands.clone()
    }

    pub fn css_href(&self) -> String {
        format!("/{}/console.css", self.0.css_directory)
    }

    pub fn mark_href(&self) -> String {
        format!("/{}/mark.svg", self.0.css_directory)
    }

    fn find(&self, path: &str, accepts: &HeaderMap) -> Option<(Bytes, Option<&'static str>)> {
        let file = self.0.files.get(path)?;
        let accepted = accepts.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let takes = |coding: &str| accepted.split(',').any(|item| item.trim().split(';').next() == Some(coding));
        match (&file.brotli, &file.gzip) {
            (Some(brotli), _) if takes("br") => Some((brotli.clone(), Some("br"))),
            (_, Some(gzip)) if takes("gzip") => Some((gzip.clone(), Some("gzip"))),
            _ => Some((file.plain.clone(), None)),
        }
    }
}

/// Answers `/assets/..` and `/pkg/..`; an address of another build is gone, not guessed.
pub async fn serve(req: HttpRequest, assets: web::Data<Assets>) -> HttpResponse {
    let path = req.path().trim_start_matches('/');
    let Some((bytes, encoding)) = assets.find(path, req.headers()) else {
        return HttpResponse::NotFound().finish();
    };
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static(content_type(path))));
    response.insert_header((CACHE_CONTROL, HeaderValue::from_static(FOR_EVER)));
    response.insert_header((VARY, HeaderValue::from_static("accept-encoding")));
    if let Some(coding) = encoding {
        response.insert_header((CONTENT_ENCODING, HeaderValue::from_static(coding)));
    }
    response.body(bytes)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

fn read_encoded(path: &Path, name: &str) -> Result<Encoded, AssetsError> {
    let read = |suffix: &str| -> Result<Option<Bytes>, AssetsError> {
        let mut whole = path.as_os_str().to_owned();
        whole.push(suffix);
        match std::fs::metadata(&whole) {
            Err(_) if !suffix.is_empty() => Ok(None),
            Err(error) => Err(error.into()),
            Ok(found) if found.len() > FILE_BYTES_MAX => Err(AssetsError::TooLarge(name.to_owned())),
            Ok(_) => Ok(Some(Bytes::from(std::fs::read(&whole)?))),
        }
    };
    Ok(Encoded { plain: read("")?.unwrap_or_default(), gzip: read(".gz")?, brotli: read(".br")? })
}

fn gzipped(content: &[u8]) -> Option<Bytes> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn short_hash(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(manifest: &str) -> tempfile::TempDir {
        let site = tempfile::tempdir().unwrap();
        let directory = site.path().join("pkg/abc123");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(site.path().join("pkg/manifest.json"), manifest).unwrap();
        for name in ["console.js", "console.js.gz", "console_bg.wasm", "console_bg.wasm.br"] {
            std::fs::write(directory.join(name), name).unwrap();
        }
        site
    }

    fn accepting(codings: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_str(codings).unwrap());
        headers
    }

    #[test]
    fn without_a_bundle_pages_still_have_their_style_and_no_islands() {
        let nowhere = tempfile::tempdir().unwrap();
        let assets = Assets::load(Some(nowhere.path())).unwrap();
        assert!(assets.islands().is_none());
        assert!(assets.find(assets.css_href().trim_start_matches('/'), &HeaderMap::new()).is_some());
    }

    #[test]
    fn a_bundle_is_served_in_the_best_encoding_the_browser_takes() {
        let site = bundle(r#"{"directory":"abc123","name":"console","files":{"console.js":{},"console_bg.wasm":{}}}"#);
        let assets = Assets::load(Some(site.path())).unwrap();
        assert_eq!(assets.islands().unwrap().site_pkg_dir.as_ref(), "pkg/abc123");
        let coding = |path: &str, accepts: &str| assets.find(path, &accepting(accepts)).unwrap().1;
        assert_eq!(coding("pkg/abc123/console_bg.wasm", "gzip, br"), Some("br"));
        assert_eq!(coding("pkg/abc123/console.js", "gzip, br"), Some("gzip"));
        assert_eq!(coding("pkg/abc123/console.js", "identity"), None);
        assert!(assets.find("pkg/older/console.js", &HeaderMap::new()).is_none());
    }

    #[test]
    fn a_manifest_that_points_outside_is_refused() {
        for manifest in [
            r#"{"directory":"..","name":"console","files":{"console.js":{}}}"#,
            r#"{"directory":"abc123","name":"console","files":{"../manifest.json":{}}}"#,
        ] {
            let site = bundle(manifest);
            assert!(matches!(Assets::load(Some(site.path())), Err(AssetsError::Escapes)), "{manifest}");
        }
        assert!(Assets::load(Some(bundle("{").path())).is_err());
    }
}
