/**
 * The client's façade, driven by the benchmark: what the screens do, without screens, so that the
 * time taken is that of the engine. `globalThis.engine` is what the driver calls.
 */
import { createClient, createServiceWorkerLink, trustedScript } from '#lib/client/index.ts';
import type { Client, Entry, Transfer, UploadItem } from '#lib/client/index.ts';
import { Bat, chunkLabelAt, randomMapKey, startCrypto, systemRandom } from '#lib/crypto/index.ts';

const CHUNK_BYTES = 5 * 1024 * 1024;
const GIB = 2 ** 30;
const PART_BYTES = 2 ** 20;

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

/** A path of something in the home of who is signed in. */
function inHome(...names: string[]): string[] {
  const { state } = client;
  if (state.kind !== 'signed-in') throw new Error('Nobody is signed in.');
  return [state.username, ...names];
}

globalThis.engine = {
  signUp: (username, password) =>
    timed(() => client.signUp({ username, password, staySignedIn: false })),
  async uploadPicked() {
    const file = pickedFile();
    const { entry } = await client.openFolder(inHome());
    return timed(() => uploaded(client, entry, [{ path: [file.name], file }]));
  },
  async uploadMany(folder, count, sizeBytes) {
    const home = await client.openFolder(inHome());
    const entry = await client.makeFolder(home.entry.id, folder);
    const items = Array.from({ length: count }, (_, index) => itemOf(index, sizeBytes));
    return timed(() => uploaded(client, entry, items));
  },
  async downloadAndCompare(name) {
    const expected = new Uint8Array(await pickedFile().arrayBuffer());
    const { entry } = await client.find(inHome(name));
    return timed(async () => {
      const { url, via, release } = await client.streamUrl(entry.id);
      if (via !== 'service-worker') throw new Error('No service worker answers.');
      let checked = 0;
      for await (const part of partsOf(await bodyOf(url))) {
        const same = expected.subarray(checked, checked + part.length);
        if (!isSame(part, same)) throw new Error('The bytes are not the same.');
        checked += part.length;
      }
      release();
      if (checked !== expected.length) throw new Error('The file is not whole.');
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

async function bodyOf(url: string): Promise<ReadableStream<Uint8Array>> {
  const { ok, body, status } = await fetch(url);
  if (!ok || body === null) throw new Error(`The stream answered ${String(status)}.`);
  return body;
}

/** What a stream brings, all of it in the same memory: a part is gone when the next is asked for. */
async function* partsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader({ mode: 'byob' });
  let room = new Uint8Array(PART_BYTES);
  for (;;) {
    const { done, value } = await reader.read(room);
    if (done) return;
    yield value;
    room = new Uint8Array(value.buffer);
  }
}

/** Four bytes at a time where both lie alike in memory: checking must not be what takes the time. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let checked = 0;
  if (a.byteOffset % 4 === 0 && b.byteOffset % 4 === 0) {
    const words = a.length >> 2;
    const [wordsOfA, wordsOfB] = [a, b].map(
      (it) => new Int32Array(it.buffer, it.byteOffset, words),
    );
    for (let i = 0; i < words; i++) if (wordsOfA![i] !== wordsOfB![i]) return false;
    checked = words * 4;
  }
  for (; checked < a.length; checked++) if (a[checked] !== b[checked]) return false;
  return true;
}
