/** The name registry over HTTP (B-1 §2.3). Every call is a POST with a framed body. */
import { concat } from '#lib/bytes/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import { asList, cborMap, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import type {
  MigrationExtras,
  MigrationRequest,
  MigrationStep,
  MirrorRequest,
  MirrorStatus,
  NodeNames,
  ProofOfWork,
  TaggedNames,
} from '#lib/node/index.ts';
import {
  MalformedAnswer,
  NotOffered,
  PATHS,
  UnknownUser,
  WorkRequired,
} from '#lib/protocol/index.ts';
import { bool8, framed } from '../wire/framing.ts';
import { readCbor, readFrames, readText } from './parse-response.ts';
import type { Answer, Question } from './send-request.ts';
import { gunzip, isGzip } from './gzip.ts';
import {
  migrationStepFrom,
  migrationToBytes,
  mirrorStatusFrom,
  mirrorToBytes,
} from './account-moves.ts';
import type { Transport } from './transport.ts';
import type { Offered } from './server-extensions.ts';
import type { UsernameCache } from './username-cache.ts';
import {
  MIGRATION_ADDRESSES_MAX,
  MIGRATION_STEPS,
  MIRROR,
  REGISTRY_CAR,
  REGISTRY_CAR_MAX_BYTES,
} from '../wire/extensions.ts';

const NAME_MAX_BYTES = 1_024;
const KEY_MAX_BYTES = 8_192;
const CHAIN_MAX_BYTES = 4 * 1024 * 1024;
const USERNAMES_MAX_BYTES = 32 * 1024 * 1024;
const SNAPSHOT_MAX_BYTES = 64 * 1024 * 1024;
/** Moves take as long as they take (B-1 §1.8). */
const MIGRATION_TIMEOUT_MS = 24 * 60 * 60 * 1000;
const WORK_HASH_SHA256 = 18;
const TAG_MAX_UNITS = 200;

export interface HttpNamesDeps {
  readonly transport: Transport;
  readonly usernameCache: UsernameCache;
  readonly offered: Offered;
}

export function createHttpNames(deps: HttpNamesDeps): NodeNames {
  return new HttpNames(deps);
}

/** The list as it came last, with its tag. */
interface KnownNames {
  readonly tag: string;
  readonly names: readonly string[];
}

class HttpNames implements NodeNames {
  readonly #transport: Transport;
  readonly #usernameCache: UsernameCache;
  readonly #offered: Offered;
  #known: KnownNames | undefined;

  constructor({ transport, usernameCache, offered }: HttpNamesDeps) {
    this.#transport = transport;
    this.#usernameCache = usernameCache;
    this.#offered = offered;
  }

  async publicKey(name: string, signal?: AbortSignal) {
    const what = 'The identity of a name';
    const { bytes } = await this.#ask(PATHS.getPublicKey, [framed(name)], { signal });
    const identity = readFrames(what, bytes, (frames) =>
      frames.bool8() ? asKeyHash(decodeCbor(frames.framed(KEY_MAX_BYTES, what)), what) : undefined,
    );
    if (identity !== undefined) this.#usernameCache.note(identity, name);
    return identity;
  }

  async nameOf(...[identity]: Parameters<NodeNames['nameOf']>): Promise<string | undefined> {
    const what = 'The name of an identity';
    try {
      const { bytes } = await this.#ask(PATHS.getUsername, [framed(encodeCbor(identity))]);
      const name = readFrames(what, bytes, (frames) => frames.text(NAME_MAX_BYTES, what));
      this.#usernameCache.note(identity, name);
      return name;
    } catch (error) {
      if (error instanceof UnknownUser) return undefined;
      throw error;
    }
  }

  async chain(name: string, signal?: AbortSignal): Promise<Uint8Array> {
    const bounds = { maxBytes: CHAIN_MAX_BYTES, signal };
    const { bytes } = await this.#ask(PATHS.getChain, [framed(name)], bounds);
    const what = 'A claim chain';
    readCbor(what, bytes, (value) => asList(value, what));
    return bytes;
  }

