/** Installing by C-9 §9.3: layout, what is replaced and kept, and that it is all or nothing. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { isLongRun } from '#lib/bytes/testing.ts';
import { bytesSource, type Drive } from '#lib/drive/index.ts';
import { bytesOf, createTestDrive, patternOf, rowsOf, type TestDrive } from '#lib/drive/testing.ts';
import { observed, type FaultPlan } from '#lib/writers/testing.ts';
import { zipStream } from '#lib/zip/index.ts';
import { AppChanged, BadAppPackage, BadAppSignature, NoSuchApp } from './errors.ts';
import { digestOf } from './digest.ts';
import { inspect, install } from './install.ts';
import { findInstalled, findUpdate, listInstalled, removeApp } from './installed.ts';
import type { Manifest } from './manifest-type.ts';
import { parseManifest } from './manifest.ts';
import { readFolderPackage, readZipPackage } from './package.ts';
import { parseRecord } from './record.ts';
import { SIGNATURE_FILE, signApp, verifyAppSignature, writerKeys } from './signature.ts';
import { appFiles, putFiles, type TestFiles } from './testing.ts';

const FOLDER = ['alice', 'work', 'todo'];

/** All below a folder, by path, as text. */
async function treeOf(drive: Drive, path: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = async (at: readonly string[], above: string): Promise<void> => {
    const folder = await drive.resolve(at);
    for (const { name } of await rowsOf(drive, folder)) {
      const handle = await drive.resolve([...at, name]);
      if (handle.isDirectory) await walk([...at, name], `${above}${name}/`);
      else found[`${above}${name}`] = new TextDecoder().decode(await bytesOf(drive, handle));
    }
  };
  await walk(path, '');
  return found;
}

async function withApp(told: Partial<Manifest> = {}, files: TestFiles = {}) {
  const test = await createTestDrive();
  await putFiles(test.drive, 'work/todo', appFiles(told, files));
  return test;
}

const identityOf =
  ({ home }: TestDrive) =>
  (username: string) =>
    username === 'alice' ? Promise.resolve(home.owner) : Promise.reject(new NoSuchApp(username));

const packageIn = (test: TestDrive, drive = test.drive, path: readonly string[] = FOLDER) =>
  readFolderPackage({ drive, path, identityOf: identityOf(test) });

async function installFrom(test: TestDrive, drive = test.drive, path = FOLDER): Promise<void> {
  await install(drive, await inspect(drive, 'alice', await packageIn(test, drive, path)));
}

