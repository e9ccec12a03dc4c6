/** Hosts of libp2p that find each other, and records, by the Kademlia table. */
import { createIPNSRecord, marshalIPNSRecord } from 'ipns';
import { expect, test } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { ipnsKeyOf, ipnsRecordToProtobuf, signNodeRecord } from '#lib/protocol/index.ts';
import { SigningKeyPair } from '#lib/crypto/index.ts';
import { nodeIdOf, peerKeyOf } from './node-key.ts';
import { startHost, startServingHost, textOf } from './testing.ts';
import type { TestHost } from './testing.ts';

const inTime = (): AbortSignal => AbortSignal.timeout(10_000);
const seedOf = (seed: number): Uint8Array => new Uint8Array(32).fill(seed);

/** One that others meet at, and one that answers, which calls nobody but the first. */
async function startTable() {
  const middle = await startHost(1, { dht: 'private', allowsPrivate: true });
  const answering = await startServingHost(2, (_, response) => response.end('found'), {
    dht: 'private',
    bootstrap: [middle],
  });
  await expect.poll(() => middle.host.connections).toBe(1);
  return { middle, answering };
}

async function ask(asking: TestHost, nodeId: Cid): Promise<string> {
  return textOf(await asking.ask(nodeId, { method: 'POST', target: '/', signal: inTime() }));
}

test('a node is found by its id through a third one, and then kept in the address book', async () => {
  const { middle, answering } = await startTable();
  const asking = await startHost(3, { dht: 'private', allowsPrivate: true, bootstrap: [middle] });
  expect(await asking.book.addressesOf(answering.nodeId)).toEqual([]);
  expect(await ask(asking, answering.nodeId)).toBe('found');
  const [address = ''] = await asking.book.addressesOf(answering.nodeId);
  expect(`${address}/p2p/${answering.nodeId.toPeerId()}`).toBe(answering.address);
});

test('what the table says of private networks is not dialled unless that is allowed', async () => {
  const { middle, answering } = await startTable();
  const asking = await startHost(3, { dht: 'private', bootstrap: [middle] });
  // The first one is its own operator's word.
  expect(asking.host.table).toBeDefined();
  await expect.poll(() => middle.host.connections).toBe(2);
  await expect(ask(asking, answering.nodeId)).rejects.toThrow(/./u);
  expect(asking.host.connections).toBe(1);
  expect(await asking.book.addressesOf(answering.nodeId)).toEqual([]);
});

test('without the table nobody is found', async () => {
  const { middle, answering } = await startTable();
  const asking = await startHost(3, { allowsPrivate: true, bootstrap: [middle] });
  expect(asking.host.table).toBeUndefined();
  await expect.poll(() => middle.host.connections).toBe(2);
  await expect(ask(asking, answering.nodeId)).rejects.toThrow(/./u);
});

test('the record of a node is found by others, newest first, and no bad one is kept', async () => {
  const { middle, answering } = await startTable();
  const asking = await startHost(3, { dht: 'private', allowsPrivate: true, bootstrap: [middle] });
  await expect.poll(() => middle.host.connections).toBe(2);
  const key = SigningKeyPair.fromSeed(seedOf(2));
  const at = ipnsKeyOf(answering.nodeId);
  const entryOf = async (sequence: bigint, nowMs = Date.now()) => {
    const record = { sequence, successor: asking.nodeId, hasMoved: true };
    return ipnsRecordToProtobuf(await signNodeRecord(key, record, nowMs));
  };
  const [older, newer] = [await entryOf(1n), await entryOf(2n)];
  expect(await asking.host.table!.get(at, inTime())).toBeUndefined();
  await answering.host.table!.put(at, older, inTime());
  expect(await asking.host.table!.get(at, inTime())).toEqual(older);
  await answering.host.table!.put(at, newer, inTime());
  expect(await asking.host.table!.get(at, inTime())).toEqual(newer);
  // Of the library of others.
  const foreign = marshalIPNSRecord(
    await createIPNSRecord(await peerKeyOf(seedOf(9)), '/ipfs/bafkqaaa', 1n, 3_600_000),
  );
  const other = nodeIdOf(await peerKeyOf(seedOf(9)));
  await answering.host.table!.put(ipnsKeyOf(other), foreign, inTime());
  expect(await middle.host.table!.get(ipnsKeyOf(other), inTime())).toEqual(foreign);
  // Another's, expired, and nonsense: only the node that puts it keeps it.
  const mine = ipnsKeyOf(asking.nodeId);
  for (const bad of [newer, await entryOf(3n, 0), utf8('nonsense')]) {
    await asking.host.table!.put(mine, bad, inTime()).catch(() => undefined);
    expect(await middle.host.table!.get(mine, inTime()).catch(() => undefined)).toBeUndefined();
  }
});
