//! Parts may be numbered with gaps, as in S3: s3s-fs would refuse them and lose the upload, so they are closed up first.

use std::{fs, io, path::PathBuf};

use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, access::S3Access, dto::CompleteMultipartUploadInput};

/// Sees every request after its signature was checked and before it is carried out.
pub(crate) struct ClosesGaps {
    pub root: PathBuf,
}

#[async_trait::async_trait]
impl S3Access for ClosesGaps {
    async fn complete_multipart_upload(&self, request: &mut S3Request<CompleteMultipartUploadInput>) -> S3Result<()> {
        let input = &mut request.input;
        let Some(parts) = input.multipart_upload.as_mut().and_then(|list| list.parts.as_mut()) else {
            return Ok(());
        };
        let numbers: Vec<i32> = parts.iter().filter_map(|part| part.part_number).collect();
        if numbers.len() != parts.len() || !numbers.is_sorted_by(|one, next| one < next) {
            return Err(S3Error::new(S3ErrorCode::InvalidPartOrder));
        }
        self.close_up(&input.upload_id, &numbers).map_err(S3Error::internal_error)?;
        for (part, number) in parts.iter_mut().zip(1..) {
            part.part_number = Some(number);
        }
        Ok(())
    }
}

impl ClosesGaps {
    /// Renames the listed parts to 1, 2, 3 …; what is not listed goes, as it does in S3.
    fn close_up(&self, upload_id: &str, listed: &[i32]) -> io::Result<()> {
        // It becomes part of a path; what is no upload id, s3s-fs refuses.
        if !upload_id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
            return Ok(());
        }
        let prefix = format!(".upload_id-{upload_id}.part-");
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name();
            let number =
                name.to_str().and_then(|name| name.strip_prefix(&prefix)).and_then(|number| number.parse().ok());
            if number.is_some_and(|number: i32| !listed.contains(&number)) {
                fs::remove_file(entry.path())?;
            }
        }
        for (number, place) in listed.iter().zip(1..) {
            // Numbers rise and start at 1 or later, so no part is renamed onto one that is still to be moved.
            if *number != place {
                let part = |number: i32| self.root.join(format!("{prefix}{number}"));
                match fs::rename(part(*number), part(place)) {
                    // s3s-fs says which part is missing.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    renamed => renamed?,
                }
            }
        }
        Ok(())
    }
}
