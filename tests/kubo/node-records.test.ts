/** Records of nodes, as Kubo judges them and keeps them in its Kademlia table (B-2 §7). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { peerIdOf, SigningKeyPair } from '#lib/crypto/index.ts';
import { ipnsKeyOf, ipnsRecordToProtobuf, signNodeRecord } from '#lib/protocol/index.ts';
import { startHost } from '../../src/server/p2p/testing.ts';
import { Kubo } from './kubo.ts';

const key = SigningKeyPair.fromSeed(new Uint8Array(32).fill(7));
const id = peerIdOf(key.publicKey);
const successor = peerIdOf(SigningKeyPair.fromSeed(new Uint8Array(32).fill(8)).publicKey);
const entryOf = async (sequence: bigint): Promise<Uint8Array> =>
  ipnsRecordToProtobuf(
    await signNodeRecord(key, { sequence, successor, hasMoved: true }, Date.now()),
  );

async function startKubo(): Promise<Kubo> {
  const kubo = await Kubo.start({ hasTable: true });
  onTestFinished(() => kubo.stop());
  return kubo;
}

test('a record is valid for Kubo', async () => {
  const kubo = await startKubo();
  const folder = mkdtempSync(join(tmpdir(), 'pyrgos-record-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'record');
  writeFileSync(file, await entryOf(3n));
  const said = kubo.command('name', 'inspect', '--verify', id.toPeerId(), file);
  expect(said).toMatch(/Valid: +true/u);
  expect(said).toMatch(/Sequence: +3\n/u);
});

test('nodes find each other, and records, by a table of which Kubo is a part', async () => {
  const kubo = await startKubo();
  const table = { dht: 'private', allowsPrivate: true } as const;
  const bootstrap = [{ address: kubo.addresses[0] ?? '' }] as never;
  const one = await startHost(1, { ...table, bootstrap });
  const inTime = (): AbortSignal => AbortSignal.timeout(30_000);
  const entry = await entryOf(1n);
  await one.host.table!.put(ipnsKeyOf(id), entry, inTime());
  const two = await startHost(2, { ...table, bootstrap });
  await one.host.close();
  expect(await two.host.table!.get(ipnsKeyOf(id), inTime())).toEqual(entry);
});
