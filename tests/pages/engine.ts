/**
 * The client's façade, driven by the benchmark: what the screens do, without screens, so that the
 * time taken is that of the engine. `globalThis.engine` is what the driver calls.
 */
import { createClient, createServiceWorkerLink, trustedScript } from '#lib/client/index.ts';
import type { Client, Entry, Transfer, UploadItem } from '#lib/client/index.ts';
import { Bat, chunkLabelAt, randomMapKey, startCrypto, systemRandom } from '#lib/crypto/index.ts';

const CHUNK_BYTES = 5 * 1024 * 1024;
const GIB = 2 ** 30;

/** Numbers are milliseconds unless they say otherwise. */
export interface EngineDriver {
  signUp(username: string, password: string): Promise<number>;
  /** Stores what the page's file input holds, in the home folder. */
  uploadPicked(): Promise<number>;
  /** Stores `count` files of `sizeBytes` in a new folder. */
  uploadMany(folder: string, count: number, sizeBytes: number): Promise<number>;
  /** Reads a file back and compares it, piece by piece, with the one in the file input. */
  downloadAndCompare(name: string): Promise<number>;
  /** Label of the last chunk of a file of this size from its first, without I/O. */
  locateLastChunk(sizeGib: number): Promise<number>;
}

declare global {
  var engine: EngineDriver;
}

const siteUrl = new URL('/', location.href).href;
const serviceWorker = createServiceWorkerLink({
  siteUrl,
  scriptUrl: trustedScript(new URL('service-worker.js', siteUrl)),
});
const client = createClient({ serviceWorker });

globalThis.engine = {
  signUp: (username, password) =>
    timed(() => client.signUp({ username, password, staySignedIn: false })),
  async uploadPicked() {
    const file = pickedFile();
    const { entry } = await client.openFolder([]);
    return timed(() => uploaded(client, entry, [{ path: [file.name], file }]));
  },
  async uploadMany(folder, count, sizeBytes) {
    const home = await client.openFolder([]);
    const entry = await client.makeFolder(home.entry.id, folder);
    const items = Array.from({ length: count }, (_, index) => itemOf(index, sizeBytes));
    return timed(() => uploaded(client, entry, items));
  },
  async downloadAndCompare(name) {
    const expected = await digestsOf(pickedFile());
    const { entry } = await client.find([name]);
    return timed(async () => {
      const { url, via, release } = await client.streamUrl(entry.id);
      if (via !== 'service-worker') throw new Error('No service worker answers.');
      const found = await digestsOfStream(await bodyOf(url));
      release();
      if (found.join() !== expected.join()) throw new Error('The bytes are not the same.');
    });
  },
  async locateLastChunk(sizeGib) {
    await startCrypto();
    const [label, bat] = [randomMapKey(systemRandom), Bat.random(systemRandom)];
    const last = (sizeGib * GIB) / CHUNK_BYTES - 1;
    const start = performance.now();
    chunkLabelAt(systemRandom(32), label, bat, last);
    return performance.now() - start;
  },
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Starts an upload and waits for its end. */
async function uploaded(to: Client, folder: Entry, items: readonly UploadItem[]): Promise<void> {
  const id = await to.upload(folder.id, items);
  await new Promise<void>((resolve, reject) => {
    const stop = to.subscribe((event) => {
      if (event.kind !== 'transfers') return;
      const transfer = event.transfers.find((it) => it.id === id);
      if (transfer === undefined || !isOver(transfer)) return;
      stop();
      if (transfer.state === 'done') resolve();
      else reject(new Error(transfer.error?.message ?? transfer.state));
    });
  });
}

function isOver({ state }: Transfer): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

function pickedFile(): File {
  const [file] = document.querySelector<HTMLInputElement>('#files')?.files ?? [];
  if (file === undefined) throw new Error('No file was picked.');
  return file;
}

function itemOf(index: number, sizeBytes: number): UploadItem {
  const bytes = crypto.getRandomValues(new Uint8Array(sizeBytes));
  const name = `file ${String(index).padStart(5, '0')}.bin`;
  return { path: [name], file: new File([bytes], name) };
}

/** SHA-256 of each 5 MiB, in hex. */
async function digestsOf(file: File): Promise<string[]> {
  const digests: string[] = [];
  for (let start = 0; start < file.size; start += CHUNK_BYTES) {
    digests.push(await digestOf(await file.slice(start, start + CHUNK_BYTES).arrayBuffer()));
  }
  return digests;
}

async function bodyOf(url: string): Promise<ReadableStream<Uint8Array>> {
  const { ok, body, status } = await fetch(url);
  if (!ok || body === null) throw new Error(`The stream answered ${String(status)}.`);
  return body;
}

async function digestsOfStream(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const digests: Promise<string>[] = [];
  let piece = new Uint8Array(CHUNK_BYTES);
  let filled = 0;
  for await (const part of stream) {
    for (let from = 0; from < part.length;) {
      const taken = part.subarray(from, from + CHUNK_BYTES - filled);
      piece.set(taken, filled);
      filled += taken.length;
      from += taken.length;
      if (filled === CHUNK_BYTES) {
        digests.push(digestOf(piece.buffer));
        piece = new Uint8Array(CHUNK_BYTES);
        filled = 0;
      }
    }
  }
  if (filled > 0) digests.push(digestOf(piece.slice(0, filled).buffer));
  return Promise.all(digests);
}

async function digestOf(bytes: ArrayBuffer): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).toHex();
}
