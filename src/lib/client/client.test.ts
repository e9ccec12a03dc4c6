import { beforeAll, describe, expect, it } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import {
  type Browser,
  bytesFile,
  bytesFor,
  closingTabs,
  createBrowser,
  filesOf,
  folderOf,
  GOOD,
  inHome,
  namesIn,
  openTab,
  readAll,
  rowsOf,
  type Tab,
  TEST_CHUNK_BYTES,
  textFile,
  transferOf,
  until,
  uploadAll,
} from './testing.ts';

beforeAll(() => startCrypto());

const tabs = closingTabs();
async function tabIn(browser: Browser): Promise<Tab> {
  const tab = await openTab(browser);
  tabs.push(tab);
  return tab;
}
async function signedUp(username = 'alice', staySignedIn = false) {
  const browser = createBrowser();
  const tab = await tabIn(browser);
  await tab.client.signUp({ username, password: GOOD, staySignedIn });
  return { browser, tab, client: tab.client };
}

describe('an account in the browser', () => {
  it('is checked, made, left and opened again', async () => {
    const { browser, tab, client } = await signedUp();
    expect(client.state).toEqual({ kind: 'signed-in', username: 'alice' });
    expect(await client.checkUsername('alice')).toMatchObject({ ok: false });
    expect(await client.checkUsername('bob')).toEqual({ ok: true });
    expect(await client.checkUsername('Not A Name')).toMatchObject({ ok: false });
    expect(await client.checkPassword('alice', 'alice')).toMatchObject({ ok: false });
    expect((await client.suggestPassphrase()).split(' ')).toHaveLength(7);
    await client.signOut();
    await until(() => tab.engines() === 2);
    expect(client.state).toMatchObject({
      kind: 'signed-out',
      accounts: [{ username: 'alice', staysSignedIn: false }],
    });
    await expect(client.openFolder([])).rejects.toMatchObject({ name: 'NotSignedIn' });
    await expect(
      client.signIn({ username: 'alice', password: `${GOOD}!`, staySignedIn: false }),
    ).rejects.toMatchObject({ name: 'WrongPassword' });
    const other = await tabIn(browser);
    await other.client.signIn({ username: 'alice', password: GOOD, staySignedIn: false });
    expect(other.client.state).toEqual({ kind: 'signed-in', username: 'alice' });
  });

  it('stays signed in until signed out, in every tab', async () => {
    const { browser, client, tab } = await signedUp('alice', true);
    const second = await tabIn(browser);
    expect(second.client.state).toMatchObject({ accounts: [{ staysSignedIn: true }] });
    expect(await second.client.resume()).toBe(true);
    await second.client.signOut();
    await until(() => client.state.kind === 'signed-out' && tab.engines() === 2);
    expect(await client.resume()).toBe(false);
    const third = await tabIn(browser);
    expect(await third.client.resume({ username: 'alice' })).toBe(false);
  });

  it('is one of several', async () => {
    const { browser, client } = await signedUp('alice', true);
    await client.signUp({ username: 'bob', password: GOOD, staySignedIn: true });
    expect(client.state).toEqual({ kind: 'signed-in', username: 'bob' });
    const tab = await tabIn(browser);
    expect(await tab.client.resume({ username: 'alice' })).toBe(true);
    await tab.client.forgetAccount({ username: 'bob' });
    await until(() => client.state.kind === 'signed-out');
    expect(client.state).toMatchObject({ accounts: [{ username: 'alice' }] });
  });

  it('gets a new password, and stays signed in with it', async () => {
    const { browser, client } = await signedUp('alice', true);
    const newPassword = 'plaster kiwi 88 orbit lemonade';
    await expect(
      client.changePassword({ oldPassword: 'nonsense', newPassword }),
    ).rejects.toMatchObject({ name: 'WrongPassword' });
    await client.changePassword({ oldPassword: GOOD, newPassword });
    const sealed = await client.sealRoute({ app: 'drive', path: ['alice', 'a'] });
    const tab = await tabIn(browser);
    await expect(
      tab.client.signIn({ username: 'alice', password: GOOD, staySignedIn: false }),
    ).rejects.toMatchObject({ name: 'WrongPassword' });
    expect(await tab.client.resume()).toBe(true);
    expect(await tab.client.openRoute(sealed)).toEqual({ app: 'drive', path: ['alice', 'a'] });
  });

  it('leaves nothing readable behind', async () => {
    const { browser, tab, client } = await signedUp('alice', true);
    const secret = 'the swordfish swims at midnight';
    await client.makeFolder((await folderOf(client)).entry.id, 'private folder');
    await uploadAll(tab, ['private folder'], [textFile('diary.txt', secret)]);
    await client.signOut();
    const stored: Uint8Array[] = [];
    for (const { key } of await browser.stores.blocks.list('')) {
      stored.push((await browser.stores.blocks.get(key))!);
    }
    expect(stored.length).toBeGreaterThan(10);
    const text = stored.map((bytes) => new TextDecoder('latin1').decode(bytes)).join('\n');
    for (const plain of [secret, 'swordfish', 'diary.txt', 'private folder', GOOD]) {
      expect(text.includes(plain)).toBe(false);
    }
    expect(await client.resume({ username: 'alice' })).toBe(false);
  });
});

