/** The records of the journal, as bytes. What is read may be damaged: it is parsed like any input. */
import {
  asBytes,
  asLink,
  asList,
  asText,
  decodeCbor,
  encodeCbor,
  MalformedCbor,
} from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { SignedPointer } from '#lib/node/index.ts';
import type { BlockFormat } from '#lib/protocol/index.ts';

export interface PendingBlocks {
  readonly kind: 'blocks';
  readonly writer: KeyHash;
  readonly format: BlockFormat;
  readonly blocks: readonly { readonly cid: Cid; readonly authorisation: Uint8Array }[];
}

export interface PendingMove {
  readonly kind: 'move';
  readonly pointers: readonly SignedPointer[];
}

/** `order` sorts as text. */
export type JournalEntry = (PendingBlocks | PendingMove) & { readonly order: string };

export function entryToBytes(entry: PendingBlocks | PendingMove): Uint8Array {
  if (entry.kind === 'move') {
    const pointers = entry.pointers.map(({ writer, signed }) => [writer, signed]);
    return encodeCbor(['move', pointers]);
  }
  const blocks = entry.blocks.map(({ cid, authorisation }) => [cid, authorisation]);
  return encodeCbor(['blocks', entry.writer, entry.format, blocks]);
}

export function entryFromBytes(order: string, bytes: Uint8Array): JournalEntry {
  const list = asList(decodeCbor(bytes, Infinity), 'A pending change');
  const kind = asText(list[0], 'The kind of a change');
  if (kind === 'move') {
    const pointers = asList(list[1], 'The updates of a change').map((value) => {
      const [writer, signed] = asList(value, 'A pending update');
      return {
        writer: asKeyHash(writer, 'A writer'),
        signed: asBytes(signed, 'A signed update'),
      };
    });
    return { kind, order, pointers };
  }
  const format = asText(list[2], 'The form of blocks');
  if (kind !== 'blocks' || (format !== 'raw' && format !== 'dag-cbor')) {
    throw new MalformedCbor('A pending change is of an unknown kind.');
  }
  const blocks = asList(list[3], 'The blocks of a change').map((value) => {
    const [cid, authorisation] = asList(value, 'A pending block');
    return {
      cid: asLink(cid, 'The name of a block'),
      authorisation: asBytes(authorisation, 'The signature of a block'),
    };
  });
  return { kind, order, writer: asKeyHash(list[1], 'A writer'), format, blocks };
}
