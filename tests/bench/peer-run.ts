/**
 * A node asked by another one, both on this machine: how long a call without content takes, and how
 * fast blocks come, over libp2p and, beside it, by plain HTTP.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cid } from '#lib/codec/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createAddressBook } from '../../src/server/p2p/address-book.ts';
import { peerKeyOf } from '../../src/server/p2p/node-key.ts';
import { createPeerHost } from '../../src/server/p2p/peer-host.ts';
import { askingOver } from '../../src/server/p2p/peer-request.ts';
import { endProcess, startNodeProcess } from '../server/processes.ts';
import { putBlocks } from './block-reads.ts';
import { rounded, type Measure } from './engine-run.ts';
import { median } from './seeks.ts';

const CALLS = 400;
const WARM_UP_CALLS = 40;
const BLOCK_BYTES = 1_048_576;
const BLOCKS = 64;
const AT_ONCE = 8;
/** Odd, for a median that was measured. */
const ROUNDS = 11;
const ID = '/api/v0/id';

export const PEER_FIELDS = [
  'p2p_p50_ms',
  'p2p_http_p50_ms',
  'p2p_download_mib_s',
  'p2p_http_download_mib_s',
  'p2p_download_ratio',
] as const;

/** Sends a POST without body; resolves with the length of the answer. */
type Ask = (target: string) => Promise<number>;

/** Measures all fields of {@link PEER_FIELDS} on a fresh node. */
export async function measurePeers(
  measure: Measure,
  wants: (...names: string[]) => boolean,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pyrgos-bench-peer-'));
  const port = String(await freePort());
  const listening = ['--p2p-host', '127.0.0.1', '--p2p-port', port];
  const node = await startNodeProcess(['--data', join(folder, 'data'), ...listening]);
  const { ask, close } = await peerOf(node.url, `/ip4/127.0.0.1/tcp/${port}`);
  const direct = plainAsk(node.url);
  try {
    if (wants('p2p_p50_ms', 'p2p_http_p50_ms')) {
      await measure('p2p_p50_ms', () => medianMs(ask));
      await measure('p2p_http_p50_ms', () => medianMs(direct));
    }
    if (!wants('p2p_download_mib_s', 'p2p_http_download_mib_s', 'p2p_download_ratio')) return;
    const what = { username: 'berta', blockBytes: BLOCK_BYTES, count: BLOCKS, perRequest: 1 };
    const paths = await putBlocks(node.url, what);
    const rounds = await alternating(
      () => speed(ask, paths),
      () => speed(direct, paths),
    );
    const middle = (of: (round: Round) => number) => () => Promise.resolve(median(rounds.map(of)));
    await measure(
      'p2p_download_mib_s',
      middle(([peer]) => rounded(peer)),
    );
    await measure(
      'p2p_http_download_mib_s',
      middle(([, http]) => rounded(http)),
    );
    await measure(
      'p2p_download_ratio',
      middle(([peer, http]) => Math.round((100 * peer) / http) / 100),
    );
  } finally {
    await close();
    await endProcess(node, 'SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function peerOf(
  url: string,
  address: string,
): Promise<{ readonly ask: Ask; readonly close: () => Promise<void> }> {
  const { ID: id } = (await (await fetch(url + ID, { method: 'POST' })).json()) as { ID: string };
  const nodeId = Cid.parse(id);
  const { records } = createMemoryStores();
  const host = await createPeerHost({
    key: await peerKeyOf(systemRandom(32)),
    host: '127.0.0.1',
    port: 0,
    announce: [],
    allowsPrivate: false,
    book: createAddressBook(records, Date.now, [{ nodeId, address }]),
    clock: Date.now,
    dht: 'off',
    bootstrap: [],
    onStream: (stream) => void stream.destroy(),
  });
  const send = askingOver(host);
  const { signal } = new AbortController();
  const ask: Ask = async (target) => {
    const incoming = await send(nodeId, { method: 'POST', target, signal });
    let length = 0;
    for await (const piece of incoming) length += (piece as Buffer).length;
    if (incoming.statusCode !== 200) throw new Error(`status ${String(incoming.statusCode)}`);
    return length;
  };
  return { ask, close: () => host.close() };
}

function plainAsk(url: string): Ask {
  return async (target) => {
    const answer = await fetch(url + target, { method: 'POST' });
    if (!answer.ok) throw new Error(`status ${String(answer.status)}`);
    return (await answer.arrayBuffer()).byteLength;
  };
}

async function medianMs(ask: Ask): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP_CALLS + CALLS; i++) {
    const start = performance.now();
    await ask(ID);
    if (i >= WARM_UP_CALLS) times.push(performance.now() - start);
  }
  return rounded(median(times));
}

type Round = readonly [peer: number, http: number];

/** One after the other, again and again: what else this machine does meets both. */
async function alternating(
  peer: () => Promise<number>,
  http: () => Promise<number>,
): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let i = 0; i <= ROUNDS; i++) rounds.push([await peer(), await http()]);
  // The first warms up.
  return rounds.slice(1);
}

/** MiB a second, several blocks at a time. */
async function speed(ask: Ask, paths: readonly string[]): Promise<number> {
  let next = 0;
  let received = 0;
  const start = performance.now();
  const work = async (): Promise<void> => {
    for (let path = paths[next++]; path !== undefined; path = paths[next++]) {
      const length = await ask(path);
      received += length;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const seconds = (performance.now() - start) / 1000;
  if (received < paths.length * BLOCK_BYTES) throw new Error('blocks are missing');
  return received / 2 ** 20 / seconds;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
