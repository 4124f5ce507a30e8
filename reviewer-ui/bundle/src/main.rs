//! Turns the browser build into files a server can keep for ever: bound to JavaScript, named by their content, compressed once.

use anyhow::{Context as _, bail};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The module's name: `console.js` and `console_bg.wasm`.
const NAME: &str = "console";
const BROTLI_QUALITY: u32 = 11;
const BROTLI_WINDOW_BITS: u32 = 22;
/// What `console.md`'s budget permits for all islands, and where it warns.
const BUDGET_BROTLI_BYTES: usize = 250 * 1_000;
const ALARM_PERCENT: usize = 90;

struct Bundled {
    name: String,
    plain: usize,
    gzip: usize,
    brotli: usize,
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(wasm), Some(out), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        bail!("usage: bundle <the .wasm of the browser build> <directory to write>");
    };
    let staging = out.join(".staging");
    clear(&staging)?;
    bind(&wasm, &staging)?;
    let files = files_below(&staging)?;
    let directory = content_name(&staging, &files)?;
    let bundled = files.iter().map(|name| compress(&staging, name)).collect::<anyhow::Result<Vec<_>>>()?;
    let target = out.join(&directory);
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    fs::rename(&staging, &target).context("the bundle could not be put in place")?;
    write_manifest(&out, &directory, &bundled)?;
    forget_older(&out, &directory)?;
    report(&bundled);
    Ok(())
}

fn bind(wasm: &Path, out: &Path) -> anyhow::Result<()> {
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name(NAME)
        .generate(out)
        .context("wasm-bindgen refused the module")
}

/// Relative names, sorted, so that the content's name does not depend on the file system's order.
fn files_below(base: &Path) -> anyhow::Result<Vec<String>> {
    let (mut found, mut open) = (Vec::new(), vec![base.to_path_buf()]);
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(base)?.to_str().context("a file name is not UTF-8")?.to_owned();
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn content_name(base: &Path, files: &[String]) -> anyhow::Result<String> {
    let mut hasher = Sha256::new();
    for name in files {
        let content = fs::read(base.join(name))?;
        hasher.update(name.as_bytes());
        hasher.update(content.len().to_be_bytes());
        hasher.update(&content);
    }
    Ok(hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect())
}

fn compress(base: &Path, name: &str) -> anyhow::Result<Bundled> {
    let content = fs::read(base.join(name))?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&content)?;
    let gzip = gzip.finish()?;
    let mut brotli = Vec::new();
    brotli::CompressorWriter::new(&mut brotli, 64 * 1024, BROTLI_QUALITY, BROTLI_WINDOW_BITS).write_all(&content)?;
    fs::write(base.join(format!("{name}.gz")), &gzip)?;
    fs::write(base.join(format!("{name}.br")), &brotli)?;
    Ok(Bundled { name: name.to_owned(), plain: content.len(), gzip: gzip.len(), brotli: brotli.len() })
}

fn write_manifest(out: &Path, directory: &str, bundled: &[Bundled]) -> anyhow::Result<()> {
    let files: serde_json::Map<_, _> = bundled
        .iter()
        .map(|file| {
            (file.name.clone(), serde_json::json!({"bytes": file.plain, "gzip": file.gzip, "brotli": file.brotli}))
        })
        .collect();
    let manifest = serde_json::json!({"directory": directory, "name": NAME, "files": files});
    fs::write(out.join("manifest.json"), serde_json::to_vec_pretty(&manifest)?)?;
    Ok(())
}

/// Keeps only what the manifest names; a running server holds its own copy in memory.
fn forget_older(out: &Path, directory: &str) -> anyhow::Result<()> {
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        let is_other_bundle = entry.file_type()?.is_dir() && entry.file_name() != directory;
        if is_other_bundle && is_content_name(&entry.file_name().to_string_lossy()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn is_content_name(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn clear(directory: &Path) -> anyhow::Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(directory)?;
    Ok(())
}

fn report(bundled: &[Bundled]) {
    for file in bundled {
        println!("{:<20} {:>9} bytes  {:>8} gzip  {:>8} brotli", file.name, file.plain, file.gzip, file.brotli);
    }
    let wasm: usize = bundled.iter().filter(|file| file.name.ends_with(".wasm")).map(|file| file.brotli).sum();
    let percent = wasm * 100 / BUDGET_BROTLI_BYTES;
    let standing = if percent >= ALARM_PERCENT { "ALARM: close to or over the budget" } else { "within the budget" };
    println!("wasm: {percent} % of {BUDGET_BROTLI_BYTES} brotli bytes, {standing}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_gets_the_same_name_and_other_content_another() {
        let base = tempfile::tempdir().unwrap();
        fs::create_dir_all(base.path().join("snippets")).unwrap();
        fs::write(base.path().join("a.js"), "1").unwrap();
        fs::write(base.path().join("snippets/b.js"), "2").unwrap();
        let files = files_below(base.path()).unwrap();
        assert_eq!(files, ["a.js", "snippets/b.js"]);
        let first = content_name(base.path(), &files).unwrap();
        assert_eq!(first, content_name(base.path(), &files).unwrap());
        fs::write(base.path().join("a.js"), "3").unwrap();
        assert_ne!(first, content_name(base.path(), &files).unwrap());
        assert!(is_content_name(&first));
    }

    #[test]
    fn only_other_bundles_are_forgotten() {
        let out = tempfile::tempdir().unwrap();
        for name in ["0123456789ab", "ba9876543210", "kept"] {
            fs::create_dir_all(out.path().join(name)).unwrap();
        }
        forget_older(out.path(), "ba9876543210").unwrap();
        assert!(!out.path().join("0123456789ab").exists());
        assert!(out.path().join("ba9876543210").exists() && out.path().join("kept").exists());
    }

    #[test]
    fn each_file_is_written_in_both_encodings() {
        let base = tempfile::tempdir().unwrap();
        fs::write(base.path().join("a.js"), "proof".repeat(1_000)).unwrap();
        let bundled = compress(base.path(), "a.js").unwrap();
        assert!(bundled.brotli < bundled.plain && bundled.gzip < bundled.plain);
        assert!(base.path().join("a.js.br").exists() && base.path().join("a.js.gz").exists());
    }
}
