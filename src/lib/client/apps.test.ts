/** Apps, as the screens ask for them: made, reviewed, installed, run in a frame, removed. */
import { describe, expect, it, vi } from 'vitest';
import { appCalls, appDataCalls, appPageCalls } from '#lib/frames/index.ts';
import { connect, serve } from '#lib/rpc/index.ts';
import type { ServiceWorkerLink } from './service-worker-link.ts';
import {
  closingTabs,
  createBrowser,
  GOOD,
  openTab,
  textFile,
  until,
  uploadAll,
  type Tab,
} from './testing.ts';
import type { AppListener, AppNote, AppToRun } from './types.ts';

const tabs = closingTabs();

const LINK: ServiceWorkerLink = {
  siteUrl: 'https://site.example/',
  ready: async () => true,
  fileUrl: (id) => `https://site.example/_file/${id}`,
  onPortWanted: () => undefined,
  keepAwake: () => () => undefined,
  requireSandbox: async () => undefined,
  appOrigin: async () => undefined,
  keepViewers: () => undefined,
  onUpdateWaiting: () => undefined,
  applyUpdate: () => undefined,
};

async function signedUp(): Promise<Tab> {
  const tab = await openTab(createBrowser(), LINK);
  tabs.push(tab);
  await tab.client.signUp({ username: 'alice', password: GOOD, staySignedIn: false });
  return tab;
}

async function withApp() {
  const tab = await signedUp();
  const home = await tab.client.openFolder(['alice']);
  const path = await tab.client.newApp(home.entry.id, 'My list');
  return { tab, path };
}

async function withInstalled() {
  const { tab, path } = await withApp();
  await tab.client.installApp((await tab.client.reviewApp({ kind: 'folder', path })).id);
  return { tab, path };
}

function listener(own: Partial<AppListener> = {}) {
  const notes: AppNote[] = [];
  const whole: AppListener = {
    onStarted: () => undefined,
    onDirty: () => undefined,
    onNote: (note) => notes.push(note),
    onAddress: () => undefined,
    ask: async () => ({ kind: 'none' }),
    onFailed: () => undefined,
    ...own,
  };
  return { whole, notes };
}

/** What the loader does first, without a browser: it takes its ports and calls over them. */
async function runApp(tab: Tab, what: AppToRun, own: Partial<AppListener> = {}, opened?: string) {
  const { whole, notes } = listener(own);
  const session = await tab.client.openApp(what, opened, 'light', whole);
  if (session === undefined) throw new Error('no frame');
  const begin = async () => {
    const sent: Record<string, unknown>[] = [];
    const frame = { postMessage: (message: Record<string, unknown>) => sent.push(message) };
    const nonce = new URL(session.url).pathname.split('/').at(3);
    const event = { source: frame, origin: 'null', data: { type: 'ready', nonce } };
    session.receive(event as unknown as MessageEvent, frame as unknown as Window);
    // The engine is asked what is stored.
    for (let at = 0; at < 20 && sent.length === 0; at++) await tab.client.apps();
    const [start] = sent;
    if (start === undefined) return undefined;
    const [data, page] = [start['data'], start['page']] as [MessagePort, MessagePort];
    data.start();
    page.start();
    return {
      start,
      data: connect(data, appDataCalls),
      page: connect(page, appPageCalls),
      port: page,
    };
  };
  return { session, notes, begin };
}

/** Puts a file into the place of one of the app's. */
async function replaceAsset({ client, transfers }: Tab, path: readonly string[], file: File) {
  const { entry } = await client.openFolder([...path, 'assets']);
  const id = await client.upload(entry.id, [{ path: [file.name], file }], 'replace');
  await until(() => transfers().find((one) => one.id === id)?.state === 'done');
}

const get = (path: string) => ({ method: 'GET', path, query: '', headers: [] });
const put = (path: string, text: string) => ({
  method: 'PUT',
  path,
  query: '',
  headers: [],
  body: new TextEncoder().encode(text),
});
const DATA = 'peergos-api/v0/data/lines.json';

