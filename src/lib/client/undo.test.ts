import { beforeAll, describe, expect, it, vi } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import {
  bytesFile,
  closingTabs,
  createBrowser,
  folderOf,
  GOOD,
  inHome,
  namesIn,
  openTab,
  rowsOf,
  type Tab,
  textFile,
  uploadAll,
} from './testing.ts';

beforeAll(() => vi.stubGlobal('location', { origin: 'https://drive.example' }));
beforeAll(() => startCrypto());

const tabs = closingTabs();

/** A drive with `a.txt` and `b.txt` at the top, and a folder `box`. */
async function drive() {
  const tab = await openTab(createBrowser());
  tabs.push(tab);
  const { client } = tab;
  await client.signUp({ username: 'alice', password: GOOD, staySignedIn: false });
  const home = (await folderOf(client)).entry.id;
  const box = (await client.makeFolder(home, 'box')).id;
  await uploadAll(tab, [], [textFile('a.txt', 'a'), textFile('b.txt', 'b')]);
  const idOf = async (path: string[]) => (await client.find(inHome(client, path))).entry.id;
  const text = async (path: string[]) => (await client.readText(await idOf(path), 100)).text;
  const names = async (...path: string[]) => (await namesIn(client, path)).sort();
  return { tab, client, home, box, idOf, text, names };
}

const REFUSED = { name: 'CannotUndo' };

describe('undoing a move', () => {
  it('puts everything back, once', async () => {
    const { client, box, idOf, names } = await drive();
    const { undo } = await client.move([await idOf(['a.txt']), await idOf(['b.txt'])], box);
    expect(await names('box')).toEqual(['a.txt', 'b.txt']);
    await client.undo(undo!);
    expect(await names()).toEqual(['a.txt', 'b.txt', 'box']);
    expect(await names('box')).toEqual([]);
    await expect(client.undo(undo!)).rejects.toMatchObject(REFUSED);
  });

  it('gives the old name again to what got another beside one of its name', async () => {
    const { tab, client, box, idOf, names, text } = await drive();
    await uploadAll(tab, ['box'], [textFile('a.txt', 'other')]);
    const { undo } = await client.move([await idOf(['a.txt'])], box, 'keep-both');
    expect(await names('box')).toEqual(['a (copy).txt', 'a.txt']);
    await client.undo(undo!);
    expect(await text(['a.txt'])).toBe('a');
    expect(await text(['box', 'a.txt'])).toBe('other');
  });

  it('leaves where it was what was skipped', async () => {
    const { tab, client, box, idOf, names, text } = await drive();
    await uploadAll(tab, ['box'], [textFile('a.txt', 'other')]);
    const ids = [await idOf(['a.txt']), await idOf(['b.txt'])];
    const { undo } = await client.move(ids, box, 'skip');
    expect(await names()).toEqual(['a.txt', 'box']);
    await client.undo(undo!);
    expect(await names()).toEqual(['a.txt', 'b.txt', 'box']);
    expect(await text(['box', 'a.txt'])).toBe('other');
  });

  it('puts back what went into another writing space, and what was restored there', async () => {
    const { client, box: plain, idOf, names } = await drive();
    await client.makeLink(plain, 'write', { password: '', opens: false });
    const box = await idOf(['box']);
    const { undo } = await client.move([await idOf(['a.txt'])], box);
    expect(await names('box')).toEqual(['a.txt']);
    await client.undo(undo!);
    expect(await names()).toEqual(['a.txt', 'b.txt', 'box']);
    await client.move([await idOf(['a.txt'])], box);
    await client.trash([await idOf(['box', 'a.txt'])]);
    const restored = await client.restore((await trashed(client)).map(({ id }) => id));
    expect(await names('box')).toEqual(['a.txt']);
    await client.undo(restored.undo!);
    expect(await names('box')).toEqual([]);
    expect(await trashed(client)).toMatchObject([{ name: 'a.txt', from: ['alice', 'box'] }]);
  });

  it('is not offered where something was replaced', async () => {
    const { tab, client, box, idOf } = await drive();
    await uploadAll(tab, ['box'], [textFile('a.txt', 'other')]);
    expect((await client.move([await idOf(['a.txt'])], box, 'replace')).undo).toBeUndefined();
  });

  it('is refused, and changes nothing, when one of them was moved or deleted since', async () => {
    const { client, home, box, idOf, names } = await drive();
    const { undo } = await client.move([await idOf(['a.txt']), await idOf(['b.txt'])], box);
    await client.trash([await idOf(['box', 'b.txt'])]);
    await expect(client.undo(undo!)).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('b.txt') as string,
    });
    expect(await names('box')).toEqual(['a.txt']);
    expect(await names()).toEqual(['box']);
    expect(home).toBeDefined();
  });

  it('is refused when the name is taken where it was, and works once it is free', async () => {
    const { tab, client, box, idOf, names } = await drive();
    const { undo } = await client.move([await idOf(['a.txt'])], box);
    await uploadAll(tab, [], [textFile('a.txt', 'newer')]);
    await expect(client.undo(undo!)).rejects.toMatchObject({ name: 'NameExists' });
    expect(await names('box')).toEqual(['a.txt']);
    await client.rename(await idOf(['a.txt']), 'newer.txt');
    await client.undo(undo!);
    expect(await names()).toEqual(['a.txt', 'b.txt', 'box', 'newer.txt']);
  });

  it('is refused when the folder it came from is in the trash', async () => {
    const { tab, client, home, box, idOf, names } = await drive();
    await uploadAll(tab, ['box'], [textFile('c.txt', 'c')]);
    const { undo } = await client.move([await idOf(['box', 'c.txt'])], home);
    await client.trash([box]);
    await expect(client.undo(undo!)).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('box') as string,
    });
    expect(await names()).toEqual(['a.txt', 'b.txt', 'c.txt']);
  });
});

