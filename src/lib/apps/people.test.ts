/** Apps from a friend's drive: where they are from is shown by keys, and reach stays with the person. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { befriend, createTown, settle, type TestPerson } from '#lib/social/testing.ts';
import { createBroker } from './broker.ts';
import { inspect, install } from './install.ts';
import { findInstalled, findUpdate } from './installed.ts';
import type { openInstalled } from './open-app.ts';
import { openInPlace } from './open-app.ts';
import { readFolderPackage } from './package.ts';
import { bytesOfBody, headerIn, putFiles, appFiles, testHost } from './testing.ts';

const FOLDER = ['bob', 'todo'];

async function friends(): Promise<{ alice: TestPerson; bob: TestPerson }> {
  const town = createTown();
  const [alice, bob] = [await settle(town, 'alice'), await settle(town, 'bob')];
  await befriend(alice, bob);
  await putFiles(
    bob.drive,
    'todo',
    appFiles({ permissions: ['STORE_APP_DATA', 'ACCESS_PROFILE_PHOTO'] }),
  );
  const person = { kind: 'person', username: 'alice' } as const;
  await bob.sharing.share([FOLDER], [person], 'read');
  await alice.mount();
  return { alice, bob };
}

const packageOf = ({ drive, deps }: TestPerson, path: readonly string[] = FOLDER) =>
  readFolderPackage({ drive, path, identityOf: deps.identityOf });

function brokerOf({ drive }: TestPerson, app: Awaited<ReturnType<typeof openInstalled>>) {
  const photoOf = (username: string) =>
    Promise.resolve(
      username === 'bob' ? { mimeType: 'text/html', bytes: utf8('photo') } : undefined,
    );
  const { host, asked } = testHost();
  const random = (length: number) => new Uint8Array(length);
  const broker = createBroker({
    drive,
    app,
    username: 'alice',
    host,
    clock: () => 0,
    random,
    photoOf,
  });
  const ask = async (method: string, path: string, query = '') => {
    const answer = await broker.handle({ method, path, query, headers: [], body: utf8('x') });
    const text = new TextDecoder().decode(await bytesOfBody(answer.body));
    return [answer.status, text, headerIn(answer, 'content-type')];
  };
  return { ask, asked };
}

describe('an app of a friend', () => {
  it('is installed with a record of whose key it came from, and updates are found there', async () => {
    const { alice, bob } = await friends();
    const inspection = await inspect(alice.drive, 'alice', await packageOf(alice));
    expect(inspection.appPackage.origin).toMatchObject({
      owner: 'bob',
      identity: bob.session.home.owner.toString(),
      path: '/bob/todo',
      isVerified: true,
    });
    await install(alice.drive, inspection);
    const found = await findInstalled(alice.drive, 'alice', 'todo');
    expect(found?.record?.origin).toEqual(inspection.appPackage.origin);
    expect(await findUpdate(alice.drive, found!)).toBeUndefined();
    await putFiles(bob.drive, 'todo', appFiles({ version: '3.0.0' }));
    expect(await findUpdate(alice.drive, found!)).toEqual({ version: '3.0.0', path: FOLDER });
    expect((await inspect(alice.drive, 'alice', await packageOf(alice))).change).toBe('update');
  });

  it('is never an update of an app of somebody else, whatever its manifest says', async () => {
    const { alice } = await friends();
    await putFiles(
      alice.drive,
      'mine',
      appFiles({ version: '0.0.0', source: '/bob/todo', author: 'bob' }),
    );
    const own = await inspect(alice.drive, 'alice', await packageOf(alice, ['alice', 'mine']));
    await install(alice.drive, own);
    expect((await inspect(alice.drive, 'alice', await packageOf(alice))).change).toBe(
      'other-owner',
    );
  });

  it('run in place stores nothing in the friend’s drive', async () => {
    const { alice } = await friends();
    const { ask } = brokerOf(alice, await openInPlace(alice.drive, FOLDER));
    expect((await ask('GET', 'index.html'))[0]).toBe(200);
    expect(await ask('GET', '/peergos-api/v0/data/')).toEqual([
      200,
      '{"files":[],"subFolders":[]}',
      'application/json',
    ]);
    expect((await ask('PUT', '/peergos-api/v0/data/x'))[0]).toBe(400);
    expect((await ask('GET', '/bob/todo/peergos-app.json'))[0]).toBe(404);
  });

  it('sees photos of friends as pictures, if it may, and of nobody else', async () => {
    const { alice } = await friends();
    const { ask, asked } = brokerOf(alice, await openInPlace(alice.drive, FOLDER));
    const profile = (name: string, query = '?thumbnail=true') =>
      ask('GET', `/peergos-api/v0/profile/${name}`, query);
    const url = `data:image/png;base64,${btoa('photo')}`;
    expect((await profile('bob'))[1]).toBe(JSON.stringify({ profileThumbnail: url }));
    expect((await profile('alice'))[1]).toBe('{"profileThumbnail":""}');
    expect((await profile('carol'))[0]).toBe(400);
    expect((await profile('bob', ''))[0]).toBe(200);
    expect(asked).toEqual(['showProfile']);
  });
});
