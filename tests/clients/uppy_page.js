// Runs in the browser: uploads what the page's server has, through Uppy, and tells it how that went.

import Uppy from "@uppy/core";
import Tus from "@uppy/tus";

// A machine whose only network is itself counts as offline, and Uppy would wait for ever after the first cut.
Object.defineProperty(navigator, "onLine", { get: () => true });

const told = await run().catch((error) => ({ state: "failed", error: { message: String(error), status: null } }));
await fetch("/page/result", { method: "POST", body: JSON.stringify(told) });

async function run() {
  const wanted = await (await fetch("/page/task")).json();
  const data = await (await fetch("/page/content")).blob();
  const uppy = new Uppy({ autoProceed: false });
  uppy.use(Tus, {
    endpoint: wanted.endpoint,
    headers: wanted.headers,
    chunkSize: wanted.chunkBytes ?? Infinity,
    uploadDataDuringCreation: wanted.withCreation,
    retryDelays: wanted.retryDelays,
    removeFingerprintOnSuccess: true,
    onBeforeRequest: (request) => wanted.checksums && addChecksum(request, data, wanted.chunkBytes ?? Infinity),
  });
  const id = uppy.addFile({ name: wanted.filename, type: wanted.filetype, data, meta: wanted.metadata });
  if (wanted.uploadUrl) uppy.setFileState(id, { tus: { uploadUrl: wanted.uploadUrl } });
  const url = () => uppy.getFile(id)?.tus?.uploadUrl ?? uppy.getFile(id)?.uploadURL ?? null;

  let response = null;
  uppy.on("upload-error", (file, error, answer) => {
    response = answer ?? null;
  });
  const stopped = new Promise((resolve) => {
    uppy.on("upload-progress", (file, { bytesUploaded }) => {
      if (bytesUploaded < (wanted.stopAfter ?? Infinity) || bytesUploaded === wanted.size) return;
      uppy.pauseAll();
      resolve({ state: "stopped", url: url() });
    });
  });
  const finished = uppy.upload().then(({ failed }) => {
    if (!failed.length) return { state: "finished", url: url() };
    const body = response?.body?.xhr?.responseText ?? null;
    return { state: "failed", url: url(), error: { message: failed[0].error, status: response?.status ?? null, body } };
  });
  return Promise.race([stopped, finished]);
}

async function addChecksum(request, data, chunkBytes) {
  const header = request.getHeader("Upload-Offset");
  if (header == null) return;
  const offset = Number(header);
  const chunk = await data.slice(offset, Math.min(offset + chunkBytes, data.size)).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", chunk));
  request.setHeader("Upload-Checksum", `sha256 ${btoa(String.fromCharCode(...digest))}`);
}