describe('apps', () => {
  it('are made with files that make an app', async () => {
    const { tab, path } = await withApp();
    expect(path).toEqual(['alice', 'mylist']);
    const review = await tab.client.reviewApp({ kind: 'folder', path });
    expect(review).toMatchObject({
      name: 'mylist',
      title: 'My list',
      change: 'new',
      source: { owner: 'alice', path: '/alice/mylist', isVerified: true },
      notices: [{ key: 'STORE_APP_DATA', isAdded: true, isAvailable: true }],
    });
  });

  it('are installed as they were reviewed, and not if they were changed since', async () => {
    const { tab, path } = await withApp();
    const review = await tab.client.reviewApp({ kind: 'folder', path });
    await replaceAsset(tab, path, textFile('app.js', 'alert(1)'));
    await expect(tab.client.installApp(review.id)).rejects.toMatchObject({ name: 'AppChanged' });
    expect((await tab.client.apps()).apps).toEqual([]);
    await tab.client.installApp((await tab.client.reviewApp({ kind: 'folder', path })).id);
    expect((await tab.client.apps()).apps).toMatchObject([{ name: 'mylist', launchable: true }]);
  });

  it('are removed with their data, or without', async () => {
    const { tab } = await withInstalled();
    const { begin } = await runApp(tab, { kind: 'installed', name: 'mylist' });
    await (await begin())?.data.call('request', [put(DATA, '["milk"]')]);
    await tab.client.removeApp('mylist', true);
    expect(await tab.client.apps()).toMatchObject({ apps: [], keptData: ['mylist'] });
    await tab.client.removeApp('mylist', false);
    expect(await tab.client.apps()).toMatchObject({ apps: [], keptData: [] });
  });

  it('show the picture of their package before they are installed', async () => {
    const { tab, path } = await withApp();
    const { entry } = await tab.client.openFolder(path);
    const manifest = await tab.client.find([...path, 'peergos-app.json']);
    const { text } = await tab.client.readText(manifest.entry.id, 10_000);
    const withIcon = { ...(JSON.parse(text) as object), appIcon: 'face.png' };
    const files = [
      { path: ['peergos-app.json'], file: textFile('peergos-app.json', JSON.stringify(withIcon)) },
      { path: ['assets', 'face.png'], file: textFile('face.png', 'a face') },
    ];
    const id = await tab.client.upload(entry.id, files, 'replace');
    await until(() => tab.transfers().find((one) => one.id === id)?.state === 'done');
    const review = await tab.client.reviewApp({ kind: 'folder', path });
    const icon = await tab.client.reviewIcon(review.id);
    expect([icon?.type, await icon?.text()]).toEqual(['image/png', 'a face']);
    expect(await tab.client.reviewIcon('AAAA')).toBeUndefined();
  });

  it('have shortcuts beside them that lead to files and folders', async () => {
    const { tab, path } = await withApp();
    const { entry } = await tab.client.openFolder(path);
    const page = await tab.client.find([...path, 'assets', 'index.html']);
    await tab.client.addShortcut(page.entry.id);
    await tab.client.addShortcut(entry.id);
    const shortcuts = await tab.client.appShortcuts();
    expect(new Set(shortcuts.map((one) => one.path.join('/')))).toEqual(
      new Set(['alice/mylist', 'alice/mylist/assets/index.html']),
    );
    await tab.client.removeShortcut(path);
    expect(await tab.client.appShortcuts()).toEqual([
      { path: ['alice', 'mylist', 'assets', 'index.html'] },
    ]);
  });

  it('are proposed for a file only where the node knows who publishes them', async () => {
    const tab = await signedUp();
    await uploadAll(tab, [], [textFile('plan.drawio', '<mxfile/>')]);
    const { entry } = await tab.client.find(['alice', 'plan.drawio']);
    expect(await tab.client.appProposal(entry.id)).toBeUndefined();
  });

  it('are not installed by the id of another review', async () => {
    const { tab } = await withApp();
    await expect(tab.client.installApp('AAAA')).rejects.toMatchObject({ name: 'ReviewOver' });
  });
});

