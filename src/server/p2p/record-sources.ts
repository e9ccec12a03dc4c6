/** Where the record of a node may be had (`ipns/get`, B-1 §2.1, B-2 §7). Answers are hostile. */
import type { Cid } from '#lib/codec/index.ts';
import {
  IPNS_RECORD_MAX_BYTES,
  ipnsKeyOf,
  ipnsRecordFromJson,
  ipnsRecordFromProtobuf,
  PATHS,
} from '#lib/protocol/index.ts';
import type { SignedIpnsRecord } from '#lib/protocol/index.ts';
import type { AddressBook } from './address-book.ts';
import type { PeerHost, PeerTable } from './peer-host.ts';

/** Data and signature in hex. */
const MAX_UNITS = 3 * IPNS_RECORD_MAX_BYTES;

/** Addresses of one line that are tried. */
const MAX_ADDRESSES = 16;

/** A way to one node. */
export interface Way {
  readonly origin: string;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Other senders know nothing but POST (B-1 §3.2). */
  readonly readsArePosts: boolean;
}

/** Answers an unverified record; `undefined` where there is none. */
export type RecordSource = (signal: AbortSignal) => Promise<SignedIpnsRecord | undefined>;

export interface RecordSourcesDeps {
  /** The way to a node by its id. */
  readonly wayTo: (nodeId: Cid) => Way | undefined;
  readonly book: Pick<AddressBook, 'addressesOf' | 'noteReached'>;
  /** Of libp2p in this process, once it listens. */
  readonly host: () => Pick<PeerHost, 'nodeAt' | 'table'> | undefined;
}

/**
 * Where the record of the last node of a line may be had: by asking each of the line, the node that answers
 * now where they were, and the Kademlia table.
 */
export function recordSources({ wayTo, book, host }: RecordSourcesDeps) {
  return async (line: readonly [Cid, ...Cid[]]): Promise<readonly RecordSource[]> => {
    const nodeId = line.at(-1) ?? line[0];
    const ways = line.flatMap((it) => wayTo(it) ?? []);
    const started = host();
    const sources = ways.map((way) => askedOf(way, nodeId));
    if (started === undefined) return sources;
    const known = await Promise.all(line.map((it) => book.addressesOf(it)));
    const addresses = [...new Set(known.flat())].slice(0, MAX_ADDRESSES);
    const atAddresses = addresses.map((address): RecordSource => {
      return async (signal) => {
        const found = await started.nodeAt(address, signal);
        const way = wayTo(found);
        if (way === undefined) return undefined;
        const record = await askedOf(way, nodeId)(signal);
        await book.noteReached(found, address);
        return record;
      };
    });
    const { table } = started;
    return [...sources, ...atAddresses, ...(table === undefined ? [] : [inTable(table, nodeId)])];
  };
}

/** Asks a node, which need not be the one that the record is of. */
export function askedOf({ origin, fetch }: Way, nodeId: Cid): RecordSource {
  return async (signal) => {
    const url = `${origin}/${PATHS.ipnsGet}?arg=${nodeId.toPeerId()}`;
    const answer = await fetch(new Request(url, { method: 'POST', redirect: 'manual', signal }));
    const text = answer.status === 200 ? await shortText(answer) : '';
    return text === '' ? undefined : ipnsRecordFromJson(text);
  };
}

/** Looks the record up in the Kademlia table. */
export function inTable(table: PeerTable, nodeId: Cid): RecordSource {
  return async (signal) => {
    const entry = await table.get(ipnsKeyOf(nodeId), signal);
    return entry && ipnsRecordFromProtobuf(entry);
  };
}

async function shortText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > MAX_UNITS) throw new RangeError('The record of a node is too long.');
  }
  return text;
}
