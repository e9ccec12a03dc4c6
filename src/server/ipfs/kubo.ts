/**
 * A Kubo of this machine, which is our way to IPFS: it speaks bitswap with everybody, with bounds of
 * its own for each peer, and holds only what it was given. Five calls of its RPC API, by plain
 * `fetch`. What it fetches from others is hostile.
 */
import { parseUrl, PyrgosError } from '#lib/bytes/index.ts';
import { BLOCK_MAX_BYTES, CODEC } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';

const CALL_MS = 30_000;
const ANSWER_MAX_BYTES = 64 * 1024;

/** Kubo does not answer, or refuses a call. */
export class KuboFailed extends PyrgosError {
  override readonly name: string = 'KuboFailed';
  override readonly kind = 'offline';
}

interface CallOptions {
  readonly body?: FormData;
  readonly maxBytes?: number;
  readonly withinMs?: number;
  readonly signal: AbortSignal | undefined;
}

export class Kubo {
  readonly #origin: string;

  /** @param api its RPC API, such as `http://127.0.0.1:5001`. */
  constructor(api: string) {
    this.#origin = parseUrl(api)?.origin ?? api;
  }

  /** Stores and pins a block, alone: what it links to is not fetched. Throws {@link KuboFailed}. */
  async put(cid: Cid, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const form = new FormData();
    form.append('data', new Blob([Uint8Array.from(bytes)]));
    const codec = cid.codec === CODEC.raw ? 'raw' : 'dag-cbor';
    await this.#call(
      'block/put',
      { 'cid-codec': codec, mhtype: 'sha2-256' },
      { body: form, signal },
    );
    await this.#call('pin/add', { arg: cid.toString(), recursive: 'false' }, { signal });
  }

  /** Unpins and removes a block; one that is not there is fine. Throws {@link KuboFailed}. */
  async remove(cid: Cid, signal?: AbortSignal): Promise<void> {
    const arg = cid.toString();
    // Refused where somebody unpinned it already; then there is only the block to remove.
    await this.#call('pin/rm', { arg, recursive: 'false' }, { signal }).catch((error: unknown) => {
      if (!(error instanceof KuboFailed)) throw error;
    });
    await this.#call('block/rm', { arg, force: 'true' }, { signal });
  }

  /** A block of somebody on IPFS, unverified. Throws {@link KuboFailed}, also where it is not found. */
  get(cid: Cid, withinMs: number, signal?: AbortSignal): Promise<Uint8Array> {
    const values = { arg: cid.toString(), timeout: `${String(withinMs)}ms` };
    return this.#call('block/get', values, {
      maxBytes: BLOCK_MAX_BYTES,
      withinMs,
      signal,
    });
  }

  async #call(
    command: string,
    values: Readonly<Record<string, string>>,
    { body, maxBytes = ANSWER_MAX_BYTES, withinMs = CALL_MS, signal }: CallOptions,
  ): Promise<Uint8Array> {
    const url = `${this.#origin}/api/v0/${command}?${String(new URLSearchParams(values))}`;
    try {
      const answer = await fetch(url, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(withinMs), ...(signal ? [signal] : [])]),
        ...(body === undefined ? {} : { body }),
      });
      const bytes = await bytesOf(answer, maxBytes);
      if (answer.ok) return bytes;
      throw new KuboFailed(`Kubo refuses ${command}: status ${String(answer.status)}.`);
    } catch (error) {
      if (error instanceof KuboFailed) throw error;
      throw new KuboFailed(`Kubo does not answer ${command}.`, { cause: error });
    }
  }
}

async function bytesOf({ body }: Response, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body ?? []) {
    length += piece.length;
    if (length > maxBytes) throw new KuboFailed('An answer of Kubo is too long.');
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}