describe('what a file is', () => {
  it('is decided by its bytes, whatever its name and label say', async () => {
    const { tab, client } = await signedUp();
    const latin = new Uint8Array(
      [...'Gr'].map((letter) => letter.charCodeAt(0)).concat(0xf6, 0xdf),
    );
    const sjis = Uint8Array.from([0x82, 0xb1, 0x82, 0xea, 0x82, 0xcd, 0x93, 0xfa, 0x96, 0x7b]);
    await uploadAll(
      tab,
      [],
      [
        textFile('bmw.txt', 'BMW, Audi, Porsche: a list of cars'),
        new File([latin], 'latin1.txt'),
        new File([sjis], 'sjis.txt'),
        textFile('a.SVG', '<!-- made by x -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
        textFile('a.pdf', '%PDF-1.4'),
      ],
    );
    const rows = await rowsOf(client, []);
    const idOf = (name: string) => rows.find((row) => row.name === name)!.id;
    // The label on the wire stays the reference's.
    expect(rows.find((row) => row.name === 'bmw.txt')).toMatchObject({ mimeType: 'image/bmp' });
    expect(await client.inspect(idOf('bmw.txt'))).toMatchObject({ viewer: 'text', sizeBytes: 34 });
    expect(await client.inspect(idOf('latin1.txt'))).toMatchObject({ viewer: 'text' });
    const picture = { viewer: 'image', kind: 'image', mimeType: 'image/svg+xml' };
    expect(await client.inspect(idOf('a.SVG'))).toMatchObject(picture);
    const pdf = await client.inspect(idOf('a.pdf'));
    expect(pdf).toMatchObject({ kind: 'document', viewer: 'pdf' });
    const read = (name: string, encoding?: string) => client.readText(idOf(name), 100, encoding);
    expect(await read('latin1.txt')).toMatchObject({ text: 'Grö\u00df', encoding: 'windows-1252' });
    expect(await read('sjis.txt')).toMatchObject({ text: 'これは日本', encoding: 'shift_jis' });
    expect(await read('latin1.txt', 'windows-1251')).toMatchObject({ text: 'GrцЯ' });
  });
});

describe('folders and files', () => {
  it('are made, listed, described, read, renamed, moved and copied', async () => {
    const { tab, client } = await signedUp();
    const home = await folderOf(client);
    expect(home).toMatchObject({ path: ['alice'], writable: true, entry: { kind: 'folder' } });
    expect(await client.details([home.entry.id])).toMatchObject([{ sizeBytes: 0, hidden: false }]);
    const docs = await client.makeFolder(home.entry.id, 'Documents');
    await expect(client.makeFolder(home.entry.id, 'Documents')).rejects.toMatchObject({
      name: 'NameExists',
    });
    await expect(client.makeFolder(home.entry.id, 'a/b')).rejects.toMatchObject({
      name: 'BadFileName',
    });
    const length = 3 * TEST_CHUNK_BYTES + 100;
    const done = await uploadAll(
      tab,
      ['Documents'],
      [textFile('note.txt', 'héllo'), bytesFile('data.bin', length)],
    );
    expect(done).toMatchObject({ state: 'done', files: 2, filesDone: 2, direction: 'up' });
    expect(done.doneBytes).toBe(done.totalBytes);
    expect(await namesIn(client, ['Documents'])).toEqual(['data.bin', 'note.txt']);

    const rows = await rowsOf(client, ['Documents']);
    const data = rows.find((row) => row.name === 'data.bin')!;
    const note = rows.find((row) => row.name === 'note.txt')!;
    const [details] = await client.details([data.id]);
    expect(details).toMatchObject({ sizeBytes: length, modifiedMs: 1_700_000_000_000 });
    expect(details?.contentHash).toMatch(/^[0-9a-f]{64}$/);
    expect(await readAll(client, data.id)).toEqual(bytesFor('data.bin', length));
    const middle = await client.readBytes(data.id, 4000, 4200);
    expect(middle).toEqual(bytesFor('data.bin', length).slice(4000, 4200));
    const encoding = 'utf-8';
    const text = { text: 'héllo', encoding, truncated: false };
    expect(await client.readText(note.id, 100)).toEqual(text);
    expect(await client.readText(note.id, 2)).toEqual({ text: 'h', encoding, truncated: true });

    const renamed = await client.rename(note.id, 'letter.txt');
    expect(renamed).toMatchObject({ id: note.id, name: 'letter.txt' });
    await client.move([note.id], home.entry.id);
    expect(await namesIn(client, [])).toEqual(['Documents', 'letter.txt']);
    await client.copy([docs.id], home.entry.id);
    expect(await namesIn(client, ['Documents (copy)'])).toEqual(['data.bin']);
    const found = await client.find(inHome(client, ['Documents', 'data.bin']));
    expect(found).toMatchObject({
      entry: { id: data.id, name: 'data.bin' },
      folder: { path: ['alice', 'Documents'] },
    });
    await expect(client.find(inHome(client, ['nowhere', 'x']))).rejects.toMatchObject({
      name: 'PathNotFound',
    });
  });

  it('go to the trash and come back to where they were', async () => {
    const { tab, client } = await signedUp();
    const home = await folderOf(client);
    const docs = await client.makeFolder(home.entry.id, 'Documents');
    await uploadAll(tab, ['Documents'], [textFile('a.txt', 'a'), textFile('b.txt', 'b')]);
    const rows = await rowsOf(client, ['Documents']);
    const [a, b] = ['a.txt', 'b.txt'].map((name) => rows.find((row) => row.name === name)!);

    const { undo } = await client.trash([a!.id]);
    expect(await namesIn(client, ['Documents'])).toEqual(['b.txt']);
    await client.undo(undo!);
    expect(await namesIn(client, ['Documents'])).toEqual(['a.txt', 'b.txt']);
    expect(await trashed(client)).toEqual([]);

    await client.trash([a!.id]);
    await client.trash([docs.id]);
    const inTrash = await trashed(client);
    expect(inTrash.map(({ name, from }) => [name, from]).sort()).toEqual([
      ['Documents', ['alice']],
      ['a.txt', ['alice', 'Documents']],
    ]);
    // Its folder is in the trash too: it is made again.
    await client.restore(inTrash.filter(({ name }) => name === 'a.txt').map(({ id }) => id));
    expect(await namesIn(client, ['Documents'])).toEqual(['a.txt']);
    const left = await trashed(client);
    expect(left.map(({ name }) => name)).toEqual(['Documents']);
    await client.restore(left.map(({ id }) => id));
    expect((await namesIn(client, [])).sort()).toEqual(['Documents', 'Documents (copy)']);
    expect(b).toBeDefined();
  });

  it('are removed for ever, and their room is given back', async () => {
    const { tab, client } = await signedUp();
    await uploadAll(tab, [], [bytesFile('big.bin', 200_000), textFile('c.txt', 'c')]);
    const before = await client.storage();
    const rows = await rowsOf(client, []);
    const idOf = (name: string) => rows.find((row) => row.name === name)!.id;
    await client.trash([idOf('big.bin'), idOf('c.txt')]);
    const [first] = await trashed(client);
    await client.removeForever([first!.id]);
    expect(await trashed(client)).toHaveLength(1);
    await client.emptyTrash();
    expect(await trashed(client)).toEqual([]);
    expect(await client.freeUnused()).toBeGreaterThan(190_000);
    expect((await client.storage()).usedBytes).toBeLessThan(before.usedBytes - 150_000);
  });

  it('of an account without a limit are counted, and no limit is named', async () => {
    const { client } = await signedUp();
    const report = await client.storage();
    expect(report.usedBytes).toBeGreaterThan(0);
    expect(report).not.toHaveProperty('quotaBytes');
  });

  async function trashed(client: Tab['client']) {
    const all: { id: string; name: string; from: readonly string[] }[] = [];
    await client.listTrash((batch) => all.push(...batch));
    return all;
  }
});

describe('transfers', () => {
  it('store whole folders, empty ones too', async () => {
    const { tab, client } = await signedUp();
    const home = await folderOf(client);
    const id = await client.upload(home.entry.id, [
      { path: ['trip', 'day 1', 'a.txt'], file: textFile('a.txt', 'a') },
      { path: ['trip', 'day 2', 'b.txt'], file: textFile('b.txt', 'b') },
      { path: ['trip', 'empty'] },
    ]);
    await until(() => transferOf(tab, id)?.state === 'done');
    expect(await namesIn(client, ['trip'])).toEqual(['day 1', 'day 2', 'empty']);
    expect(await namesIn(client, ['trip', 'day 2'])).toEqual(['b.txt']);
  });

  it('keep what failed with its reason, store the rest, and try again', async () => {
    const { tab, client } = await signedUp();
    const home = await folderOf(client);
    let isBroken = true;
    const broken = bytesFile('broken.bin', 500);
    const slice = broken.slice.bind(broken);
    broken.slice = (start, end) => {
      if (isBroken) throw new DOMException('gone', 'NotReadableError');
      return slice(start, end);
    };
    const files = [...Array(20).keys()].map((i) => textFile(`${i}.txt`, `content ${i}`));
    const id = await client.upload(home.entry.id, [
      ...files.map((file) => ({ path: [file.name], file })),
      { path: ['broken.bin'], file: broken },
      { path: ['bad\u0000name'], file: textFile('x', 'x') },
    ]);
    await until(() => transferOf(tab, id)?.state === 'failed');
    const failed = transferOf(tab, id)!;
    expect(failed).toMatchObject({ filesDone: 20, files: 22, filesFailed: 2 });
    const named = (await filesOf(client, id)).filter(({ state }) => state === 'failed');
    expect(named.map(({ path, error }) => [path[0], error?.name]).sort()).toEqual([
      ['bad\u0000name', 'BadFileName'],
      ['broken.bin', 'SourceChanged'],
    ]);
    expect(await namesIn(client, [])).toHaveLength(20);
    isBroken = false;
    client.retry(id);
    await until(
      () => transferOf(tab, id)?.filesDone === 21 && transferOf(tab, id)?.state === 'failed',
    );
    expect(transferOf(tab, id)?.filesFailed).toBe(1);
    expect(await namesIn(client, [])).toHaveLength(21);
    client.clearFinished();
    await until(() => tab.transfers().length === 0);
  });

  it('say when a name is taken, and do what is chosen', async () => {
    const { tab, client } = await signedUp();
    await uploadAll(tab, [], [textFile('a.txt', 'one')]);
    const again = await uploadAll(tab, [], [textFile('a.txt', 'two')]);
    expect(again).toMatchObject({ state: 'failed', error: { name: 'NameExists' } });
    const home = await folderOf(client);
    const upload = async (content: string, choice: 'keep-both' | 'replace' | 'skip') => {
      const items = [{ path: ['a.txt'], file: textFile('a.txt', content) }];
      const id = await client.upload(home.entry.id, items, choice);
      await until(() => transferOf(tab, id)?.state === 'done');
      return transferOf(tab, id);
    };
    const content = async (name: string) => {
      const { entry } = await client.find(inHome(client, [name]));
      return (await client.readText(entry.id, 100)).text;
    };
    const skipped = await upload('three', 'skip');
    expect(await content('a.txt')).toBe('one');
    expect(skipped).toMatchObject({ filesDone: 0, filesSkipped: 1, totalBytes: 0, doneBytes: 0 });
    await upload('four', 'replace');
    expect(await content('a.txt')).toBe('four');
    await upload('five', 'keep-both');
    expect(await namesIn(client, [])).toHaveLength(2);
  });

  it('pause, resume and cancel', async () => {
    const { tab, client } = await signedUp();
    const home = await folderOf(client);
    const length = 40 * TEST_CHUNK_BYTES;
    const slow = (name: string) => {
      const file = bytesFile(name, length);
      const slice = file.slice.bind(file);
      file.slice = (start, end) => {
        const piece = slice(start, end);
        const arrayBuffer = piece.arrayBuffer.bind(piece);
        piece.arrayBuffer = async () => {
          await new Promise((resolve) => setTimeout(resolve, 60));
          return arrayBuffer();
        };
        return piece;
      };
      return file;
    };
    const id = await client.upload(home.entry.id, [{ path: ['slow.bin'], file: slow('slow.bin') }]);
    await until(() => (transferOf(tab, id)?.doneBytes ?? 0) > 0);
    client.pause(id);
    await until(() => transferOf(tab, id)?.state === 'paused');
    const doneBytes = () => transferOf(tab, id)!.doneBytes;
    // Chunks that were read before the pause end; then nothing more is stored.
    let before = -1;
    while (doneBytes() !== before) {
      before = doneBytes();
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(before).toBeLessThan(length);
    client.resumeTransfer(id);
    await until(() => transferOf(tab, id)?.state === 'done');
    const { entry } = await client.find(inHome(client, ['slow.bin']));
    expect(await readAll(client, entry.id)).toEqual(bytesFor('slow.bin', length));

    const other = [{ path: ['gone.bin'], file: slow('gone.bin') }];
    const cancelled = await client.upload(home.entry.id, other);
    await until(() => (transferOf(tab, cancelled)?.doneBytes ?? 0) > 0);
    client.cancel(cancelled);
    await until(() => transferOf(tab, cancelled)?.state === 'cancelled');
    await until(() => tab.events.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await namesIn(client, [])).toEqual(['slow.bin']);
    expect(await rowsOf(client, ['.transactions'])).toEqual([]);
  });

  it('of a large file go on after the tab was killed, when the file is chosen again', async () => {
    const { browser, tab, client } = await signedUp();
    const home = await folderOf(client);
    const length = 60 * TEST_CHUNK_BYTES;
    const file = bytesFile('film.bin', length);
    const slice = file.slice.bind(file);
    const never = new Promise<never>(() => undefined);
    file.slice = (start, end) => {
      const piece = slice(start, end);
      if ((start ?? 0) >= 30 * TEST_CHUNK_BYTES) piece.arrayBuffer = () => never;
      return piece;
    };
    await client.upload(home.entry.id, [{ path: ['film.bin'], file }]);
    await until(() => (tab.transfers()[0]?.doneBytes ?? 0) > 20 * TEST_CHUNK_BYTES);
    tab.close(); // the tab crashes: nothing is cleaned up

    const second = await tabIn(browser);
    await second.client.signIn({ username: 'alice', password: GOOD, staySignedIn: false });
    await until(() => second.transfers().some(({ needsFile }) => needsFile === true));
    const [found] = second.transfers();
    expect(found).toMatchObject({ name: 'film.bin', state: 'paused', totalBytes: length });
    await expect(
      second.client.resumeWithFile(found!.id, bytesFile('film.bin', 5)),
    ).rejects.toMatchObject({ name: 'AnotherFile' });
    await second.client.resumeWithFile(found!.id, bytesFile('film.bin', length));
    await until(() => transferOf(second, found!.id)?.state === 'done');
    const { entry } = await second.client.find(inHome(second.client, ['film.bin']));
    expect(await readAll(second.client, entry.id)).toEqual(bytesFor('film.bin', length));
    expect(await rowsOf(second.client, ['.transactions'])).toEqual([]);
  });
});

describe('two tabs', () => {
  it('tell each other what changed and can both write', async () => {
    const { browser, client } = await signedUp('alice', true);
    const second = await tabIn(browser);
    await second.client.resume();
    const [homeOne, homeTwo] = [await folderOf(client), await folderOf(second.client)];
    second.events.length = 0;
    await client.makeFolder(homeOne.entry.id, 'from one');
    await until(() => second.events.some((event) => event.kind === 'folder-changed'));
    expect(second.events).toContainEqual({
      kind: 'folder-changed',
      path: ['alice'],
      change: 'added',
      names: ['from one'],
      by: 'another-tab',
    });
    await Promise.all([
      ...[1, 2, 3].map((i) => client.makeFolder(homeOne.entry.id, `one ${i}`)),
      ...[1, 2, 3].map((i) => second.client.makeFolder(homeTwo.entry.id, `two ${i}`)),
    ]);
    const names = ['from one', 'one 1', 'one 2', 'one 3', 'two 1', 'two 2', 'two 3'];
    expect(await namesIn(client, [])).toEqual(names);
    expect(await namesIn(second.client, [])).toEqual(names);
  });
});