describe('undoing other operations', () => {
  it('gives a renamed file its name again, unless it was renamed since', async () => {
    const { client, idOf, names } = await drive();
    const id = await idOf(['a.txt']);
    const first = await client.rename(id, 'one.txt');
    await client.undo(first.undo!);
    expect(await names()).toEqual(['a.txt', 'b.txt', 'box']);
    const second = await client.rename(id, 'two.txt');
    await client.rename(id, 'three.txt');
    await expect(client.undo(second.undo!)).rejects.toMatchObject(REFUSED);
    expect(await names()).toEqual(['b.txt', 'box', 'three.txt']);
  });

  it('throws copies away and nothing else', async () => {
    const { tab, client, home, box, idOf, names } = await drive();
    await uploadAll(tab, ['box'], [textFile('a.txt', 'other')]);
    const { undo } = await client.copy([await idOf(['a.txt']), box], home);
    expect(await names()).toEqual(['a (copy).txt', 'a.txt', 'b.txt', 'box', 'box (copy)']);
    await uploadAll(tab, [], [textFile('new (copy).txt', 'n')]);
    await client.undo(undo!);
    expect(await names()).toEqual(['a.txt', 'b.txt', 'box', 'new (copy).txt']);
  });

  it('throws a restored file away again, with the time it had in the trash', async () => {
    const { client, idOf, names } = await drive();
    await client.trash([await idOf(['a.txt'])]);
    const before = await trashed(client);
    const { undo } = await client.restore(before.map(({ id }) => id));
    expect(await names()).toEqual(['a.txt', 'b.txt', 'box']);
    await client.undo(undo!);
    expect(await names()).toEqual(['b.txt', 'box']);
    const after = await trashed(client);
    expect(after).toMatchObject([
      { name: 'a.txt', from: ['alice'], trashedMs: before[0]!.trashedMs },
    ]);
  });

  it('is refused for what is no longer in the trash', async () => {
    const { client, idOf } = await drive();
    const { undo } = await client.trash([await idOf(['a.txt'])]);
    await client.emptyTrash();
    await expect(client.undo(undo!)).rejects.toMatchObject(REFUSED);
  });

  it('throws a new folder away with what came into it', async () => {
    const { tab, client, home, names } = await drive();
    const made = await client.makeFolder(home, 'new');
    await uploadAll(tab, ['new'], [textFile('x.txt', 'x')]);
    await client.undo(made.undo!);
    expect(await names()).toEqual(['a.txt', 'b.txt', 'box']);
    expect(await trashed(client)).toMatchObject([{ name: 'new' }]);
  });
});

describe('what details ask for', () => {
  it('adds up a folder with all below, and tells what it found so far', async () => {
    const { tab, client, home, box } = await drive();
    const inner = await client.makeFolder(box, 'inner');
    await client.makeFolder(inner.id, 'empty');
    await uploadAll(tab, ['box'], [bytesFile('x.bin', 10_000)]);
    await uploadAll(tab, ['box', 'inner'], [bytesFile('y.bin', 500), textFile('z.txt', 'zz')]);
    const told: number[] = [];
    const sum = await client.measure([box], ({ files }) => told.push(files));
    expect(sum).toEqual({ bytes: 10_502, files: 3, folders: 2, unreadable: 0 });
    expect(told.every((files) => files <= 3)).toBe(true);
    const top = (await rowsOf(client, [])).map(({ id }) => id);
    expect(await client.measure(top, () => undefined)).toMatchObject({ bytes: 10_504, files: 5 });
    const stop = new AbortController();
    stop.abort();
    await expect(client.measure([home], () => undefined, stop.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('says when something was made only where that is known', async () => {
    const { client, box, idOf } = await drive();
    const [folder] = await client.details([box]);
    expect(folder?.createdMs).toBe(folder?.modifiedMs);
    const [file] = await client.details([await idOf(['a.txt'])]);
    expect(file).toMatchObject({ modifiedMs: 1_700_000_000_000 });
    expect(file?.createdMs).toBeUndefined();
  });

  it('reads the size of a picture from its first bytes', async () => {
    const { tab, client, idOf } = await drive();
    const png = new Uint8Array(24);
    png.set([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
    new DataView(png.buffer).setUint32(16, 640);
    new DataView(png.buffer).setUint32(20, 400);
    await uploadAll(tab, [], [new File([png], 'p.png', { type: 'image/png' })]);
    expect(await client.pictureSize(await idOf(['p.png']))).toEqual({ width: 640, height: 400 });
    expect(await client.pictureSize(await idOf(['a.txt']))).toBeUndefined();
  });

  it('opens what is in the trash by its path', async () => {
    const { client, idOf, text } = await drive();
    await client.trash([await idOf(['a.txt'])]);
    const [row] = await trashed(client);
    expect(await text(row!.path.slice(1))).toBe('a');
  });
});

async function trashed(client: Tab['client']) {
  const all: {
    id: string;
    name: string;
    from: readonly string[];
    trashedMs: number;
    path: readonly string[];
  }[] = [];
  await client.listTrash((batch) => all.push(...batch));
  return all;
}
