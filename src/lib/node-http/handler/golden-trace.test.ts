/** The recorded sign-up and first sign-in of the reference client, as HTTP calls (B-8). */
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { tracedCalls } from '../../../../tests/vectors/captures.ts';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { Cid, decodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { seededRandom } from '#lib/node-local/testing.ts';
import { handleRequest } from './handle-request.ts';

const calls = tracedCalls();
const HOST = 'peergos.example';

/** Within the windows of the recorded signed times. */
const RECORDED_MS = 1_795_423_041_900;

function nodeIdOf(): Cid {
  const ids = calls.find(({ url }) => url === 'api/v0/ids')?.response ?? '';
  const { IDS } = JSON.parse(fromHexText(ids)) as { IDS: string[] };
  return Cid.parse(IDS.at(-1) ?? '');
}

const fromHexText = (hex: string) => new TextDecoder().decode(fromHex(hex));

test('each call is answered as it was recorded', async () => {
  const node = createLocalNode({
    ...createMemoryStores(),
    clock: () => RECORDED_MS,
    random: seededRandom('trace'),
    nodeId: nodeIdOf(),
  });
  const faults: unknown[] = [];
  const answer = handleRequest(node, {
    hosts: [HOST],
    isPublic: true,
    pageOrigins: [],
    clock: () => RECORDED_MS,
    onError: (_, error) => faults.push(error),
  });
  for (const { n, method, url, request, response } of calls) {
    const body = request === '' ? {} : { body: fromHex(request) as BodyInit };
    const answered = await answer(new Request(`https://${HOST}/${url}`, { method, ...body }));
    const bytes = new Uint8Array(await answered.arrayBuffer());
    expect([n, answered.status]).toEqual([n, 200]);
    expect([n, comparable(url, bytes)]).toEqual([n, comparable(url, fromHex(response))]);
  }
  expect(faults).toEqual([]);
});

/** What is the same in every run. The recorded operator and transaction ids are not. */
function comparable(url: string, bytes: Uint8Array): unknown {
  if (url.startsWith('api/v0/champ/')) {
    return (decodeCbor(bytes) as CborValue[]).map((block) => toHex(block as Uint8Array)).sort();
  }
  if (url.startsWith('peergos/v0/core/getUsernamesGzip')) {
    const json = bytes[0] === 0x1f ? gunzipSync(bytes).toString() : fromHexText(toHex(bytes));
    return (JSON.parse(json) as string[]).filter((name) => name !== 'peergos');
  }
  return url.startsWith('api/v0/transaction/start') ? bytes.length <= 64 : toHex(bytes);
}
