/** What hostile apps ask for beyond their rights (attack list A2, A4). */
import { describe, expect, it } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { bytesOf } from '#lib/drive/testing.ts';
import { createBroker } from './broker.ts';
import { openPages } from './open-app.ts';
import { runTestApp, testHost, testManifest } from './testing.ts';
import type { Host } from './types.ts';

const API = '/peergos-api/v0';
const OPENED = { path: ['alice', 'docs', 'a.txt'], isFolder: false };
const HOME = { 'docs/a.txt': 'the file', 'docs/b.txt': 'b', 'other.txt': 'elsewhere' };
const OTHER_APP = { '.apps/bank/data/secret': 'of another app', '.apps/bank/assets/x': 'x' };
const body = { body: utf8('x') };

const CLIMBS = [
  '..',
  '%2e%2e',
  '%2E.',
  '..%2f..',
  '%2e%2e%2f',
  '.%00.',
  'a%2fb',
  '%00',
  '.',
  '%0a',
  'x%c2%85',
  'x'.repeat(256),
];

describe('paths of hostile apps', () => {
  it.each(CLIMBS)('do not leave the data of the app by %j', async (name) => {
    const { ask } = await runTestApp({ home: OTHER_APP });
    for (const method of ['GET', 'PUT', 'POST', 'DELETE']) {
      const { status } = await ask(method, `${API}/data/${name}/bank/data/secret`, body);
      expect(status, method).toBe(400);
    }
  });

  it('are decoded once and no more', async () => {
    const { ask, text } = await runTestApp({ home: OTHER_APP });
    expect((await ask('PUT', `${API}/data/%252e%252e`, body)).status).toBe(201);
    expect(await text('GET', `${API}/data/`)).toEqual([
      200,
      '{"files":["%2e%2e"],"subFolders":[]}',
    ]);
  });

  it('do not reach hidden files, whichever way the dot is written', async () => {
    const home = { 'docs/.hidden/x': 'x', 'docs/a.txt': 'a' };
    const opened = { path: ['alice', 'docs'], isFolder: true };
    const { ask } = await runTestApp({ home, opened, files: { 'data/.x': 'x' } });
    for (const path of ['/alice/docs/.hidden/x', '/alice/docs/%2ehidden/x', `${API}/data/.x`]) {
      expect((await ask('GET', path)).status, path).toBe(400);
    }
    // Letters that only look like a dot name nothing.
    expect((await ask('GET', '/alice/docs/%EF%BC%8Ehidden/x')).status).toBe(404);
    expect((await ask('GET', '/alice/docs/%E2%80%A4hidden/x')).status).toBe(404);
    expect((await ask('PUT', `${API}/data/.y`, body)).status).toBe(400);
    expect((await ask('POST', `${API}/save/.y`, body)).status).toBe(400);
  });

  it('do not reach the own manifest, other apps or other trees', async () => {
    const { ask } = await runTestApp({ home: { ...HOME, ...OTHER_APP }, opened: OPENED });
    const paths = [
      '/alice/.apps/todo/peergos-app.json',
      '/alice/.apps/bank/data/secret',
      '/alice/.apps/bank/assets/x',
      '/bob/docs/a.txt',
      '/alice/docs/a.txt/..%2fb.txt',
      '/alice/docs/A.txt',
    ];
    for (const path of paths) {
      expect([400, 404], path).toContain((await ask('GET', path)).status);
      expect((await ask('PUT', path, body)).status, path).toBe(400);
    }
  });

  it('may be the names of JavaScript’s own objects', async () => {
    const { ask, text } = await runTestApp();
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect((await ask('GET', `${API}/${name}`)).status, name).toBe(404);
      expect((await ask('PUT', `${API}/data/${name}`, body)).status, name).toBe(201);
      expect(await text('GET', `${API}/data/${name}`)).toEqual([200, 'x']);
      expect((await ask('GET', name)).status, name).toBe(404);
    }
  });
});

describe('routes without their permission', () => {
  it('are refused, and nothing is asked', async () => {
    const manifest = { permissions: [] };
    const { ask, asked } = await runTestApp({ manifest, opened: OPENED, home: HOME });
    for (const path of ['data/', 'folders/', 'chat/', 'mailbox/', 'profile/alice?thumbnail=true']) {
      expect((await ask('GET', `${API}/${path}`)).status, path).toBe(400);
    }
    expect(
      (await ask('POST', `${API}/install-app/`, { body: utf8('{"path":"/a","appName":"a"}') }))
        .status,
    ).toBe(400);
    expect(asked).toEqual([]);
  });

  it('of chat and mailbox say in a sentence that they are not there yet', async () => {
    const permissions = ['EXCHANGE_MESSAGES_WITH_FRIENDS', 'USE_MAILBOX'] as const;
    const { text } = await runTestApp({ manifest: { permissions } });
    for (const path of [`${API}/chat/`, '/peergos-api/v1/chat/', `${API}/mailbox/inbox`]) {
      const [status, sentence] = await text('GET', path);
      expect([status, sentence], path).toEqual([501, expect.stringMatching(/not available/u)]);
    }
  });
});

