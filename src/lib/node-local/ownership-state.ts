/** What a node looks at in the state a pointer names (A-6 §2). Input: hostile. */
import { asList, asMap, decodeCbor } from '#lib/codec/index.ts';
import type { CborMap, Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { parseRequest, PointerRefused, readWriterData } from '#lib/protocol/index.ts';

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
  const { map, data } = parseRequest('The state a pointer names', () => {
    const map = asMap(decodeCbor(block), 'The writer data');
    const data = readWriterData(map);
    if (data.algorithm !== undefined) asMap(data.algorithm, 'The algorithm of writer data');
    if (data.staticData !== undefined) asList(data.staticData, 'The entry points of writer data');
    return { map, data };
  });
  if (!data.controller.equals(writer)) {
    throw new PointerRefused('controller', 'The state a pointer names belongs to another writer.');
  }
  return {
    owned: data.owned,
    named: data.named ?? new Map(),
    tree: data.tree,
    others: new Map([...map].filter(([name]) => !LOOKED_AT.has(name))),
  };
}
