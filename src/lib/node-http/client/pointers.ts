/**
 * Signed pointers over HTTP (B-1 §2.2). A pointer read is good for a few seconds (B-7 §2); one's own
 * write is what it says from the moment the node took it. A caller that meets a conflict, or a state that
 * is gone, is answered from the node the next time.
 *
 * A write is sent once: whether one whose answer was lost took effect, and whether it is sent again,
 * is for its signer to find out. Only the form of what comes is checked here; the caller
 * verifies who signed it and that it is not older than one seen before.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import {
  asList,
  BLOCK_MAX_BYTES,
  cborMap,
  decodeCborPrefix,
  encodeCbor,
  sameCid,
} from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodePointers, PointerQuestion, SignedPointer } from '#lib/node/index.ts';
import {
  MalformedAnswer,
  parsePointerUpdate,
  PATHS,
  PointerConflict,
  PointerRefused,
} from '#lib/protocol/index.ts';
import type { PointerUpdate } from '#lib/protocol/index.ts';
import { WITH_BLOCK } from '../wire/extensions.ts';
import { parseAnswer, readBool8 } from './parse-response.ts';
import { LONG_TIMEOUT_MS } from './send-request.ts';
import type { Offered } from './server-extensions.ts';
import type { PointerCache } from './pointer-cache.ts';
import type { Prefetched } from './prefetched.ts';
import { ONCE, POINTER_ATTEMPTS } from './retry.ts';
import { SharedReads } from './shared-reads.ts';
import type { Transport } from './transport.ts';

/** What a signed update takes on the wire at most (B-1 §2.2). */
const SIGNED_MAX_BYTES = 1024;
const SIGNATURE_BYTES = 64;

export interface PointersContext {
  readonly transport: Transport;
  readonly offered: Offered;
  readonly prefetched: Prefetched;
  readonly cache: PointerCache;
}

export function createHttpPointers(context: PointersContext): NodePointers {
  return new HttpPointers(context);
}

class HttpPointers implements NodePointers {
  readonly #context: PointersContext;
  readonly #reads = new SharedReads<Uint8Array | undefined>((signed) => signed?.slice());

  constructor(context: PointersContext) {
    this.#context = context;
  }

  async get(
    owner: KeyHash,
    writer: KeyHash,
    { signal, isFresh = false }: PointerQuestion = {},
  ): Promise<Uint8Array | undefined> {
    if (isFresh) this.#context.cache.forget(writer);
    const known = this.#context.cache.get(owner, writer);
    if (known !== undefined) return known.signed?.slice();
    // An answer that was under way before a write must not pass for one that came after it.
    const key = `${owner.toString()}/${writer.toString()}/${this.#context.cache.changesOf(writer)}`;
    return this.#reads.read(key, (shared) => this.#read(owner, writer, shared), signal);
  }

  async set(owner: KeyHash, writer: KeyHash, signed: Uint8Array): Promise<void> {
    await this.#write(owner, [{ writer, signed }], {
      path: PATHS.setPointer,
      query: [
        ['owner', owner.toString()],
        ['writer', writer.toString()],
      ],
      body: signed,
    });
  }

  async setMany(owner: KeyHash, updates: readonly SignedPointer[]): Promise<void> {
    if (updates.length === 0) return;
    const list = updates.map(({ writer, signed }) =>
      cborMap([
        ['w', writer],
        ['s', signed],
      ]),
    );
    await this.#write(owner, updates, {
      path: PATHS.setPointers,
      query: [['owner', owner.toString()]],
      body: encodeCbor(cborMap([['p', list]])),
    });
  }

  async #read(
    owner: KeyHash,
    writer: KeyHash,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const { transport, offered, prefetched, cache } = this.#context;
    const withBlock = offered.has('pointer-block');
    const changes = cache.changesOf(writer);
    const { bytes } = await transport.call({
      path: PATHS.getPointer,
      query: [
        ['owner', owner.toString()],
        ['writer', writer.toString()],
        ...(withBlock ? [WITH_BLOCK] : []),
      ],
      attempts: POINTER_ATTEMPTS,
      maxBytes: SIGNED_MAX_BYTES + (withBlock ? BLOCK_MAX_BYTES : 0),
      signal,
    });
    const { signed, rest } = split(bytes);
    if (withBlock && rest.length > 0) await prefetched.put(owner, rest);
    else if (rest.length > 0) throw new MalformedAnswer('A pointer is followed by something.');
    cache.seen(changes, owner, writer, signed);
    return signed;
  }

  async #write(
    owner: KeyHash,
    updates: readonly SignedPointer[],
    request: { path: string; query: [string, string][]; body: Uint8Array },
  ): Promise<void> {
    const { transport, cache } = this.#context;
    for (const { writer } of updates) cache.forget(writer);
    try {
      const { bytes } = await transport.call({
        ...request,
        attempts: ONCE,
        timeoutMs: LONG_TIMEOUT_MS,
      });
      const isStored = readBool8('The answer to a pointer update', bytes);
      if (!isStored) await this.#explain(owner, updates);
    } catch (error) {
      for (const { writer } of updates) cache.forget(writer);
      throw error;
    }
    for (const { writer, signed } of updates) cache.written(owner, writer, signed);
  }

  /** Why the node rejected an update without a reason (B-6 §3): a faster writer, or a rule. */
  async #explain(owner: KeyHash, updates: readonly SignedPointer[]): Promise<void> {
    for (const { writer, signed } of updates) {
      const now = await this.#read(owner, writer);
      if (now !== undefined && equalBytes(now, signed)) continue;
      const current = now === undefined ? undefined : updateIn(now);
      const { original } = updateIn(signed);
      if (sameCid(current?.updated, original)) {
        throw new PointerRefused('controller', 'The server refused the change of a pointer.');
      }
      throw new PointerConflict(current?.updated, current?.sequence);
    }
  }
}

/** A signed update, and what follows it. */
function split(bytes: Uint8Array): { signed: Uint8Array | undefined; rest: Uint8Array } {
  if (bytes.length === 0) return { signed: undefined, rest: bytes };
  const what = 'A pointer';
  const next = parseAnswer(what, () => {
    if (bytes.length <= SIGNATURE_BYTES) throw new MalformedAnswer('A pointer is too short.');
    const update = decodeCborPrefix(bytes, SIGNATURE_BYTES);
    asList(update.value, what);
    return update.next;
  });
  if (next > SIGNED_MAX_BYTES) throw new MalformedAnswer('A pointer is too long.');
  return { signed: bytes.slice(0, next), rest: bytes.slice(next) };
}

function updateIn(signed: Uint8Array): PointerUpdate {
  return parseAnswer('A pointer', () => parsePointerUpdate(signed.subarray(SIGNATURE_BYTES)));
}
