/**
 * Started by `registry-run.ts`, as a process of its own, whose memory is then that of its work:
 * `build FILE NAMES` makes a registry of so many names; `mirror FILE` mirrors it into records beside
 * it, then one changed name, and prints what that took.
 */
import { renameSync, rmSync } from 'node:fs';
import { Cid } from '#lib/codec/index.ts';
import { SigningKeyPair, startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { mirrorStep, NameRegistry, OwnRegistry } from '#lib/name-registry/index.ts';
import { fillRegistry } from '#lib/name-registry/testing.ts';
import { createClaimLink, mergeClaimChains } from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { createSqliteRecordStore } from '#lib/stores/server/index.ts';

const HOME = Cid.parse('zdvgq1QytJnbSZiAGiduxkd7hnhdnpHqBSfYGiCyG1YQjLEij');
/** Median of so many changes of one name. */
const CHANGES = 9;

const [task, file = '', count] = process.argv.slice(2);
await startCrypto();
if (task === 'build') await build(file, Number(count));
else console.log(JSON.stringify(await mirror(file)));

function depsOf(records: Awaited<ReturnType<typeof createSqliteRecordStore>>) {
  return { records, clock: Date.now, random: systemRandom, nodeId: async () => HOME };
}

async function build(place: string, names: number): Promise<void> {
  const part = `${place}.part`;
  for (const end of ['', '-wal', '-shm']) rmSync(part + end, { force: true });
  const records = await createSqliteRecordStore(part);
  await new OwnRegistry(depsOf(records)).open();
  await fillRegistry(depsOf(records), chains(names));
  await records.close();
  renameSync(part, place);
}

async function* chains(names: number): AsyncGenerator<[string, UserPublicKeyLink[]]> {
  for (let i = 0; i < names; i++) {
    const username = `user-${String(i)}`;
    const pair = SigningKeyPair.random(systemRandom);
    yield [username, [await claim(pair, username)]];
  }
}

function claim(pair: SigningKeyPair, username: string): Promise<UserPublicKeyLink> {
  return createClaimLink(pair, { username, expiry: '2027-01-01', storageProviders: [HOME] });
}

async function mirror(place: string) {
  const copy = `${place}.mirror`;
  const forget = (): void => {
    for (const end of ['', '-wal', '-shm']) rmSync(copy + end, { force: true });
  };
  forget();
  const from = await createSqliteRecordStore(place);
  const to = await createSqliteRecordStore(copy);
  const own = new OwnRegistry(depsOf(from));
  const identity = await own.open();
  const names = new NameRegistry({ records: from, clock: Date.now, identity });
  const source = {
    pointer: (_owner: unknown, writer: typeof identity) => names.pointer(writer),
    block: (_owner: unknown, cid: Cid) => names.block(cid),
    difference: names.difference.bind(names),
  };
  const step = () => mirrorStep({ records: to, clock: Date.now, identity, source });
  const start = performance.now();
  const { added } = await step();
  const seconds = (performance.now() - start) / 1000;
  const megabytes = process.resourceUsage().maxRSS / 1024;
  const changes: number[] = [];
  for (let i = 0; i < CHANGES; i++) {
    const username = `new-${String(Date.now())}-${String(i)}`;
    const link = await claim(SigningKeyPair.random(systemRandom), username);
    await own.update(username, (existing) => mergeClaimChains(existing, [link], username));
    const before = performance.now();
    await step();
    changes.push(performance.now() - before);
  }
  await Promise.all([from.close(), to.close()]);
  forget();
  const changeMs = changes.toSorted((a, b) => a - b)[CHANGES >> 1] ?? NaN;
  return { added, seconds, megabytes, changeMs };
}
