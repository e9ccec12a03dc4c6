/**
 * What is noted of a move to this node before the old home is asked to switch, so that whatever dies
 * then, this node can go on by itself.
 */
import { asBytes, asInteger, asList, asMap, asText, cborMap, Cid } from '#lib/codec/index.ts';
import { decodeBlock, encodeCbor, field, optional } from '#lib/codec/index.ts';
import { BatWithId } from '#lib/crypto/index.ts';
import type { MigrationExtras, MigrationRequest } from '#lib/node/index.ts';
import { TABLE } from './records.ts';

/** A snapshot lists any number of pointers. */
const OWN_VALUES = Infinity;

export interface ArrivalNote {
  readonly request: MigrationRequest;
  readonly extras: MigrationExtras;
  /** `cbor(UserSnapshot)` of the old home, from before the switch. */
  readonly snapshot: Uint8Array;
  /** Milliseconds since 1970. */
  readonly notedMs: number;
}

/** Where the note of an account is. */
export function noteOf(username: string): { readonly table: string; readonly key: string } {
  return { table: TABLE.incomingMigrations, key: username };
}

export function arrivalNoteToBytes({
  request,
  extras,
  snapshot,
  notedMs,
}: ArrivalNote): Uint8Array {
  return encodeCbor(
    cborMap([
      ['n', request.username],
      ['c', request.chain],
      ['f', request.currentNode.bytes],
      ['b', request.mirrorBat?.toCbor()],
      ['l', request.linkCountsAfterSeconds],
      ['u', request.usageBytes],
      ['t', extras.token],
      ['a', [...extras.addresses]],
      ['s', snapshot],
      ['d', notedMs],
    ]),
  );
}

export function arrivalNoteFrom(bytes: Uint8Array): ArrivalNote {
  const what = 'The note of a move';
  const map = asMap(decodeBlock(bytes, OWN_VALUES), what);
  const bat = optional(map, 'b');
  return {
    request: {
      username: asText(field(map, 'n', what), what),
      chain: field(map, 'c', what),
      currentNode: Cid.fromBytes(asBytes(field(map, 'f', what), what)),
      mirrorBat: bat === undefined ? undefined : BatWithId.fromCbor(bat),
      linkCountsAfterSeconds: asInteger(field(map, 'l', what), what),
      usageBytes: asInteger(field(map, 'u', what), what),
      isCommit: true,
    },
    extras: {
      token: asText(field(map, 't', what), what),
      addresses: asList(field(map, 'a', what), what).map((it) => asText(it, what)),
    },
    snapshot: asBytes(field(map, 's', what), what),
    notedMs: asInteger(field(map, 'd', what), what),
  };
}
