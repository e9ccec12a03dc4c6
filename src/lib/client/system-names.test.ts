/** Names of the home that are the app's, as the screens meet them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import {
  closingTabs,
  createBrowser,
  folderOf,
  GOOD,
  namesIn,
  openTab,
  textFile,
  transferOf,
  until,
} from './testing.ts';

beforeAll(() => startCrypto());

const tabs = closingTabs();
async function signedUp() {
  const tab = await openTab(createBrowser());
  tabs.push(tab);
  await tab.client.signUp({ username: 'alice', password: GOOD, staySignedIn: false });
  return { tab, client: tab.client };
}

describe('names of the app', () => {
  it('cannot be given in the home, and the sentence says why', async () => {
    const { client } = await signedUp();
    const home = (await folderOf(client)).entry.id;
    await expect(client.makeFolder(home, 'shared')).rejects.toMatchObject({
      name: 'NameReserved',
      message: expect.stringContaining('“shared 2”'),
    });
    const mine = await client.makeFolder(home, 'mine');
    await expect(client.rename(mine.id, '.trash')).rejects.toMatchObject({ name: 'NameReserved' });
    expect(await client.makeFolder(mine.id, 'shared')).toMatchObject({ name: 'shared' });
  });

  it('do not swallow a folder that is uploaded', async () => {
    const { tab, client } = await signedUp();
    const home = (await folderOf(client)).entry.id;
    const items = [{ path: ['shared', 'a.txt'], file: textFile('a.txt', 'mine') }];
    const id = await client.upload(home, items);
    await until(() => transferOf(tab, id)?.state === 'done');
    expect(await namesIn(client, [])).toEqual(['shared (copy)']);
    expect(await namesIn(client, ['shared (copy)'])).toEqual(['a.txt']);
  });
});
