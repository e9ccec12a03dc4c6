/** The account of the oldest kind that another client made: the operator's own. */
import { describe, expect, it } from 'vitest';
import { changePassword, moveAccount, signIn } from '#lib/account/index.ts';
import { Signer, systemRandom } from '#lib/crypto/index.ts';
import { Drive } from '#lib/drive/index.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import { WrongPassword } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { Commit, Snapshot } from '#lib/writers/index.ts';
import {
  deviceOn,
  loadSet,
  readTree,
  type LoadedSet,
  type Row,
} from '../../scripts/interop-read.ts';
import { setUsers } from './sets.ts';

const NEW = 'plaster kiwi 88 orbit lemonade';
const SLOW = { timeout: 240_000 };
const operators = setUsers.filter(({ username }) => username === 'peergos');

function failOnDamage(sentence: string): never {
  throw new Error(sentence);
}

async function rowsOf(set: LoadedSet, password: string): Promise<Row[]> {
  const device = deviceOn(set);
  const session = await signIn(device, { username: set.username, password });
  const rows: Row[] = [];
  for await (const row of readTree(device, session, failOnDamage)) rows.push(row);
  return rows;
}

describe.each(operators)('$username of $folder', ({ folder, username, password, expected }) => {
  const change = { username, oldPassword: password, newPassword: NEW };

  it('keeps its password while it owns a registry whose key is elsewhere', SLOW, async () => {
    const set = await loadSet(folder, username, failOnDamage);
    const device = deviceOn(set);
    const { identity } = await signIn(device, { username, password });
    const stateOf = () => new Snapshot(deviceOn(set), identity.hash).state(identity.hash);
    const before = await stateOf();
    await expect(changePassword(device, change)).rejects.toMatchObject({
      name: 'MalformedAccount',
    });
    expect((await stateOf()).target?.toString()).toBe(before.target?.toString());
    expect(await rowsOf(set, password)).toEqual(expected);
  });

  it('without the registry is as any other after a change, and moves', SLOW, async () => {
    const set = await loadSet(folder, username, failOnDamage);
    const { identity } = await signIn(deviceOn(set), { username, password });
    const commit = new Commit(deviceOn(set), identity.hash);
    await commit.changeWriterData(Signer.of(identity), (data) => data.with({ named: undefined }));
    await commit.commit();
    await changePassword(deviceOn(set), change);
    await expect(rowsOf(set, password)).rejects.toThrow(WrongPassword);
    expect(await rowsOf(set, NEW)).toEqual(expected);

    const stores = { ...createMemoryStores(), clock: set.clock, random: systemRandom };
    const node = createLocalNode({ ...stores, operators: [username] });
    const there = { username, node, clock: set.clock };
    const credentials = { username, password: NEW };
    const { home } = await moveAccount(deviceOn(set), deviceOn(there), credentials);
    expect(await rowsOf(there, NEW)).toEqual(expected);
    const drive = new Drive(deviceOn(there), home);
    await drive.makeDirectory(await drive.home(), 'at the new place');
    expect(await rowsOf(there, NEW)).toHaveLength(expected.length + 1);
    await changePassword(deviceOn(there), { username, oldPassword: NEW, newPassword: `${NEW} 2` });
    expect(await rowsOf(there, `${NEW} 2`)).toHaveLength(expected.length + 1);
  });
});