describe('a running app', () => {
  it('reads its files and keeps data through its port', async () => {
    const { tab } = await withInstalled();
    const { begin } = await runApp(tab, { kind: 'installed', name: 'mylist' });
    const frame = await begin();
    expect(frame?.start).toMatchObject({ type: 'app', path: 'index.html', theme: 'light' });
    const page = await frame?.data.call('request', [get('index.html')]);
    expect(page?.status).toBe(200);
    expect(new TextDecoder().decode(page?.body)).toContain('<h1>My list</h1>');
    expect((await frame?.data.call('request', [put(DATA, '["milk"]')]))?.status).toBe(201);
    const read = await frame?.data.call('request', [get(DATA)]);
    expect(new TextDecoder().decode(read?.body)).toBe('["milk"]');
  });

  it('gets no port for a nonce that is not of its address', async () => {
    const { tab } = await withInstalled();
    const { session } = await runApp(tab, { kind: 'installed', name: 'mylist' });
    const frame = { postMessage: vi.fn() };
    const nonce = 'AAAAAAAAAAAAAAAAAAAAAA';
    const event = { source: frame, origin: 'null', data: { type: 'ready', nonce } };
    session.receive(event as unknown as MessageEvent, frame as unknown as Window);
    expect(frame.postMessage).not.toHaveBeenCalled();
  });

  it('gets its ports once, and only in its own frame', async () => {
    const { tab } = await withInstalled();
    const { session, begin } = await runApp(tab, { kind: 'installed', name: 'mylist' });
    const nonce = new URL(session.url).pathname.split('/').at(3);
    const [own, other] = [{ postMessage: vi.fn() }, { postMessage: vi.fn() }];
    for (const [source, origin] of [
      [other, 'null'],
      [own, 'https://site.example'],
    ]) {
      const event = { source, origin, data: { type: 'ready', nonce } };
      session.receive(event as unknown as MessageEvent, own as unknown as Window);
    }
    expect(own.postMessage).not.toHaveBeenCalled();
    expect(await begin()).toBeDefined();
    expect(await begin()).toBeUndefined();
  });

  it('begins anew when a file of it changes, and not when it stores data', async () => {
    const { tab, path } = await withApp();
    const onAddress = vi.fn();
    const { begin } = await runApp(tab, { kind: 'in-place', path }, { onAddress });
    const frame = (await begin())!;
    await frame.data.call('request', [put(DATA, '["milk"]')]);
    expect(onAddress).not.toHaveBeenCalled();
    serve(frame.port, appCalls, { theme: async () => undefined, changed: async () => false });
    await replaceAsset(tab, path, textFile('app.js', '// new'));
    await until(() => onAddress.mock.calls.length > 0);
    const again = await begin();
    const script = await again?.data.call('request', [get('app.js')]);
    expect(new TextDecoder().decode(script?.body)).toBe('// new');
  });

  it('keeps its address when its frame takes the change by itself', async () => {
    const { tab, path } = await withApp();
    const onAddress = vi.fn();
    const changed = vi.fn(async () => true);
    const { begin } = await runApp(tab, { kind: 'in-place', path }, { onAddress });
    serve((await begin())!.port, appCalls, { theme: async () => undefined, changed });
    await replaceAsset(tab, path, textFile('style.css', 'h1{}'));
    await until(() => changed.mock.calls.length > 0);
    expect(onAddress).not.toHaveBeenCalled();
  });

  it('asks through the page, and a cancelled question is an answer', async () => {
    const { tab } = await withInstalled();
    const ask = vi.fn<AppListener['ask']>(async () => ({ kind: 'none' }));
    const { begin } = await runApp(tab, { kind: 'installed', name: 'mylist' }, { ask });
    const picked = await (
      await begin()
    )?.data.call('request', [get('peergos-api/v0/file-picker/')]);
    expect(new TextDecoder().decode(picked?.body)).toBe('["",false]');
    expect(ask).toHaveBeenCalledWith(expect.objectContaining({ kind: 'pick-file' }));
  });

  it('reads a file that the user picked, and no other', async () => {
    const { tab } = await withInstalled();
    await uploadAll(tab, [], [textFile('a.txt', 'chosen'), textFile('b.txt', 'not chosen')]);
    const ask: AppListener['ask'] = async () => ({ kind: 'path', path: ['alice', 'a.txt'] });
    const { begin } = await runApp(tab, { kind: 'installed', name: 'mylist' }, { ask });
    const frame = await begin();
    await frame?.data.call('request', [get('peergos-api/v0/file-picker/')]);
    const chosen = await frame?.data.call('request', [get('alice/a.txt')]);
    expect(new TextDecoder().decode(chosen?.body)).toBe('chosen');
    expect((await frame?.data.call('request', [get('alice/b.txt')]))?.status).toBe(404);
  });

  it('is answered nothing after it was closed', async () => {
    const { tab } = await withInstalled();
    const { session, begin } = await runApp(tab, { kind: 'installed', name: 'mylist' });
    const frame = (await begin())!;
    session.close();
    await tab.client.apps(); // the engine has heard of it
    const answer = frame.data.call('request', [get('index.html')]).then(() => 'answered');
    const silence = new Promise((resolve) => setTimeout(() => resolve('silence'), 100));
    expect(await Promise.race([answer, silence])).toBe('silence');
  });

  it('cannot be run when it is not installed', async () => {
    const tab = await signedUp();
    const started = runApp(tab, { kind: 'installed', name: '../alice' });
    await expect(started).rejects.toThrow();
  });
});
