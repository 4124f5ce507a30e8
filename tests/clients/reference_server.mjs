// The reference tus server, with the limits of ours, to compare with. It asks for no key and reads no metadata.
// First line on stdout: {"url": where uploads are created}.

import { endWithParent } from "./packages.mjs";

import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";

const SIZE_BYTES_MAX = 100_000_000;
const EXPIRY_MS = 24 * 3600 * 1000;
const PART_BYTES = 5 * 1024 * 1024;

const text = { type: "string" };
const { values } = parseArgs({
  options: {
    directory: text,
    "s3-endpoint": text,
    bucket: { ...text, default: "reference" },
    "access-key": { ...text, default: "reference" },
    "secret-key": { ...text, default: "reference" },
    region: { ...text, default: "eu-west-2" },
    port: { ...text, default: "0" },
  },
});
if (!values.directory === !values["s3-endpoint"]) {
  process.stderr.write("either --directory or --s3-endpoint (--bucket --access-key --secret-key) is needed\n");
  process.exit(2);
}

const { Server } = await import("@tus/server");
const server = new Server({
  path: "/files",
  relativeLocation: true,
  maxSize: SIZE_BYTES_MAX,
  datastore: values.directory ? await fileStore() : await s3Store(),
});
const listener = server.listen({ host: "127.0.0.1", port: Number(values.port) }, () => {
  const url = `http://127.0.0.1:${listener.address().port}/files`;
  process.stdout.write(`${JSON.stringify({ url })}\n`);
});
endWithParent();

async function fileStore() {
  const { FileStore } = await import("@tus/file-store");
  mkdirSync(values.directory, { recursive: true });
  return new FileStore({ directory: values.directory, expirationPeriodInMilliseconds: EXPIRY_MS });
}

/// Without tags, which the embedded store does not have; the store then does not tell when uploads expire.
async function s3Store() {
  const { S3Store } = await import("@tus/s3-store");
  const { S3 } = await import("@aws-sdk/client-s3");
  const s3ClientConfig = {
    bucket: values.bucket,
    region: values.region,
    endpoint: values["s3-endpoint"],
    forcePathStyle: true,
    credentials: { accessKeyId: values["access-key"], secretAccessKey: values["secret-key"] },
  };
  const { bucket, ...client } = s3ClientConfig;
  try {
    await new S3(client).createBucket({ Bucket: bucket });
  } catch (error) {
    // A bucket that is there already is the usual case.
    if (!/^BucketAlready/.test(error.name)) throw error;
  }
  return new S3Store({
    partSize: PART_BYTES,
    useTags: false,
    expirationPeriodInMilliseconds: EXPIRY_MS,
    s3ClientConfig,
  });
}
