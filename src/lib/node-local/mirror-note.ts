/** What this node notes of an account of another node that it mirrors (B-6 §8). */
import { asBytes, asInteger, asList, asMap, asText, cborMap } from '#lib/codec/index.ts';
import { decodeBlock, encodeCbor, field, optional } from '#lib/codec/index.ts';
import { BatWithId } from '#lib/crypto/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { read, TABLE } from './records.ts';
import type { Read } from './records.ts';

export interface MirrorNote {
  /** The account's claims as they were registered last, CBOR. */
  readonly chain: Uint8Array;
  /** Opens every block of the account. */
  readonly bat: BatWithId;
  /** Where its home is said to be. */
  readonly addresses: readonly string[];
  /** The login record, by which the person can sign in here when the home is gone. */
  readonly login: Uint8Array | undefined;
  /** When the copy was last seen to be what the home has, milliseconds since 1970; absent: never. */
  readonly seenMs: number | undefined;
}

export function mirrorNoteToBytes({
  chain,
  bat,
  addresses,
  login,
  seenMs,
}: MirrorNote): Uint8Array {
  return encodeCbor(
    cborMap([
      ['c', chain],
      ['b', bat.toCbor()],
      ['a', [...addresses]],
      ['l', login],
      ['t', seenMs],
    ]),
  );
}

export function mirrorNoteFrom(bytes: Uint8Array): MirrorNote {
  const what = 'The note of a mirror';
  const map = asMap(decodeBlock(bytes), what);
  const login = optional(map, 'l');
  const seen = optional(map, 't');
  return {
    chain: asBytes(field(map, 'c', what), what),
    bat: BatWithId.fromCbor(field(map, 'b', what)),
    addresses: asList(field(map, 'a', what), what).map((it) => asText(it, what)),
    login: login === undefined ? undefined : asBytes(login, what),
    seenMs: seen === undefined ? undefined : asInteger(seen, what),
  };
}

export function readMirrorNote(records: RecordStore, username: string): Promise<Read<MirrorNote>> {
  return read(records, TABLE.mirrors, username, mirrorNoteFrom);
}
