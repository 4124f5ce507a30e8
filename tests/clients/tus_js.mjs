// Uploads through tus-js-client, as an app on node would.

import "./packages.mjs";
import { sha256 } from "./content.mjs";
import { report, task } from "./task.mjs";

const tus = await import("tus-js-client");
const wanted = task();
const requests = [];
let current = null;
let upload = null;

const outcome = await new Promise((resolve) => {
  const giveUp = setTimeout(() => {
    upload.abort();
    resolve({ state: "failed", error: { message: `not done after ${wanted.seconds} s`, status: null } });
  }, wanted.seconds * 1000);
  const done = (result) => {
    clearTimeout(giveUp);
    resolve(result);
  };
  upload = new tus.Upload(wanted.bytes, {
    endpoint: wanted.endpoint,
    uploadUrl: wanted.uploadUrl,
    chunkSize: wanted.chunkBytes,
    uploadDataDuringCreation: wanted.withCreation,
    headers: wanted.headers,
    metadata: { ...wanted.metadata, filename: wanted.filename, filetype: wanted.filetype },
    retryDelays: wanted.retryDelays,
    onBeforeRequest: note,
    onAfterResponse(request, response) {
      current.status = response.getStatus();
      current.upload_offset = numberOf(response.getHeader("Upload-Offset"));
    },
    async onChunkComplete(chunk, acknowledged) {
      if (acknowledged < wanted.stopAfter || acknowledged === wanted.bytes.length) return;
      await upload.abort();
      done({ state: "stopped" });
    },
    onSuccess: () => done({ state: "finished" }),
    onError: (error) => done({ state: "failed", error: told(error) }),
  });
  upload.start();
});

const bytesSent = requests.reduce((sum, request) => sum + request.bytes_sent, 0);
report("tus-js-client", wanted, { ...outcome, url: upload.url, bytesSent, requests });

function note(request) {
  const offset = numberOf(request.getHeader("Upload-Offset"));
  const method = request.getMethod();
  const from = method === "PATCH" ? offset : method === "POST" && wanted.withCreation ? 0 : wanted.bytes.length;
  const chunk = wanted.bytes.subarray(from, from + wanted.chunkBytes);
  current = { method, status: null, offset, upload_offset: null, bytes_sent: chunk.length };
  requests.push(current);
  if (wanted.checksums && method === "PATCH") {
    request.setHeader("Upload-Checksum", `sha256 ${sha256(chunk, "base64")}`);
  }
}

function numberOf(header) {
  return header == null || header === "" ? null : Number(header);
}

function told(error) {
  const response = error.originalResponse;
  return {
    message: String(error.causingError?.message ?? error.message).split("\n")[0],
    status: response ? response.getStatus() : null,
    body: response ? response.getBody() : null,
  };
}
