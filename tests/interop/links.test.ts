/** What an anonymous visitor gets of the secret links that other clients made, and their owner's say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TrustStore } from '#lib/account/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import { Drive } from '#lib/drive/index.ts';
import {
  identitiesFrom,
  Links,
  openLink,
  parseLinkAddress,
  shownIdentity,
} from '#lib/social/index.ts';
import { visitLinks } from '../../scripts/interop-links.ts';
import { deviceOn, loadSet, signInTo } from '../../scripts/interop-read.ts';
import { setFolders, setUsers } from './sets.ts';

interface Expected {
  readonly secretLinks?: readonly unknown[];
}

function expectedLinks(folder: string): readonly unknown[] {
  const text = readFileSync(join(folder, 'expected.json'), 'utf8');
  return (JSON.parse(text) as Expected).secretLinks ?? [];
}

describe.each(setFolders)('the secret links of %s', (folder) => {
  it(
    'open what the reference client saw behind them, or say why not',
    { timeout: 120_000 },
    async () => {
      const damage: string[] = [];
      const visited = await visitLinks(folder, (sentence) => damage.push(sentence));
      expect(damage).toEqual([]);
      expect(visited).toEqual(expectedLinks(folder));
    },
  );
});

describe.each(setUsers)('$username of $folder', ({ folder, username, password }) => {
  it('changes the links there are, makes another, and takes them back', async () => {
    const set = await loadSet(folder, username, () => undefined);
    const device = deviceOn(set);
    const session = await signInTo(set, device, password);
    const drive = new Drive(device, session.home);
    const trust = new TrustStore(drive, set.node);
    const about = { node: set.node, person: session, random: systemRandom, clock: set.clock };
    const links = new Links({ ...about, ...identitiesFrom(trust), drive, driveDeps: device });
    const visitor = {
      driveDeps: deviceOn(set),
      identityOf: (name: string) => shownIdentity(set.node, name),
    };
    const pathOf = async (address: string, userPassword = '') => {
      const open = await openLink(visitor, parseLinkAddress(address), userPassword);
      return (await open.locate()).path;
    };
    await drive.makeDirectory(await drive.home(), 'a new folder');
    await links.create([username, 'a new folder'], true);
    const all = await links.all();
    for (const { path, link } of all) {
      const terms = { userPassword: 'new', expirySeconds: undefined, maxRetrievals: undefined };
      const changed = await links.update(path, link.label, terms);
      expect(await pathOf(links.addressOf(changed), 'new')).toEqual(path);
    }
    for (const { path, link } of all) {
      await links.remove(path, [link.label]);
      await expect(pathOf(links.addressOf(link))).rejects.toMatchObject({ name: 'LinkRemoved' });
    }
    expect(await links.all()).toEqual([]);
  });
});
