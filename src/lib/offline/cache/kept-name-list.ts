/**
 * The list of all names, kept between sessions: the node is asked whether it has changed, and what a
 * person types is looked up here alone. The list is kept compressed, and not at all where it is huge.
 */
import { fromUtf8, utf8 } from '#lib/bytes/index.ts';
import { asBytes, asMap, asText, cborMap, field } from '#lib/codec/index.ts';
import type { NodeNames } from '#lib/node/index.ts';
import type { Reachability } from './reachability.ts';
import type { KeptRecords } from './record-cache.ts';

const TABLE = 'cache-names';
const KEY = 'list';
/** Of a million names a third. */
const KEPT_MAX_BYTES = 12 * 1024 * 1024;
const NAMES_MAX_BYTES = 32 * 1024 * 1024;

export interface ListedNamesDeps {
  readonly remote: NodeNames;
  readonly kept: KeptRecords;
  readonly reachability: Reachability;
  /** Bytes of the compressed list of names that is kept at most. */
  readonly listMaxBytes?: number | undefined;
}

interface KeptNames {
  readonly tag: string;
  readonly names: readonly string[];
}

/** The names; while the node is away, those of the last time. */
export async function listedNames({
  remote,
  kept,
  reachability,
  listMaxBytes = KEPT_MAX_BYTES,
}: ListedNamesDeps): Promise<string[]> {
  const before = await readNames(kept);
  return reachability.askOrRecall(
    async () => {
      if (remote.usernamesUnless === undefined) return remote.usernames();
      const fresh = await remote.usernamesUnless(before?.tag);
      if (fresh === undefined) return [...(before?.names ?? [])];
      await keepNames(kept, fresh, listMaxBytes);
      return [...fresh.names];
    },
    async () => before && { known: [...before.names] },
  );
}

async function readNames(kept: KeptRecords): Promise<KeptNames | undefined> {
  const found = await kept.get(TABLE, KEY, (value) => {
    const map = asMap(value, 'the kept names');
    const get = (key: string) => field(map, key, 'the kept names');
    return { tag: asText(get('t'), 'their tag'), gzip: asBytes(get('z'), 'the kept names') };
  });
  if (found === undefined) return undefined;
  const { tag, gzip } = found;
  const names = await unpacked(gzip);
  return names && { tag, names };
}

/** A list without a tag cannot be asked for again, so it is of no use here. */
async function keepNames(
  kept: KeptRecords,
  { tag, names }: { readonly tag: string | undefined; readonly names: readonly string[] },
  maxBytes: number,
): Promise<void> {
  const gzip = tag === undefined ? undefined : await packed(names);
  const isKept = tag !== undefined && gzip !== undefined && gzip.length <= maxBytes;
  const entry = isKept
    ? cborMap([
        ['t', tag],
        ['z', gzip],
      ])
    : undefined;
  await kept.set(TABLE, KEY, entry);
}

async function packed(names: readonly string[]): Promise<Uint8Array> {
  const text = utf8(JSON.stringify(names)) as Uint8Array<ArrayBuffer>;
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Undefined for what is damaged: then the list is fetched anew. */
async function unpacked(gzip: Uint8Array): Promise<readonly string[] | undefined> {
  try {
    const blob = new Blob([gzip as Uint8Array<ArrayBuffer>]);
    const stream = blob.stream().pipeThrough(new DecompressionStream('gzip'));
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for await (const piece of stream) {
      length += piece.length;
      if (length > NAMES_MAX_BYTES) return undefined;
      pieces.push(piece);
    }
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
    const names: unknown = JSON.parse(fromUtf8(bytes));
    const areNames = Array.isArray(names) && names.every((name) => typeof name === 'string');
    return areNames ? names : undefined;
  } catch {
    return undefined;
  }
}
