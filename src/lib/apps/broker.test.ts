/** What a running app may do, by the table of C-9 §9.4. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { bytesSource } from '#lib/drive/index.ts';
import { headerIn, putFiles, runTestApp } from './testing.ts';

const API = '/peergos-api/v0';
const OPENED = { path: ['alice', 'docs', 'a.txt'], isFolder: false };
const HOME = {
  'docs/a.txt': 'the file',
  'docs/b.txt': 'its neighbour',
  'docs/inner/c.txt': 'deep',
  'docs/.secret': 'hidden',
  'other.txt': 'elsewhere',
};

const body = (text: string) => ({ body: utf8(text) });

describe('the data of an app', () => {
  it('are made, replaced, read, appended to and deleted', async () => {
    const { text, ask } = await runTestApp();
    expect(await text('GET', `${API}/data/`)).toEqual([200, '{"files":[],"subFolders":[]}']);
    const made = await ask('PUT', `${API}/data/lists/one%20two.json`, body('[1]'));
    expect(made.status).toBe(201);
    expect(headerIn(made, 'location')).toBe('lists/one%20two.json');
    expect((await ask('PUT', `${API}/data/lists/one%20two.json`, body('[2]'))).status).toBe(200);
    expect(await text('GET', `${API}/data/lists/one%20two.json`)).toEqual([200, '[2]']);
    expect(await text('GET', `${API}/data/lists`)).toEqual([
      200,
      '{"files":["one two.json"],"subFolders":[]}',
    ]);
    const appended = await ask('PATCH', `${API}/data/lists/one%20two.json`, {
      headers: [['X-Update-Range', 'append']],
      ...body(',3'),
    });
    expect(appended.status).toBe(204);
    expect(headerIn(appended, 'content-location')).toBe('lists/one%20two.json');
    expect(await text('GET', `${API}/data/lists/one%20two.json`)).toEqual([200, '[2],3']);
    expect((await ask('DELETE', `${API}/data/lists`)).status).toBe(204);
    expect(await text('GET', `${API}/data/lists`)).toEqual([404, '']);
    expect((await ask('DELETE', `${API}/data/lists`)).status).toBe(404);
  });

  it('get a file of a random name by POST, and by PUT on a folder', async () => {
    const { ask, text } = await runTestApp({ files: { 'data/box/first': '1' } });
    for (const method of ['POST', 'PUT']) {
      const made = await ask(method, `${API}/data/box`, body(method));
      const path = headerIn(made, 'location') ?? '';
      expect(made.status).toBe(201);
      expect(path).toMatch(/^box\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);
      expect(await text('GET', `${API}/data/${path}`)).toEqual([200, method]);
    }
  });

  it('take forms as JSON at exactly their path', async () => {
    const { ask, text } = await runTestApp();
    const form = { headers: [['Content-Type', 'application/x-www-form-urlencoded']] as const };
    const sent = await ask('POST', `${API}/form/f/it`, { ...form, ...body('a=1&b=2&a=3') });
    expect(sent.status).toBe(200);
    expect(await text('GET', `${API}/data/f/it`)).toEqual([200, '{"a":["1","3"],"b":"2"}']);
    const json = await ask('POST', `${API}/form/f/it`, body('{"__proto__":{"x":1},"b":["2"]}'));
    expect(json.status).toBe(200);
    expect(await text('GET', `${API}/data/f/it`)).toEqual([200, '{"__proto__":{"x":1},"b":["2"]}']);
    expect((await ask('POST', `${API}/form/f/it`, body('no form'))).status).toBe(400);
  });

  it('are refused without the permission, whatever the method', async () => {
    const { ask } = await runTestApp({ manifest: { permissions: [] }, files: { 'data/x': '1' } });
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      expect((await ask(method, `${API}/data/x`, body('1'))).status, method).toBe(400);
    }
    expect((await ask('POST', `${API}/form/x`, body('{}'))).status).toBe(400);
  });

  it('have a quota in bytes and in files', async () => {
    const limits = { dataBytes: 10, dataFiles: 3 };
    const { ask } = await runTestApp({ limits, files: { 'data/old': '1234' } });
    expect((await ask('PUT', `${API}/data/a`, body('12345'))).status).toBe(201);
    expect((await ask('PUT', `${API}/data/b`, body('12'))).status).toBe(400);
    expect(
      (
        await ask('PATCH', `${API}/data/a`, {
          ...body('12'),
          headers: [['x-update-range', 'append']],
        })
      ).status,
    ).toBe(400);
    expect((await ask('DELETE', `${API}/data/old`)).status).toBe(204);
    expect((await ask('PUT', `${API}/data/b`, body('1'))).status).toBe(201);
    expect((await ask('PUT', `${API}/data/c`, body(''))).status).toBe(201);
    expect((await ask('PUT', `${API}/data/d`, body(''))).status).toBe(400);
    // Replacing needs no more room than it takes.
    expect((await ask('PUT', `${API}/data/a`, body('1234567890'))).status).toBe(400);
    expect((await ask('PUT', `${API}/data/a`, body('123456789'))).status).toBe(200);
  });

  it('keep the local storage of the app, which the app itself cannot ask for', async () => {
    const { broker, ask, text } = await runTestApp();
    expect(await broker.readStorage()).toBeUndefined();
    await broker.writeStorage(utf8('{"k":"v"}'));
    expect(await broker.readStorage()).toEqual(utf8('{"k":"v"}'));
    expect((await ask('GET', `${API}/data/.local-storage.json`)).status).toBe(400);
    expect(await text('GET', `${API}/data/`)).toEqual([200, '{"files":[],"subFolders":[]}']);
  });
});

describe('the opened file', () => {
  it('is read, by ranges too, and written back with the permission to edit', async () => {
    const { ask, text } = await runTestApp({ home: HOME, opened: OPENED });
    expect(await text('GET', '/alice/docs/a.txt')).toEqual([200, 'the file']);
    const headers = [['Range', 'bytes=4-']] as const;
    const part = await ask('GET', '/alice/docs/a.txt', { headers });
    expect([part.status, headerIn(part, 'content-range')]).toEqual([206, 'bytes 4-7/8']);
    expect(part.body).toEqual(utf8('file'));
    expect((await ask('PUT', '/alice/docs/a.txt', body('new'))).status).toBe(200);
    expect(await text('GET', '/alice/docs/a.txt')).toEqual([200, 'new']);
    expect((await ask('POST', '/alice/docs/a.txt', body('newer'))).status).toBe(200);
    expect(await text('GET', '/alice/docs/a.txt')).toEqual([200, 'newer']);
    expect((await ask('DELETE', '/alice/docs/a.txt')).status).toBe(400);
  });

  it('is all that is in reach: no neighbour, no folder, no other path', async () => {
    const { ask } = await runTestApp({ home: HOME, opened: OPENED });
    const paths = [
      '/alice/docs/b.txt',
      '/alice/docs',
      '/alice',
      '/alice/other.txt',
      '/alice/docs/inner/c.txt',
    ];
    for (const path of paths) {
      expect((await ask('GET', path)).status, path).toBe(404);
      expect((await ask('PUT', path, body('x'))).status, path).toBe(400);
    }
  });

  it('is read only without the permission to edit', async () => {
    const { ask, text } = await runTestApp({
      home: HOME,
      opened: OPENED,
      manifest: { permissions: [] },
    });
    expect((await ask('PUT', '/alice/docs/a.txt', body('x'))).status).toBe(400);
    expect((await ask('OPTIONS', '/alice/docs/a.txt')).status).toBe(400);
    expect(await text('GET', '/alice/docs/a.txt')).toEqual([200, 'the file']);
  });

  it('says that it can be saved by PUT to a page that asks as wikis do', async () => {
    const { ask } = await runTestApp({ home: HOME, opened: OPENED });
    const answer = await ask('OPTIONS', '/alice/docs/a.txt');
    expect([answer.status, headerIn(answer, 'dav')]).toEqual([200, '0']);
    expect((await ask('OPTIONS', '/alice/docs/b.txt')).status).toBe(400);
  });

  it('brings the files beside it for apps of pictures, without hidden ones and without writing', async () => {
    const manifest = { fileTypes: ['image'] };
    const { ask, text } = await runTestApp({ home: HOME, opened: OPENED, manifest });
    expect(await text('GET', '/alice/docs/b.txt')).toEqual([200, 'its neighbour']);
    expect((await ask('GET', '/alice/docs/inner/c.txt')).status).toBe(404);
    expect(await text('GET', '/alice/docs')).toEqual([
      200,
      '{"files":["a.txt","b.txt"],"subFolders":["inner"]}',
    ]);
    expect((await ask('GET', '/alice/docs/.secret')).status).toBe(400);
    expect((await ask('GET', '/alice/other.txt')).status).toBe(404);
    expect((await ask('PUT', '/alice/docs/b.txt', body('x'))).status).toBe(400);
  });

  it('brings all below its folder for apps of pages, but not the whole home', async () => {
    const manifest = { fileExtensions: ['html'] };
    const deep = await runTestApp({ home: HOME, opened: OPENED, manifest });
    expect(await deep.text('GET', '/alice/docs/inner/c.txt')).toEqual([200, 'deep']);
    const opened = { path: ['alice', 'other.txt'], isFolder: false };
    const top = await runTestApp({ home: HOME, opened, manifest });
    expect((await top.ask('GET', '/alice/other.txt')).status).toBe(200);
    expect((await top.ask('GET', '/alice/docs/a.txt')).status).toBe(404);
  });

  it('that is hidden is out of reach', async () => {
    const opened = { path: ['alice', 'docs', '.secret'], isFolder: false };
    const { ask } = await runTestApp({ home: HOME, opened });
    expect([400, 404]).toContain((await ask('GET', '/alice/docs/.secret')).status);
  });

  it('is not overwritten when it changed since the app read it; a copy is offered', async () => {
    const answers = { askSaveCopy: () => Promise.resolve(true) };
    const { ask, text, test } = await runTestApp({ home: HOME, opened: OPENED, answers });
    await text('GET', '/alice/docs/a.txt');
    const other = test.another();
    const elsewhere = await other.resolve(['docs', 'a.txt']);
    await other.replaceContent(elsewhere, bytesSource(utf8('from elsewhere')));
    expect((await ask('PUT', '/alice/docs/a.txt', body('mine'))).status).toBe(400);
    const copy = await test.drive.resolve(['docs', 'a (copy).txt']);
    expect(copy.properties.sizeBytes).toBe(4);
    expect(await text('GET', '/alice/docs/a.txt')).toEqual([200, 'from elsewhere']);
    expect((await ask('PUT', '/alice/docs/a.txt', body('mine'))).status).toBe(200);
  });

  it('of a folder app is the folder and all below it that is not hidden', async () => {
    const opened = { path: ['alice', 'docs'], isFolder: true };
    const { ask, text } = await runTestApp({ home: HOME, opened });
    expect(await text('GET', '/alice/docs/inner/c.txt')).toEqual([200, 'deep']);
    expect((await ask('GET', '/alice/docs/.secret')).status).toBe(400);
    expect((await ask('GET', '/alice/other.txt')).status).toBe(404);
    expect((await ask('PUT', '/alice/docs/a.txt', body('x'))).status).toBe(400);
    expect((await ask('POST', `${API}/save/x.txt`, body('x'))).status).toBe(400);
  });

  it('is named in the first address of the app', async () => {
    const { broker } = await runTestApp({ home: HOME, opened: OPENED });
    expect(await broker.startQuery('dark-mode')).toBe(
      '?path=%2Falice%2Fdocs%2Fa.txt&theme=dark-mode&username=alice&isPathWritable=true',
    );
  });
});

describe('the files of an app', () => {
  const files = {
    'assets/js/a.mjs': 'export {}',
    'assets/big.bin': new Uint8Array(6_000_000).fill(255),
  };

  it('are served from assets, by ranges too, and listed with their sizes', async () => {
    const { text, broker, ask } = await runTestApp({ files });
    expect((await text('GET', '/'))[1]).toContain('<title>Todo');
    expect(await text('GET', 'js/a.mjs')).toEqual([200, 'export {}']);
    expect(headerIn(await ask('GET', 'js/a.mjs'), 'content-type')).toBe('text/javascript');
    expect(await text('HEAD', 'js/a.mjs')).toEqual([200, '']);
    expect(await text('GET', 'js/missing.mjs')).toEqual([404, '']);
    expect(await text('GET', 'peergos-app.json')).toEqual([404, '']);
    expect(await broker.list()).toEqual([
      { path: 'big.bin', sizeBytes: 6_000_000, type: 'application/octet-stream' },
      { path: 'index.html', sizeBytes: 34, type: 'text/html' },
      { path: 'js/a.mjs', sizeBytes: 9, type: 'text/javascript' },
    ]);
  });

  it('come piece by piece when they are large', async () => {
    const { ask } = await runTestApp({ files });
    const { body: large, headers } = await ask('GET', 'big.bin');
    if (large instanceof Uint8Array) throw new Error('it came whole');
    expect(new Map(headers).get('content-length')).toBe('6000000');
    let length = 0;
    for await (const piece of large.read(5_999_990)) length += piece.length;
    expect(length).toBe(10);
  });

  it('are never written', async () => {
    const { ask } = await runTestApp({ files });
    for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) {
      expect((await ask(method, 'index.html', body('x'))).status).toBe(400);
    }
  });

  it('are read again after they were changed', async () => {
    const { text, broker, drive } = await runTestApp();
    await text('GET', 'index.html');
    await putFiles(drive, '.apps/todo/assets', { 'new.txt': 'new' });
    expect(await text('GET', 'new.txt')).toEqual([404, '']);
    broker.refresh();
    expect(await text('GET', 'new.txt')).toEqual([200, 'new']);
  });
});