describe('dialogs', () => {
  const answers: Partial<Host> = {
    askSaveName: () => Promise.resolve({ name: 'saved.txt' }),
    pickFile: () => Promise.resolve({ path: ['alice', 'docs', 'b.txt'] }),
    pickFolders: () => Promise.resolve([['alice', 'docs']]),
  };

  it('do not open without a click', async () => {
    let opened = 0;
    const count = () => Promise.resolve(void (opened += 1));
    const none: Partial<Host> = {
      hadRecentClick: () => false,
      askSaveName: count,
      pickFile: count,
      pickFolders: count,
      print: count,
      showProfile: count,
    };
    const { ask } = await runTestApp({ home: HOME, answers: none });
    expect((await ask('POST', `${API}/save/a.txt`, body)).status).toBe(400);
    for (const path of ['file-picker/', 'folders/', 'profile/alice']) {
      expect((await ask('GET', `${API}/${path}`)).status, path).toBe(400);
    }
    expect((await ask('POST', `${API}/print/`, { body: utf8('{"html":"x"}') })).status).toBe(400);
    expect(opened).toBe(0);
  });

  it('open one at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { ask } = await runTestApp({ answers: { ...answers, pickFile: () => promise } });
    const first = ask('GET', `${API}/file-picker/`);
    expect((await ask('GET', `${API}/folders/`)).status).toBe(400);
    resolve(undefined);
    expect((await first).status).toBe(200);
    // The next one opens; there is no folder of the name that its answer gives.
    expect((await ask('GET', `${API}/folders/`)).status).toBe(404);
  });

  it('have no effect after the app was closed', async () => {
    const { promise, resolve } = Promise.withResolvers<{ name: string }>();
    const app = await runTestApp({ home: HOME, answers: { askSaveName: () => promise } });
    const saving = app.ask('POST', `${API}/save/late.txt`, body);
    await new Promise((later) => setTimeout(later, 20));
    app.broker.close();
    resolve({ name: 'late.txt' });
    expect((await saving).status).toBe(400);
    expect(await app.drive.find(await app.drive.home(), 'late.txt')).toBeUndefined();
    expect((await app.ask('GET', 'index.html')).status).toBe(400);
  });

  it('of saving take the name the person gave, beside the opened file, over nothing', async () => {
    const home = { ...HOME, 'docs/saved.txt': 'old' };
    const { ask, drive } = await runTestApp({ home, opened: OPENED, answers });
    expect((await ask('POST', `${API}/save/idea.txt`, body)).status).toBe(201);
    const copy = await drive.resolve(['docs', 'saved (copy).txt']);
    expect(await bytesOf(drive, copy)).toEqual(utf8('x'));
    for (const path of ['a.txt', 'x/y.txt', '', '..']) {
      expect((await ask('POST', `${API}/save/${path}`, body)).status, path).toBe(400);
    }
  });

  it('of saving cannot give a hidden name, or that of the opened file', async () => {
    for (const name of ['.bashrc', 'a.txt', 'x/y', '..']) {
      const askSaveName = () => Promise.resolve({ name });
      const { ask } = await runTestApp({ home: HOME, opened: OPENED, answers: { askSaveName } });
      expect((await ask('POST', `${API}/save/idea.txt`, body)).status, name).toBe(400);
    }
  });

  it('of picking let the app read the picked file, and write it only if it asked to', async () => {
    const { ask, text } = await runTestApp({ home: HOME, answers });
    expect(await text('GET', `${API}/file-picker/?extension=txt`)).toEqual([
      200,
      '["/alice/docs/b.txt",false]',
    ]);
    expect(await text('GET', '/alice/docs/b.txt')).toEqual([200, 'b']);
    expect((await ask('PUT', '/alice/docs/b.txt', body)).status).toBe(400);
    expect((await ask('GET', '/alice/docs/a.txt')).status).toBe(404);
    expect(await text('GET', `${API}/file-picker/?writable=true`)).toEqual([
      200,
      '["/alice/docs/b.txt",true]',
    ]);
    expect((await ask('PUT', '/alice/docs/b.txt', body)).status).toBe(200);
  });

  it('of folders let the app read all below the chosen ones', async () => {
    const { text, ask } = await runTestApp({ home: HOME, answers });
    expect(await text('GET', `${API}/folders/`)).toEqual([200, '["/alice/docs"]']);
    expect(await text('GET', '/alice/docs/b.txt')).toEqual([200, 'b']);
    expect((await ask('GET', '/alice/other.txt')).status).toBe(404);
    expect((await ask('PUT', '/alice/docs/b.txt', body)).status).toBe(400);
  });

  it('that are cancelled say so as the protocol does', async () => {
    const { text } = await runTestApp();
    expect(await text('GET', `${API}/file-picker/`)).toEqual([200, '["",false]']);
    expect(await text('GET', `${API}/folders/`)).toEqual([200, '[]']);
  });
});