describe('installing', () => {
  it('lays out the app as the protocol has it, with its source, and HTML pages get a viewer', async () => {
    const test = await withApp({}, { 'assets/js/a.js': 'a', 'data/first': '1', 'notes.txt': 'no' });
    await installFrom(test);
    const tree = await treeOf(test.another(), ['.apps']);
    const { 'todo/peergos-app.json': manifest, 'todo/.pyrgos-app.json': record, ...rest } = tree;
    expect(rest).toEqual({
      'htmlviewer/peergos-app.json': '',
      'todo/assets/index.html': '<!DOCTYPE html><title>Todo</title>',
      'todo/assets/js/a.js': 'a',
      'todo/data/first': '1',
    });
    expect(parseManifest(utf8(manifest!)).source).toBe('/alice/work/todo');
    expect(parseRecord(utf8(record!))).toMatchObject({
      version: '0.0.1',
      origin: {
        owner: 'alice',
        identity: test.home.owner.toString(),
        writer: test.home.signer.hash.toString(),
        path: '/alice/work/todo',
        isVerified: true,
      },
    });
    const apps = await test.drive.resolve(['.apps']);
    expect(apps.properties.isHidden).toBe(true);
    expect((await test.drive.resolve(['.apps', 'todo'])).properties.isHidden).toBe(false);
  });

  it('is one commit, whatever the app is made of', async () => {
    const test = await withApp(
      {},
      { 'assets/a/b/c.js': 'a', 'assets/large.bin': patternOf(6_000_000) },
    );
    const watched = observed(test.account.node);
    const drive = test.another(watched.node);
    const inspection = await inspect(drive, 'alice', await packageIn(test, drive));
    const before = watched.calls.length;
    await install(drive, inspection);
    const writes = watched.calls.slice(before).filter((call) => /pointers?\.set/u.test(call));
    expect(writes).toHaveLength(1);
    const large = await test.another().resolve(['.apps', 'todo', 'assets', 'large.bin']);
    expect(await bytesOf(test.drive, large)).toEqual(patternOf(6_000_000));
  });

  it('again replaces all assets and keeps the data', async () => {
    const test = await withApp({}, { 'assets/old.js': 'old', 'data/x': 'from the app' });
    await installFrom(test);
    await putFiles(test.drive, '.apps/todo', { 'data/x': 'mine', 'data/y': 'mine too' });
    await test.drive.remove(
      await test.drive.resolve(['work']),
      await rowsOf(test.drive, await test.drive.resolve(['work'])),
    );
    await putFiles(
      test.drive,
      'work/todo',
      appFiles({ version: '0.1.0' }, { 'assets/new.js': 'new', 'data/x': 'other' }),
    );
    const inspection = await inspect(test.drive, 'alice', await packageIn(test));
    expect(inspection.change).toBe('update');
    await install(test.drive, inspection);
    const tree = await treeOf(test.drive, ['.apps', 'todo']);
    expect(Object.keys(tree).sort()).toEqual([
      '.pyrgos-app.json',
      'assets/index.html',
      'assets/new.js',
      'data/x',
      'data/y',
      'peergos-app.json',
    ]);
    expect([tree['data/x'], tree['data/y']]).toEqual(['mine', 'mine too']);
  });

  it('says what changes: updates, the same again, added permissions, another owner', async () => {
    const test = await withApp({ permissions: ['STORE_APP_DATA'] });
    const looked = await inspect(test.drive, 'alice', await packageIn(test));
    expect([looked.change, looked.addedPermissions]).toEqual(['new', ['STORE_APP_DATA']]);
    await install(test.drive, looked);
    expect((await inspect(test.drive, 'alice', await packageIn(test))).change).toBe('again');
    const permissions = ['STORE_APP_DATA', 'EDIT_CHOSEN_FILE'] as const;
    await putFiles(test.drive, 'work/todo', appFiles({ version: '1.0.0', permissions }));
    const update = await inspect(test.drive, 'alice', await packageIn(test));
    expect([update.change, update.addedPermissions]).toEqual(['update', ['EDIT_CHOSEN_FILE']]);
    // Nobody knows whose key that is.
    const unknown = await readFolderPackage({ drive: test.drive, path: FOLDER });
    expect((await inspect(test.drive, 'alice', unknown)).change).toBe('other-owner');
    const found = await findInstalled(test.drive, 'alice', 'todo');
    expect(await findUpdate(test.drive, found!)).toEqual({ version: '1.0.0', path: FOLDER });
  });

  it('refuses a package that is no longer what was looked at, and leaves the old app', async () => {
    const test = await withApp({}, { 'assets/a.js': 'good', 'assets/large': patternOf(6_000_000) });
    await installFrom(test);
    const before = await treeOf(test.drive, ['.apps']);
    for (const files of [{ 'assets/a.js': 'evil' }, { 'assets/large': patternOf(6_000_000, 1) }]) {
      const inspection = await inspect(test.drive, 'alice', await packageIn(test));
      await putFiles(test.drive, 'work/todo', files);
      await expect(install(test.drive, inspection)).rejects.toThrow(AppChanged);
      expect(await treeOf(test.another(), ['.apps'])).toEqual(before);
    }
  });

  it('refuses when the installed app became another one in the meantime', async () => {
    const test = await withApp();
    const first = await inspect(test.drive, 'alice', await packageIn(test));
    await installFrom(test);
    await expect(install(test.drive, first)).rejects.toThrow(AppChanged);
  });

  it('refuses folders that are no apps, lack files, or hold what a manifest may not say', async () => {
    for (const [files, error] of [
      [{ 'peergos-app.json': '{}' }, /displayName/u],
      [{ 'assets/index.html': 'x' }, /no “peergos-app.json”/u],
    ] as const) {
      const test = await createTestDrive();
      await putFiles(test.drive, 'work/todo', files);
      await expect(packageIn(test)).rejects.toThrow(error);
    }
    const test = await withApp({ appIcon: 'icon.png' });
    await expect(packageIn(test)).rejects.toThrow(/lacks its file “assets\/icon.png”/u);
  });
});

