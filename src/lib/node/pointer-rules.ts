/**
 * What a signed pointer update says and whether it may follow the stored one (A-6 §3, §4; B-6 §3).
 * Input: hostile.
 */
import {
  asBytes,
  asInteger,
  asLink,
  asList,
  asMap,
  Cid,
  decodeBlock,
  decodeCbor,
  field,
  MalformedCbor,
  optional,
  SIGNED_POINTER_MAX_BYTES,
  sameCid,
} from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { openSignedBy } from './authorisation.ts';
import type { Signatory } from './authorisation.ts';
import { MalformedRequest, parseRequest, PointerConflict, PointerRefused } from './errors.ts';

const SIGNATURE_BYTES = 64;

/** Where a writer's pointer stands. A deleted space has a sequence and no target. */
export interface PointerState {
  readonly target: Cid | undefined;
  readonly sequence: number | undefined;
}

export interface PointerUpdate {
  readonly original: Cid | undefined;
  readonly updated: Cid | undefined;
  readonly sequence: number | undefined;
}

/** Checks length and signature, then parses. */
export async function openPointerUpdate(
  writer: Signatory,
  signed: Uint8Array,
): Promise<PointerUpdate> {
  if (signed.length > SIGNED_POINTER_MAX_BYTES) {
    throw new MalformedRequest(`A pointer update has ${signed.length} bytes.`);
  }
  return parsePointerUpdate(await openSignedBy(writer, signed, 'The pointer update'));
}

/** The state a stored (hence once verified) pointer stands for. */
export function pointerStateOf(signed: Uint8Array | undefined): PointerState {
  if (signed === undefined) return { target: undefined, sequence: undefined };
  const { updated, sequence } = parsePointerUpdate(signed.subarray(SIGNATURE_BYTES));
  return { target: updated, sequence };
}

/** Throws {@link PointerConflict} or {@link PointerRefused} unless `update` may follow `current`. */
export function checkSuccession(current: PointerState, update: PointerUpdate): void {
  if (!sameCid(current.target, update.original)) {
    throw new PointerConflict(current.target, current.sequence);
  }
  if (current.sequence === undefined) return;
  if (update.sequence === undefined || update.sequence <= current.sequence) {
    throw new PointerRefused('sequence', 'A pointer update does not raise the sequence number.');
  }
}

/** The parts of a WriterData block a node looks at. */
export interface OwnershipState {
  readonly owned: Cid | undefined;
  readonly named: CborMap;
  readonly tree: Cid | undefined;
  /** Every other field but the controller. */
  readonly others: CborMap;
}

const LOOKED_AT: ReadonlySet<string> = new Set(['controller', 'owned', 'named', 'tree']);

/** Parses a target; it must be WriterData of `writer` (A-6 §2). */
export function ownershipStateOf(block: Uint8Array, writer: KeyHash): OwnershipState {
  const map = parseRequest('The state a pointer names', () => checkedWriterData(block));
  if (!asLink(map.get('controller'), 'The controller').equals(writer)) {
    throw new PointerRefused('controller', 'The state a pointer names belongs to another writer.');
  }
  const owned = optional(map, 'owned');
  const named = optional(map, 'named');
  const tree = optional(map, 'tree');
  return {
    owned: owned === undefined ? undefined : asLink(owned, 'The owned keys'),
    named: named === undefined ? new Map() : asMap(named, 'The named keys'),
    tree: tree === undefined ? undefined : asLink(tree, 'The data map'),
    others: new Map([...map].filter(([name]) => !LOOKED_AT.has(name))),
  };
}

function checkedWriterData(block: Uint8Array): CborMap {
  const what = 'The writer data';
  const map = asMap(decodeCbor(block), what);
  asLink(field(map, 'controller', what), 'The controller');
  for (const key of ['tree', 'links', 'owned', 'public', 'inbound']) {
    const link = optional(map, key);
    if (link !== undefined) asLink(link, `The field "${key}" of writer data`);
  }
  for (const key of ['named', 'algorithm']) {
    const value = optional(map, key);
    if (value !== undefined) asMap(value, `The field "${key}" of writer data`);
  }
  const entryPoints = optional(map, 'static');
  if (entryPoints !== undefined) asList(entryPoints, 'The entry points of writer data');
  return map;
}

/** The update inside a signed pointer; whoever uses it has checked the signature, or does not rely on it. */
export function parsePointerUpdate(bytes: Uint8Array): PointerUpdate {
  return parseRequest('The pointer update', () => {
    const list = asList(decodeBlock(bytes), 'A pointer update');
    if (list.length !== 2 && list.length !== 3) {
      throw new MalformedCbor('A pointer update has the wrong number of elements.');
    }
    const original = cidOrNull(list[0], 'The replaced target');
    const updated = cidOrNull(list[1], 'The new target');
    if (sameCid(original, updated)) throw new MalformedCbor('A pointer update changes nothing.');
    const sequence = list.length === 3 ? asInteger(list[2], 'The sequence number') : undefined;
    return { original, updated, sequence };
  });
}

function cidOrNull(value: CborValue | undefined, what: string): Cid | undefined {
  return value === null ? undefined : Cid.fromBytes(asBytes(value, what));
}
