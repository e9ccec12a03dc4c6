/**
 * What a node of ours says of itself to who asks, beyond the protocol: its addresses for pages, and how
 * the registry of names behaves towards it. A reader believes none of it; a fork is proved by the two
 * signatures alone ({@link isForkProved}). Input: hostile, and bounded before it is read.
 */
import { equalBytes, PyrgosError } from '#lib/bytes/index.ts';
import {
  asBytes,
  asInteger,
  asList,
  asMap,
  asText,
  cborMap,
  decodeBlock,
  encodeCbor,
  field,
  optional,
  sameCid,
  SIGNED_POINTER_MAX_BYTES,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { asKeyHash, BadSignature } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { MalformedPointer, openPointer } from './pointer.ts';
import { MalformedAnswer } from './refusals.ts';

/** Of one report; a reader takes no longer one. */
export const NODE_REPORT_MAX_BYTES = 16 * 1024;
/** Proofs in one report; one is as good as many. */
export const REPORTED_FORKS_MAX = 8;
const ADDRESSES_MAX = 8;
/** Longer than any multiaddr that a page can dial. */
const ADDRESS_MAX_UNITS = 300;
const REASON_MAX_UNITS = 500;

/** Two signed pointers of one sequence number: they prove that the registry lied to somebody. */
export interface RegistryFork {
  readonly writer: KeyHash;
  readonly sequence: number;
  readonly kept: Uint8Array;
  readonly shown: Uint8Array;
}

/** How the registry of names looks from a node. */
export interface RegistryReport {
  /** The operator's identity, by which all of the registry is proved. */
  readonly identity: KeyHash;
  /** Sequence number of the state that is served; 0: none is. */
  readonly sequence: number;
  /** Why the registry's newest state is not taken. */
  readonly refused: string | undefined;
  readonly forks: readonly RegistryFork[];
}

export interface NodeReport {
  /** Multiaddrs by which pages reach it without a domain, the best first. */
  readonly addresses: readonly string[];
  /** Absent where the node keeps no registry. */
  readonly registry: RegistryReport | undefined;
}

/** The report within its bounds: what is more is left out. */
export function nodeReportToBytes({ addresses, registry }: NodeReport): Uint8Array {
  return encodeCbor(
    cborMap([
      ['a', addresses.slice(0, ADDRESSES_MAX)],
      ['r', registry && registryToCbor(registry)],
    ]),
  );
}

/** Throws {@link MalformedAnswer}. */
export function nodeReportFromBytes(bytes: Uint8Array): NodeReport {
  const what = 'The report of a node';
  try {
    if (bytes.length > NODE_REPORT_MAX_BYTES) throw new MalformedAnswer(`${what} is too long.`);
    const map = asMap(decodeBlock(bytes), what);
    const registry = optional(map, 'r');
    return {
      addresses: few(field(map, 'a', what), ADDRESSES_MAX, what).map((it) =>
        short(it, ADDRESS_MAX_UNITS, what),
      ),
      registry: registry === undefined ? undefined : registryFromCbor(registry, what),
    };
  } catch (error) {
    if (error instanceof MalformedAnswer || !(error instanceof PyrgosError)) throw error;
    throw new MalformedAnswer(`${what} cannot be read.`, { cause: error });
  }
}

export function registryForkToCbor({ writer, sequence, kept, shown }: RegistryFork): CborValue {
  return cborMap([
    ['w', writer],
    ['s', sequence],
    ['a', kept],
    ['b', shown],
  ]);
}

export function registryForkFromCbor(value: CborValue, what: string): RegistryFork {
  const map = asMap(value, what);
  return {
    writer: asKeyHash(field(map, 'w', what), what),
    sequence: asInteger(field(map, 's', what), what),
    kept: asBytes(field(map, 'a', what), what),
    shown: asBytes(field(map, 'b', what), what),
  };
}

/**
 * Whether one key signed two different updates of this one sequence number. Whose key the writer is,
 * the caller has to know.
 */
export async function isForkProved(fork: RegistryFork): Promise<boolean> {
  const { writer, sequence, kept, shown } = fork;
  const isLong = [kept, shown].some(({ length }) => length > SIGNED_POINTER_MAX_BYTES);
  if (isLong || equalBytes(kept, shown)) return false;
  try {
    const [one, other] = [await openPointer(writer, kept), await openPointer(writer, shown)];
    const isSame = sameCid(one.updated, other.updated) && sameCid(one.original, other.original);
    return !isSame && [one, other].every((it) => Number(it.sequence ?? 0) === sequence);
  } catch (error) {
    if (error instanceof BadSignature || error instanceof MalformedPointer) return false;
    throw error;
  }
}

function registryToCbor({ identity, sequence, refused, forks }: RegistryReport): CborValue {
  return cborMap([
    ['i', identity],
    ['s', sequence],
    ['r', refused?.slice(0, REASON_MAX_UNITS)],
    ['f', forks.slice(0, REPORTED_FORKS_MAX).map(registryForkToCbor)],
  ]);
}

function registryFromCbor(value: CborValue, what: string): RegistryReport {
  const map = asMap(value, what);
  const refused = optional(map, 'r');
  return {
    identity: asKeyHash(field(map, 'i', what), what),
    sequence: asInteger(field(map, 's', what), what),
    refused: refused === undefined ? undefined : short(refused, REASON_MAX_UNITS, what),
    forks: few(field(map, 'f', what), REPORTED_FORKS_MAX, what).map((it) =>
      registryForkFromCbor(it, what),
    ),
  };
}

function few(value: CborValue, most: number, what: string): readonly CborValue[] {
  const list = asList(value, what);
  if (list.length > most) throw new MalformedAnswer(`${what} lists too much.`);
  return list;
}

function short(value: CborValue, most: number, what: string): string {
  const text = asText(value, what);
  if (text.length > most) throw new MalformedAnswer(`${what} has a text that is too long.`);
  return text;
}
