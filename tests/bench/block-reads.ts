/**
 * Load for a node: 32 connections, each asking for one block after the other. Requests and answers
 * are handled as plain bytes, so that what is measured is the node and hardly the asking.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { signUpAt } from '../server/client.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import { signBlock } from '#lib/crypto/index.ts';

const BLOCK_BYTES = 65_536;
/** Of a byte string of that length. */
const CBOR_HEAD_BYTES = 3;
const BLOCKS = 128;
const BLOCKS_A_REQUEST = 8;
const CONNECTIONS = 32;
const WHILE_MS = 4000;
const HEAD_END = Buffer.from('\r\n\r\n');

export interface StoredBlocks {
  readonly username: string;
  readonly blockBytes: number;
  readonly count: number;
  readonly perRequest: number;
}

const SMALL: StoredBlocks = {
  username: 'boris',
  blockBytes: BLOCK_BYTES,
  count: BLOCKS,
  perRequest: BLOCKS_A_REQUEST,
};

/** Stores blocks that anybody may read; answers the paths they are read at. */
export async function putBlocks(url: string, what: StoredBlocks = SMALL): Promise<string[]> {
  const { session, deps, leave } = await signUpAt(url, what.username);
  const { identity } = session;
  const owner = identity.hash;
  const paths: string[] = [];
  const tid = await deps.node.blocks.startTransaction(owner);
  for (let i = 0; i < what.count; i += what.perRequest) {
    const blocks = await Promise.all(
      Array.from({ length: what.perRequest }, async () => {
        const bytes = encodeCbor(new Uint8Array(randomBytes(what.blockBytes - CBOR_HEAD_BYTES)));
        return { bytes, authorisation: await signBlock(identity, bytes) };
      }),
    );
    const cids = await deps.node.blocks.put(owner, owner, blocks, 'dag-cbor', tid);
    for (const cid of cids) {
      paths.push(`/api/v0/block/get?arg=${cid.toString()}&owner=${owner.toString()}`);
    }
  }
  leave();
  return paths;
}

/** Answered requests a second. */
export async function readBlocksForAWhile(url: string, paths: readonly string[]): Promise<number> {
  const { host, hostname, port } = new URL(url);
  const requests = paths.map((path) =>
    Buffer.from(`POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`),
  );
  const start = performance.now();
  const counts = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, i) =>
      readInTurn(connect(Number(port), hostname), requests, i, start + WHILE_MS),
    ),
  );
  const seconds = (performance.now() - start) / 1000;
  return counts.reduce((sum, count) => sum + count, 0) / seconds;
}

/** Asks, waits for all of the answer, asks again; answers how often. */
function readInTurn(
  socket: Socket,
  requests: readonly Buffer[],
  first: number,
  untilMs: number,
): Promise<number> {
  let count = 0;
  let missingBytes = 0;
  const ask = (): void => {
    const request = requests[(first + count) % requests.length];
    if (request !== undefined) socket.write(request);
  };
  return new Promise((resolve, reject) => {
    socket.once('connect', ask);
    socket.once('error', reject);
    socket.on('data', (piece) => {
      missingBytes = missingBytes > 0 ? missingBytes - piece.length : missingAfter(piece);
      if (missingBytes > 0) return;
      count++;
      if (performance.now() < untilMs) ask();
      else {
        socket.destroy();
        resolve(count);
      }
    });
  });
}

/** Bytes still to come of an answer that begins with this piece. Throws unless it is a block. */
function missingAfter(piece: Buffer): number {
  const end = piece.indexOf(HEAD_END);
  const head = piece.subarray(0, end).toString('latin1');
  if (end < 0 || !head.startsWith('HTTP/1.1 200 ')) throw new Error(`not a block: ${head}`);
  const length = Number(/^content-length: (\d+)$/imu.exec(head)?.[1]);
  if (length !== BLOCK_BYTES) throw new Error(`an answer of ${String(length)} bytes`);
  return length - (piece.length - end - HEAD_END.length);
}
