"""Uploads through tuspy, as an app in Python would; the same options and the same answer as tus_js.mjs."""

import argparse
import hashlib
import io
import json
import signal
import sys

import requests
from tusclient import client, exceptions, uploader

CHUNK_BYTES = 5 * 1024 * 1024
RETRIES_MAX = 12
RETRY_DELAY_SECONDS = 0.2
SECONDS_MAX = 300
JPEG_HEAD = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")


def content(size, seed, container):
    """The same bytes as content.mjs makes."""
    head = mp4_head(size) if container == "mp4" else JPEG_HEAD
    noise = hashlib.shake_128(seed.encode()).digest(max(0, size - len(head)))
    return (head + noise)[:size]


def mp4_head(size):
    brands = b"\0\0\0\x18ftypisom\0\0\x02\0isommp42"
    return brands + max(8, size - len(brands)).to_bytes(4, "big") + b"mdat"


class Sha256Uploader(uploader.Uploader):
    """tuspy's own choice is SHA-1."""

    CHECKSUM_ALGORITHM_PAIR = ("sha256", hashlib.sha256)


class Log:
    """Every request that tuspy sends, noted where its HTTP library hands it to the network."""

    def __init__(self):
        self.requests = []
        self.send = requests.adapters.HTTPAdapter.send
        log = self
        requests.adapters.HTTPAdapter.send = lambda adapter, request, **kw: log.noted(adapter, request, kw)

    def noted(self, adapter, request, keywords):
        entry = {
            "method": request.method,
            "status": None,
            "offset": number(request.headers.get("upload-offset")),
            "upload_offset": None,
            "bytes_sent": len(request.body or b""),
        }
        self.requests.append(entry)
        response = self.send(adapter, request, **keywords)
        entry["status"] = response.status_code
        entry["upload_offset"] = number(response.headers.get("upload-offset"))
        return response


def number(header):
    return None if header is None else int(header)


def arguments():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--endpoint")
    parser.add_argument("--upload-url")
    parser.add_argument("--key")
    parser.add_argument("--kind")
    parser.add_argument("--container", choices=["jpeg", "mp4"], default="jpeg")
    parser.add_argument("--size", type=int)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--file")
    parser.add_argument("--chunk", type=int, default=CHUNK_BYTES)
    parser.add_argument("--sha256", choices=["yes", "no", "wrong"], default="yes")
    parser.add_argument("--checksums", action="store_true")
    parser.add_argument("--filename")
    parser.add_argument("--stop-after", type=int)
    parser.add_argument("--retries", type=int, default=RETRIES_MAX)
    parser.add_argument("--seconds", type=int, default=SECONDS_MAX)
    given = parser.parse_args()
    if not given.endpoint and not given.upload_url:
        parser.error("--endpoint or --upload-url is missing")
    if given.size is None and not given.file:
        parser.error("--size or --file is missing")
    return given


def metadata(given, digest):
    fields = {"kind": given.kind or ("face_video" if given.container == "mp4" else "id_photo_front")}
    if given.sha256 == "yes":
        fields["sha256"] = digest
    elif given.sha256 == "wrong":
        fields["sha256"] = hashlib.sha256(digest.encode()).hexdigest()
    fields["filename"] = given.filename or f"specimen.{given.container}"
    return fields


def create(tus, retries):
    """tuspy tries again with chunks but not with the creation, which is left to the app."""
    for attempt in range(retries + 1):
        try:
            tus.set_url(tus.create_url())
            return
        except exceptions.TusCommunicationError as error:
            if error.status_code is not None or attempt == retries:
                raise


def give_up(signum, frame):
    raise exceptions.TusCommunicationError("not done in time")


def upload(tus, stop_after, retries):
    """Gives the state that was reached."""
    if not tus.url:
        create(tus, retries)
    if stop_after is None or stop_after >= tus.get_file_size():
        tus.upload()
        return "finished"
    while tus.offset < stop_after:
        tus.stop_at = tus.get_file_size()
        tus.upload_chunk()
    return "stopped"


def main():
    given = arguments()
    if given.file:
        with open(given.file, "rb") as file:
            data = file.read()
    else:
        data = content(given.size, given.seed, given.container)
    digest = hashlib.sha256(data).hexdigest()
    log = Log()
    headers = {"Authorization": f"Bearer {given.key}"} if given.key else {}
    tus, error = None, None
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(given.seconds)
    try:
        tus = Sha256Uploader(
            file_stream=io.BytesIO(data),
            client=client.TusClient(given.endpoint or given.upload_url, headers=headers),
            url=given.upload_url,
            chunk_size=given.chunk or max(1, len(data)),
            metadata=metadata(given, digest),
            retries=given.retries,
            retry_delay=RETRY_DELAY_SECONDS,
            upload_checksum=given.checksums,
        )
        state = upload(tus, given.stop_after, given.retries)
    except (exceptions.TusCommunicationError, exceptions.TusUploadFailed) as failure:
        state = "failed"
        body = failure.response_content
        error = {
            "message": str(failure).split("\n")[0],
            "status": failure.status_code,
            "body": body.decode(errors="replace") if isinstance(body, bytes) else None,
        }
    answer = {
        "client": "tuspy",
        "state": state,
        "url": tus.url if tus else given.upload_url,
        "size": len(data),
        "sha256": digest,
        "bytes_sent": sum(entry["bytes_sent"] for entry in log.requests),
        "requests": log.requests,
        "error": error,
    }
    print(json.dumps(answer, separators=(",", ":")))
    return 1 if state == "failed" else 0


sys.exit(main())