describe('a device that dies while it installs', () => {
  const KINDS: Record<string, (n: number) => FaultPlan> = {
    'killed before': (n) => (i) => (i >= n ? 'lost request' : undefined),
    'killed after': (n) => (i) => (i > n ? 'lost request' : i === n ? 'lost reply' : undefined),
  };

  it.each(['first installation', 'update'])(
    'leaves the old or the new state: %s',
    { timeout: 240_000 },
    async (story) => {
      const setUp = async (): Promise<TestDrive> => {
        const test = await withApp(
          {},
          { 'assets/a/b.js': 'old', 'assets/c.js': 'old', 'data/d': 'x' },
        );
        if (story === 'update') {
          await installFrom(test);
          await putFiles(test.drive, '.apps/todo/data', { d: 'mine' });
          await putFiles(
            test.drive,
            'work/todo',
            appFiles({ version: '2.0.0' }, { 'assets/a/b.js': 'new' }),
          );
        }
        return test;
      };
      const picture = async (test: TestDrive) =>
        treeOf(test.another(), ['.apps']).catch(() => 'nothing');
      const plain = await setUp();
      const before = await picture(plain);
      const watched = observed(plain.account.node);
      await installFrom(plain, plain.another(watched.node));
      const after = await picture(plain);
      expect(after).not.toEqual(before);
      for (const [kind, planFor] of Object.entries(KINDS)) {
        for (let n = 0; n < watched.calls.length; n += isLongRun ? 1 : 6) {
          const test = await setUp();
          const drive = test.another(observed(test.account.node, planFor(n)).node);
          await installFrom(test, drive).catch(() => undefined);
          const what = `${kind} call ${String(n)} (${watched.calls[n] ?? ''})`;
          const found = await picture(test);
          expect([JSON.stringify(before), JSON.stringify(after)], what).toContain(
            JSON.stringify(found),
          );
          await installFrom(test, test.another());
          expect(await picture(test), `${what}, done again`).toEqual(after);
        }
      }
    },
  );
});

describe('installed apps', () => {
  it('are listed by title; damaged ones and data that were kept apart', async () => {
    const test = await createTestDrive();
    const { drive } = test;
    await putFiles(drive, '.apps/zebra', appFiles({ displayName: 'Zebra' }));
    await putFiles(drive, '.apps/ant', appFiles({ displayName: 'ant' }));
    await putFiles(drive, '.apps/broken', { 'peergos-app.json': '{"displayName":{}}' });
    await putFiles(drive, '.apps/left', { 'data/x': '1' });
    await putFiles(drive, '.apps/htmlviewer', { 'peergos-app.json': '' });
    await putFiles(drive, '.apps/launcher', { 'data/shortcuts.json': '{}' });
    const { apps, damaged, keptData } = await listInstalled(drive, 'alice');
    expect(apps.map(({ name, record }) => [name, record])).toEqual([
      ['ant', undefined],
      ['zebra', undefined],
    ]);
    expect(damaged.map(({ name }) => name)).toEqual(['broken']);
    expect(keptData).toEqual(['left']);
  });

  it('are removed with their data, or without them', async () => {
    const test = await withApp({}, { 'data/x': '1' });
    await installFrom(test);
    await removeApp(test.drive, 'alice', 'todo', { keepData: true });
    expect(await treeOf(test.drive, ['.apps', 'todo'])).toEqual({ 'data/x': '1' });
    await installFrom(test);
    await removeApp(test.drive, 'alice', 'todo');
    expect(await findInstalled(test.drive, 'alice', 'todo')).toBeUndefined();
    await expect(removeApp(test.drive, 'alice', 'todo')).rejects.toThrow(NoSuchApp);
    await expect(removeApp(test.drive, 'alice', 'htmlviewer')).rejects.toThrow(NoSuchApp);
  });
});

