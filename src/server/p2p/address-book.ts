/**
 * Where nodes are: first what the operator wrote down, then where each was reached last. Nothing is
 * kept of a node that was never reached. Records: table `peerAddresses`, key peer id, value
 * `{"a": [multiaddr text…], "t": ms}`, the newest address first.
 */
import { multiaddr } from '@multiformats/multiaddr';
import type { Cid } from '#lib/codec/index.ts';
import { asInteger, asList, asMap, asText, cborMap, decodeBlock } from '#lib/codec/index.ts';
import { encodeCbor, field } from '#lib/codec/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { withoutPeer } from './addresses.ts';

const TABLE = 'peerAddresses';
const MAX_ADDRESSES = 8;
/** How often a success at an address that is the first already is written down. */
const NOTE_AGAIN_MS = 3_600_000;
/** Nodes whose last success is known without asking the records. */
const MAX_REMEMBERED = 10_000;

export interface PeerAddress {
  readonly nodeId: Cid;
  /** With or without the peer id at its end. */
  readonly address: string;
}

export interface AddressBook {
  /** What the operator wrote down, without peer ids. */
  readonly trusted: readonly string[];
  /** Without peer ids; the operator's first. */
  addressesOf(nodeId: Cid): Promise<string[]>;
  /** The node was reached there, and proved to be it. */
  noteReached(nodeId: Cid, address: string): Promise<void>;
}

interface Entry {
  readonly addresses: readonly string[];
  readonly reachedMs: number;
}

export function createAddressBook(
  records: RecordStore,
  clock: () => number,
  listed: readonly PeerAddress[],
): AddressBook {
  const trusted = new Map<string, string[]>();
  for (const { nodeId, address } of listed) {
    const id = nodeId.toPeerId();
    trusted.set(id, [...(trusted.get(id) ?? []), withoutPeer(multiaddr(address))]);
  }
  const noted = new LruMap<string, Entry>(MAX_REMEMBERED);
  return {
    trusted: [...trusted.values()].flat(),
    addressesOf: async (nodeId) => {
      const id = nodeId.toPeerId();
      const { entry } = await readEntry(records, id);
      return [...new Set([...(trusted.get(id) ?? []), ...(entry?.addresses ?? [])])];
    },
    noteReached: async (nodeId, address) => {
      const id = nodeId.toPeerId();
      const nowMs = clock();
      const isFresh = (it: Entry | undefined): boolean =>
        it?.addresses[0] === address && nowMs - it.reachedMs <= NOTE_AGAIN_MS;
      if (isFresh(noted.get(id))) return;
      noted.set(id, { addresses: [address], reachedMs: nowMs });
      const { entry, bytes } = await readEntry(records, id);
      if (isFresh(entry)) return;
      const others = (entry?.addresses ?? []).filter((it) => it !== address);
      const value = encodeCbor(
        cborMap([
          ['a', [address, ...others].slice(0, MAX_ADDRESSES)],
          ['t', nowMs],
        ]),
      );
      // Another process may have noted something meanwhile: that is as good.
      await records.apply({
        expect: [{ table: TABLE, key: id, value: bytes }],
        writes: [{ table: TABLE, key: id, value }],
        durability: 'relaxed',
      });
    },
  };
}

async function readEntry(
  records: RecordStore,
  key: string,
): Promise<{ readonly entry: Entry | undefined; readonly bytes: Uint8Array | undefined }> {
  const bytes = await records.get(TABLE, key);
  if (bytes === undefined) return { entry: undefined, bytes };
  const what = 'The addresses of a node';
  const map = asMap(decodeBlock(bytes), what);
  const addresses = asList(field(map, 'a', what), what).map((it) => asText(it, what));
  return { entry: { addresses, reachedMs: asInteger(field(map, 't', what), what) }, bytes };
}