describe('floods', () => {
  it('of requests end at 64 at once', async () => {
    const { ask } = await runTestApp();
    const answers = await Promise.all(Array.from({ length: 80 }, () => ask('GET', 'index.html')));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(64);
    expect(statuses.filter((status) => status === 429)).toHaveLength(16);
    expect((await ask('GET', 'index.html')).status).toBe(200);
  });

  it('of writes are slowed down, and go on after a while', async () => {
    const limits = { writeBurst: 2, writesPerSecond: 1 };
    const { ask, clock } = await runTestApp({ limits });
    const write = async () => (await ask('PUT', `${API}/data/x`, body)).status;
    expect([await write(), await write(), await write()]).toEqual([201, 200, 429]);
    clock.nowMs += 1000;
    expect([await write(), await write()]).toEqual([200, 429]);
  });

  it('of bytes are refused: long headers, large bodies, long paths, odd methods', async () => {
    const { ask } = await runTestApp({ limits: { bodyBytes: 10 } });
    const large = { body: new Uint8Array(11) };
    expect((await ask('PUT', `${API}/data/x`, large)).status).toBe(413);
    const header = [['x-a', 'é'.repeat(126)]] as const;
    expect((await ask('GET', 'index.html', { headers: header })).status).toBe(431);
    expect((await ask('GET', 'a/'.repeat(5000))).status).toBe(400);
    expect((await ask('get ', 'index.html')).status).toBe(400);
  });
});

describe('browsing mode', () => {
  const HOME_PAGES = {
    'www/index.html': '<!DOCTYPE html>start',
    'www/sub/index.html': 'sub',
    'www/.git/config': 'secret',
    'www/404.html': 'gone',
    'secret.txt': 'secret',
  };

  it('reads pages below its root, has no API and writes nothing', async () => {
    const app = await runTestApp({ home: HOME_PAGES, app: openPages(['alice', 'www']) });
    expect(await app.text('GET', '')).toEqual([200, '<!DOCTYPE html>start']);
    expect(await app.text('GET', 'sub/')).toEqual([200, 'sub']);
    for (const path of [
      `${API}/data/`,
      '.git/config',
      '../secret.txt',
      '%2e%2e/secret.txt',
      'no',
    ]) {
      expect(await app.text('GET', path), path).toEqual([404, 'gone']);
    }
    for (const method of ['PUT', 'POST', 'DELETE', 'PATCH']) {
      expect((await app.ask(method, 'index.html', body)).status, method).toBe(400);
    }
    expect((await app.broker.list()).map(({ path }) => path)).toEqual([
      '404.html',
      'index.html',
      'sub/index.html',
    ]);
    expect(await app.broker.startQuery('')).toBe('');
  });
});

it('A failure of ours is an answer of 400, and its reason is for developers alone', async () => {
  const reasons: string[] = [];
  const { drive } = await runTestApp();
  const broken = Object.create(drive) as typeof drive;
  broken.find = () => Promise.reject(new Error('the disk is on fire'));
  const { host } = testHost({ note: ({ reason }) => reasons.push(reason) });
  const manifest = testManifest({ permissions: ['STORE_APP_DATA'] });
  const broker = createBroker({
    drive: broken,
    app: { mode: 'installed', manifest, folder: ['alice', '.apps', 'todo'] },
    username: 'alice',
    host,
    clock: () => 0,
    random: (length) => new Uint8Array(length),
  });
  const request = { method: 'GET', path: `${API}/data/x`, query: '', headers: [] };
  const { status, body: sent } = await broker.handle(request);
  expect([status, sent]).toEqual([400, new Uint8Array()]);
  expect(reasons[0]).toContain('on fire');
});
