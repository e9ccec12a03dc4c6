/**
 * Champ look-ups (B-1 §2.1). Those that concern the same root at the same moment share requests of
 * 20 keys. The answered blocks are hashed here and the champ is walked from its root: everybody
 * gets the blocks on his own way, and what nobody asked for is dropped.
 */
import { PyrgosError, toHex, toMultibase } from '#lib/bytes/index.ts';
import { walkToKey } from '#lib/champ/index.ts';
import {
  asBytes,
  asList,
  BLOCK_MAX_BYTES,
  BULK_CHAMP_MAX_KEYS,
  cborMap,
  CHAMP_NODES_MAX_BYTES,
  Cid,
  encodeCbor,
} from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { LookedUpBlock, type ChampKey } from '#lib/node/index.ts';
import { MalformedAnswer, MalformedRequest, PATHS, Unauthorised } from '#lib/protocol/index.ts';
import { abortable } from './abortable.ts';
import { readCbor } from './parse-response.ts';
import { Batcher } from './batcher.ts';
import { BLOCK_ATTEMPTS } from './retry.ts';
import type { Transport } from './transport.ts';

/** Levels of a champ, a value, and some to spare. */
const BLOCKS_PER_KEY = 40;

interface ChampRoot {
  readonly owner: KeyHash;
  readonly root: Cid;
}

interface Asked extends ChampRoot {
  readonly keys: readonly ChampKey[];
  readonly answer: (blocks: Promise<Answered>) => void;
  readonly signal: AbortSignal | undefined;
}

/** Blocks by their CID. */
type Answered = ReadonlyMap<string, LookedUpBlock>;

export class LookUps {
  readonly #transport: Transport;
  readonly #batcher = new Batcher<Asked>((asked) => this.#flush(asked));

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async find(
    owner: KeyHash,
    root: Cid,
    keys: readonly ChampKey[],
    signal?: AbortSignal,
  ): Promise<LookedUpBlock[]> {
    signal?.throwIfAborted();
    if (keys.length > BULK_CHAMP_MAX_KEYS) {
      throw new MalformedRequest(`A look-up asks for ${keys.length} keys at once.`);
    }
    const answered = await new Promise<Answered>((answer) => {
      this.#batcher.add({ owner, root, keys, signal, answer });
    });
    return visited(root, keys, answered);
  }

  #flush(asked: readonly Asked[]): void {
    const byPlace = new Map<string, Asked[]>();
    for (const one of asked) {
      const place = `${one.owner.toString()}/${one.root.toString()}`;
      const others = byPlace.get(place);
      if (others === undefined) byPlace.set(place, [one]);
      else others.push(one);
    }
    for (const group of byPlace.values()) {
      for (const [first, ...others] of packed(group)) this.#ask(first!, others);
    }
  }

  #ask(first: Asked, others: readonly Asked[]): void {
    const all = [first, ...others];
    const keys = distinct(all.flatMap((one) => one.keys));
    const alone = (one: Asked): Promise<Answered> =>
      this.#request(one, distinct(one.keys), one.signal);
    if (others.length === 0) {
      first.answer(alone(first));
      return;
    }
    const together = this.#request(first, keys, allAborted(all.map(({ signal }) => signal)));
    for (const one of all) {
      const mine = together.catch((error: unknown) => {
        // One value under a foreign BAT makes the node refuse the whole call.
        if (error instanceof Unauthorised) return alone(one);
        throw error;
      });
      one.answer(abortable(mine, one.signal));
    }
  }

  async #request(
    { owner, root }: ChampRoot,
    keys: readonly ChampKey[],
    signal: AbortSignal | undefined,
  ): Promise<Answered> {
    const caps = keys.map(({ key, bat }) =>
      cborMap([
        ['m', key],
        ['b', bat?.toCbor()],
      ]),
    );
    const { bytes } = await this.#transport.call({
      path: PATHS.champGetBulk,
      query: [
        ['arg', root.toString()],
        ['owner', owner.toString()],
        ['caps', toMultibase(encodeCbor(caps))],
      ],
      attempts: BLOCK_ATTEMPTS,
      maxBytes: keys.length * BLOCK_MAX_BYTES + CHAMP_NODES_MAX_BYTES,
      signal,
    });
    return hashed(bytes, keys.length * BLOCKS_PER_KEY);
  }
}

async function hashed(answer: Uint8Array, maxBlocks: number): Promise<Answered> {
  const what = 'The answer to a look-up';
  const blocks = readCbor(what, answer, (value) =>
    asList(value, what).map((block) => asBytes(block, 'A block')),
  );
  if (blocks.length > maxBlocks) throw new MalformedAnswer(`${what} has too many blocks.`);
  // In memory of their own, so that one that is kept does not keep the whole answer.
  const lookedUp = blocks.map((block) => new LookedUpBlock(block.slice()));
  const cids = await Promise.all(lookedUp.map((block) => block.cid()));
  return new Map(lookedUp.map((block, i) => [cids[i]!.toString(), block]));
}

/** The blocks on the way to each key, each once. */
async function visited(
  root: Cid,
  keys: readonly ChampKey[],
  answered: Answered,
): Promise<LookedUpBlock[]> {
  const reached = new Set<LookedUpBlock>();
  const load = async (cid: Cid): Promise<Uint8Array | undefined> => {
    const block = answered.get(cid.toString());
    if (block !== undefined) reached.add(block);
    return block?.bytes;
  };
  await load(root);
  for (const { key } of keys) {
    try {
      const value = await walkToKey(root, key, load, () => undefined);
      if (value instanceof Cid) await load(value);
    } catch (error) {
      // A damaged champ: the caller finds the same fault on its own walk, and reports it.
      if (!(error instanceof PyrgosError)) throw error;
    }
  }
  return [...reached];
}

/** Puts as many look-ups into one request as 20 keys allow. */
function packed(asked: readonly Asked[]): Asked[][] {
  const groups: Asked[][] = [];
  let size = 0;
  for (const one of asked) {
    const last = groups.at(-1);
    size += one.keys.length;
    if (last !== undefined && size <= BULK_CHAMP_MAX_KEYS) last.push(one);
    else {
      groups.push([one]);
      size = one.keys.length;
    }
  }
  return groups;
}

function distinct(keys: readonly ChampKey[]): ChampKey[] {
  const byText = new Map(
    keys.map((one) => [`${toHex(one.key)}/${one.bat?.toSecretText() ?? ''}`, one]),
  );
  return [...byText.values()];
}

/** Aborted when every one of these is; never, if one of those who ask cannot abort. */
function allAborted(signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  let waiting = signals.length;
  const stop = new AbortController();
  for (const signal of signals) {
    if (signal === undefined) return undefined;
    const leave = (): void => {
      if (--waiting === 0) stop.abort(signal.reason);
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  }
  return stop.signal;
}