describe('an app from a ZIP archive', () => {
  async function archiveOf(files: TestFiles): Promise<Uint8Array> {
    const entries = Object.entries(files).map(([path, content]) => ({
      path,
      modifiedMs: 1_900_000_000_000,
      content: typeof content === 'string' ? utf8(content) : content,
    }));
    return new Uint8Array(await new Response(zipStream(entries)).arrayBuffer());
  }
  const inFolder = (files: TestFiles, folder: string): TestFiles =>
    Object.fromEntries(
      Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]),
    );

  it('is installed like one from a folder, with no origin, from the top or from its only folder', async () => {
    for (const folder of ['', 'todo-1.0/']) {
      const test = await createTestDrive();
      const files = appFiles({}, { 'assets/x.js': 'x', 'data/d': '1' });
      const archive = await archiveOf(folder ? inFolder(files, 'todo-1.0') : files);
      const appPackage = await readZipPackage(bytesSource(archive));
      const inspection = await inspect(test.drive, 'alice', appPackage);
      await install(test.drive, inspection);
      const found = await findInstalled(test.drive, 'alice', 'todo');
      expect([found?.record?.origin, found?.manifest.source]).toEqual([undefined, '']);
      expect(found?.record?.digest).toMatch(/^[0-9a-f]{64}$/u);
      expect((await treeOf(test.drive, ['.apps', 'todo']))['assets/x.js']).toBe('x');
      expect((await inspect(test.drive, 'alice', appPackage)).change).toBe('other-owner');
    }
  });

  it('is refused if it holds no app, or two', async () => {
    for (const files of [
      { a: '1' },
      { ...inFolder(appFiles(), 'a'), ...inFolder(appFiles(), 'b') },
    ]) {
      const archive = await archiveOf(files);
      await expect(readZipPackage(bytesSource(archive))).rejects.toThrow(BadAppPackage);
    }
  });
});

describe('digest and signature', () => {
  it('of an app are those of the design, computed by another program', async () => {
    const { createHash } = await import('node:crypto');
    const sha = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');
    const files = appFiles({}, { 'assets/z.js': 'z', 'assets/a/é.js': 'e', 'data/no': 'matter' });
    const test = await createTestDrive();
    await putFiles(test.drive, 'work/todo', files);
    const lines = Object.entries(files)
      .filter(([path]) => !path.startsWith('data/'))
      .map(([path, content]) =>
        Buffer.from(`${path}\0${String(Buffer.from(content).length)}\0${sha(content)}\n`),
      )
      .sort(Buffer.compare);
    const { digest } = await digestOf(await packageIn(test));
    expect(digest).toBe(sha(Buffer.concat(lines)));
  });

  it('show who signed, and nothing once a byte, a name or the owner is another', async () => {
    const test = await withApp();
    const { drive, account } = test;
    const { digest } = await digestOf(await packageIn(test));
    const app = { name: 'todo', version: '0.0.1', digest };
    const bytes = await signApp(await drive.resolve(['work', 'todo']), 'alice', app);
    const keyOf = writerKeys(account.deps, identityOf(test));
    const signer = await verifyAppSignature(bytes, app, keyOf);
    expect([signer.owner, signer.writer.equals(test.home.signer.hash)]).toEqual(['alice', true]);
    for (const other of [{ name: 'tod' }, { version: '0.0.2' }, { digest: '0'.repeat(64) }]) {
      const changed = verifyAppSignature(bytes, { ...app, ...other }, keyOf);
      await expect(changed).rejects.toThrow(BadAppSignature);
    }
    const text = new TextDecoder().decode(bytes);
    for (const changed of [
      text.replace('alice', 'mallory'),
      text.replace(/"signature":"../u, '"signature":"00'),
      text.replace('"owner"', '"owned"'),
      '',
    ]) {
      await expect(verifyAppSignature(utf8(changed), app, keyOf)).rejects.toThrow(BadAppSignature);
    }
  });

  it('by a key that is not among the owner’s keys show nothing', async () => {
    const [test, stranger] = [await withApp(), await createTestDrive({ seed: 2 })];
    const { digest } = await digestOf(await packageIn(test));
    const app = { name: 'todo', version: '0.0.1', digest };
    const forged = await signApp(await stranger.drive.home(), 'alice', app);
    const keyOf = writerKeys(test.account.deps, identityOf(test));
    await expect(verifyAppSignature(forged, app, keyOf)).rejects.toThrow(BadAppSignature);
  });

  it('travel with the app', async () => {
    const test = await withApp({}, { [SIGNATURE_FILE]: '{"a":1}' });
    await installFrom(test);
    expect((await treeOf(test.drive, ['.apps', 'todo']))[SIGNATURE_FILE]).toBe('{"a":1}');
  });
});
