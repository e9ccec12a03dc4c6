/**
 * Other programs of this machine reach peers through this one: `/p2p/<node id>/http/<path>` on a port
 * of its own, at the loopback address alone (B-1 §3.2). Other processes of this node use it, and
 * so could a server of the reference. It would be an open proxy to any page a browser of this machine
 * shows, so requests must name the loopback address and no origin.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { Cid, CID_TEXT_MAX_UNITS, MalformedCid } from '#lib/codec/index.ts';
import { ipnsRecordToJson, PATHS } from '#lib/protocol/index.ts';
import type { SignedIpnsRecord } from '#lib/protocol/index.ts';
import { bodyOf, PEER_BODY_MAX_BYTES, PeerMessageTooLong } from './peer-request.ts';
import type { AskPeer } from './peer-request.ts';

export const GATEWAY_HOST = '127.0.0.1';
const RECORD_TARGET = new RegExp(`^/${PATHS.ipnsGet}\\?arg=([A-Za-z0-9]{1,200})$`, 'u');
const TARGET = /^\/p2p\/([A-Za-z0-9]{1,200})\/http(\/[^#]*)$/u;
const MAX_HEADER_BYTES = 16 * 1024;
const REQUEST_WITHIN_MS = 300_000;
/** Of a connection, and of the request of somebody else's browser; none of it is for a peer. */
const NOT_PASSED_ON =
  /^(?:connection|keep-alive|transfer-encoding|te|upgrade|expect|host|content-length|cookie|authorization|source|node-stream|proxy-.*|x-forwarded-.*|forwarded|via)$/u;

export interface LoopbackGateway {
  readonly port: number;
  close(): Promise<void>;
}

/** The record of a node, where this process can find it. */
export type RecordOf = (nodeId: Cid) => Promise<SignedIpnsRecord | undefined>;

/**
 * Listens; port 0 takes a free one. Records of nodes (`ipns/get`) are looked for wherever `recordOf`
 * does, since a node that gave up its id answers by it no more. Rejects with Node's own error where
 * the port cannot be had.
 */
export async function listenForPrograms(
  port: number,
  ask: AskPeer,
  recordOf: RecordOf,
): Promise<LoopbackGateway> {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
  });
  server.on('request', (request, response) => {
    const { port: own } = server.address() as AddressInfo;
    void pass(request, response, { ask, recordOf, port: own });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, GATEWAY_HOST, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  { ask, recordOf, port }: { ask: AskPeer; recordOf: RecordOf; port: number },
): Promise<void> {
  const { method = 'GET', headers } = request;
  const isOwnHost = [GATEWAY_HOST, 'localhost'].some(
    (it) => headers.host === `${it}:${String(port)}`,
  );
  if (!isOwnHost || headers.origin !== undefined) return refuse(response, 404);
  if (method !== 'GET' && method !== 'POST') return refuse(response, 405);
  const [, id = '', target = ''] = TARGET.exec(request.url ?? '') ?? [];
  const nodeId = nodeIdIn(id);
  if (nodeId === undefined) return refuse(response, 404);
  const given = new AbortController();
  response.once('close', () => given.abort());
  try {
    const body = await wholeBody(request);
    if (body === undefined) return refuse(response, 413);
    const { signal } = given;
    const [, named = ''] = RECORD_TARGET.exec(target) ?? [];
    const asWhom = nodeIdIn(named);
    const record = asWhom && (await recordOf(asWhom));
    if (record !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(ipnsRecordToJson(record));
      return;
    }
    const asked = { method, target, headers: passedOn(request), signal, body };
    const incoming = await ask(nodeId, asked);
    response.writeHead(incoming.statusCode ?? 502, answerHeaders(incoming));
    await pipeline(bodyOf(incoming), response);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else refuse(response, error instanceof PeerMessageTooLong ? 400 : 502);
  }
}

function nodeIdIn(text: string): Cid | undefined {
  try {
    return text === '' ? undefined : Cid.parse(text, CID_TEXT_MAX_UNITS);
  } catch (error) {
    if (error instanceof MalformedCid) return undefined;
    throw error;
  }
}

/** `undefined`: it is too long. */
async function wholeBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    length += piece.length;
    if (length > PEER_BODY_MAX_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function passedOn({ headers }: IncomingMessage): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/** One of the two lengths only; a header named `Trailer` needs chunks (B-1 §1.1). */
function answerHeaders({ headers }: IncomingMessage): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.test(name));
  const answer = Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
  const { 'content-length': length } = headers;
  if (answer['trailer'] === undefined && length !== undefined) answer['content-length'] = length;
  return answer;
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': '0', connection: 'close' });
  response.end();
}
