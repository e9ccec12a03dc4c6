/** For tests: hosts of libp2p on this machine that end with the test that made them. */
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { Cid } from '#lib/codec/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import type { DhtMode } from '../settings/settings.ts';
import { createAddressBook } from './address-book.ts';
import type { AddressBook } from './address-book.ts';
import { nodeIdOf, peerKeyOf } from './node-key.ts';
import { createPeerHost } from './peer-host.ts';
import type { PeerHost } from './peer-host.ts';
import { askingOver } from './peer-request.ts';
import type { AskPeer } from './peer-request.ts';

export interface TestHost {
  readonly nodeId: Cid;
  readonly host: PeerHost;
  readonly book: AddressBook;
  readonly ask: AskPeer;
  readonly address: string;
}

export interface TestHostOptions {
  readonly onStream?: (stream: Duplex, peerId: string) => void;
  /** Hosts whose addresses its operator wrote down. */
  readonly knows?: readonly TestHost[];
  readonly allowsPrivate?: boolean;
  readonly dht?: DhtMode;
  /** Where its Kademlia table begins. */
  readonly bootstrap?: readonly TestHost[];
}

/** `seed`: any byte; the same makes the same peer. */
export async function startHost(seed: number, options: TestHostOptions = {}): Promise<TestHost> {
  const { onStream = () => undefined, knows = [], bootstrap = [] } = options;
  const { allowsPrivate = false, dht = 'off' } = options;
  const key = await peerKeyOf(new Uint8Array(32).fill(seed));
  const { records } = createMemoryStores();
  const book = createAddressBook(records, Date.now, knows);
  const host = await createPeerHost({
    key,
    host: '127.0.0.1',
    port: 0,
    announce: [],
    allowsPrivate,
    book,
    clock: Date.now,
    dht,
    bootstrap: bootstrap.map(({ address }) => address),
    onStream,
  });
  host.serveTable(true);
  onTestFinished(() => host.close());
  const [address = ''] = host.addresses;
  return { nodeId: nodeIdOf(key), host, book, ask: askingOver(host), address };
}

/** A peer whose streams a plain server of Node's `http` answers. */
export function startServingHost(
  seed: number,
  answer: RequestListener,
  options: TestHostOptions = {},
): Promise<TestHost> {
  const server = createServer(answer);
  return startHost(seed, {
    ...options,
    onStream: (stream) => void server.emit('connection', stream),
  });
}

export async function textOf(incoming: IncomingMessage): Promise<string> {
  return (await bytesOf(incoming)).toString();
}

export async function bytesOf(incoming: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