  async usernames(): Promise<string[]> {
    const fresh = await this.usernamesUnless(this.#known?.tag);
    if (fresh === undefined) return [...(this.#known?.names ?? [])];
    const { tag, names } = fresh;
    this.#known = tag === undefined ? undefined : { tag, names };
    return [...names];
  }

  async usernamesUnless(tag: string | undefined): Promise<TaggedNames | undefined> {
    const bounds = { maxBytes: USERNAMES_MAX_BYTES, ifNoneMatch: tag };
    const { bytes, headers, isUnchanged } = await this.#ask(
      `${PATHS.getUsernamesGzip}/`,
      [],
      bounds,
    );
    if (isUnchanged === true) return undefined;
    // What fetches as a browser does has unpacked it already.
    const plain = isGzip(bytes) ? await gunzip(bytes, USERNAMES_MAX_BYTES) : bytes;
    const names = namesIn(readText('The list of names', plain));
    const fresh = headers.get('etag');
    return { names, tag: fresh === null || fresh.length > TAG_MAX_UNITS ? undefined : fresh };
  }

  async registryDifference(
    from: Cid | undefined,
    to: Cid,
    start: readonly number[],
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    if (!this.#offered.has('registry-car')) return undefined;
    const { bytes } = await this.#transport.call({
      path: REGISTRY_CAR,
      query: [
        ...(from === undefined ? [] : [['from', from.toString()] as const]),
        ['to', to.toString()],
        ['start', start.join('')],
      ],
      maxBytes: REGISTRY_CAR_MAX_BYTES,
      signal,
    });
    return bytes.length === 0 ? undefined : bytes;
  }

  async updateChain(
    name: string,
    chain: CborValue,
    work: ProofOfWork,
    token: string,
  ): Promise<void> {
    const { bytes } = await this.#ask(PATHS.updateChain, [
      framed(name),
      framed(encodeCbor(chain)),
      framed(workToBytes(work)),
      framed(token),
    ]);
    requireDone(bytes);
  }

  async migrateInSteps(
    request: MigrationRequest,
    extras: MigrationExtras,
    signal?: AbortSignal,
  ): Promise<MigrationStep> {
    if (!this.#offered.has('migration-steps')) {
      throw new NotOffered('That server does not bring accounts to itself step by step.');
    }
    const body = concat(
      migrationToBytes(request),
      framed(extras.token),
      framed(encodeCbor([...extras.addresses].slice(0, MIGRATION_ADDRESSES_MAX))),
      bool8(extras.isCalledOff === true),
    );
    const { bytes } = await this.#transport.call({ path: MIGRATION_STEPS, body, signal });
    return readCbor('The answer to a move', bytes, migrationStepFrom);
  }

  async mirror(request: MirrorRequest): Promise<MirrorStatus> {
    if (!this.#offered.has('mirror')) {
      throw new NotOffered('That server does not mirror accounts of others.');
    }
    const { bytes } = await this.#transport.call({ path: MIRROR, body: mirrorToBytes(request) });
    return readCbor('The answer to a mirror', bytes, mirrorStatusFrom);
  }

  async migrate(request: MigrationRequest): Promise<Uint8Array> {
    const { bytes } = await this.#transport.call({
      path: PATHS.migrateUser,
      body: migrationToBytes(request),
      timeoutMs: MIGRATION_TIMEOUT_MS,
      maxBytes: SNAPSHOT_MAX_BYTES,
    });
    return bytes;
  }

  #ask(
    path: string,
    frames: readonly Uint8Array[],
    bounds: Pick<Question, 'maxBytes' | 'signal' | 'ifNoneMatch'> = {},
  ): Promise<Answer> {
    return this.#transport.call({ path, body: concat(...frames), ...bounds });
  }
}

/** `{"prefix", "type"}` (B-2 §5). */
export function workToBytes({ prefix }: ProofOfWork): Uint8Array {
  return encodeCbor(
    cborMap([
      ['prefix', prefix],
      ['type', WORK_HASH_SHA256],
    ]),
  );
}

/** `01`, or `00` and the difficulty that is asked for. Throws {@link WorkRequired}. */
export function requireDone(answer: Uint8Array): void {
  const difficultyBits = readFrames('The answer to a registration', answer, (frames) =>
    frames.bool8() ? undefined : frames.int32(),
  );
  if (difficultyBits !== undefined) throw new WorkRequired(difficultyBits);
}

function namesIn(text: string): string[] {
  try {
    const names: unknown = JSON.parse(text);
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new MalformedAnswer('The list of names cannot be read.');
}
