/**
 * A drive and its model side by side. Every step decides at random, computes from the model what must
 * happen, does it, and compares. Two devices share one node; each is restarted now and then.
 */
import type { ConflictChoice, Drive } from '#lib/drive/index.ts';
import { bytesSource } from '#lib/drive/index.ts';
import { bytesOf, countMapped, countReachable, type TestDrive } from '#lib/drive/testing.ts';
import { OperationGenerator } from './operation-generator.ts';
import { compareFolder, hex, same } from './compare.ts';
import type { SeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import {
  cloneOf,
  cut,
  ensure,
  filesOf,
  isClearPath,
  isFolderInvolved,
  newFolder,
  rewrite,
  store,
  unusedName,
  uploadError,
  walk,
  type ModelFolder,
} from './model.ts';

const NAMES = [
  'a',
  'b.txt',
  'c.txt',
  'photo.jpg',
  'ünïcødé 文',
  'constructor',
  '__proto__',
  '.dot',
  'end.',
] as const;
const FOLDER_NAMES = ['docs', 'a', 'toString', 'deep', 'музыка'] as const;

export class World {
  readonly root: ModelFolder = newFolder();
  readonly #test: TestDrive;
  readonly #random: SeededRandom;
  readonly #chunkBytes: number;
  readonly #devices: Drive[];
  readonly #generator: OperationGenerator;

  constructor(test: TestDrive, random: SeededRandom, chunkBytes: number) {
    this.#test = test;
    this.#random = random;
    this.#chunkBytes = chunkBytes;
    this.#devices = [test.drive, test.another()];
    this.#generator = new OperationGenerator(this.root, random);
  }

  /** One random operation, on a random device. Returns its name. */
  async step(): Promise<string> {
    const random = this.#random;
    this.#test.account.clock.nowMs += 1000 + random.below(1000);
    if (random.chance(0.02)) this.#devices[random.below(2)] = this.#test.another();
    const drive = random.pick(this.#devices);
    const operation = random.pick(OPERATIONS);
    await this[operation](drive);
    return operation;
  }

  /** Every name, byte, size, time and flag; and that nothing unreachable is left in the data map. */
  async compare(): Promise<void> {
    const drive = this.#test.another();
    const home = await drive.home();
    await compareFolder(drive, home, this.root, [], this.#chunkBytes);
    const reachable = await countReachable(drive, this.#test, home, this.#chunkBytes);
    same(await countMapped(this.#test), reachable, 'labels in the data map');
  }

  get files(): number {
    return filesOf(this.root).length;
  }

  async makeDirectory(drive: Drive): Promise<void> {
    const { folder, handle } = await this.#generator.folder(drive);
    const name = this.#random.pick(FOLDER_NAMES);
    const hidden = this.#random.chance(0.2);
    const expected = folder.children.has(name) ? 'NameExists' : undefined;
    await fails(drive.makeDirectory(handle, name, { hidden }), expected);
    if (!expected) folder.children.set(name, newFolder(hidden));
  }

  async upload(drive: Drive): Promise<void> {
    const { folder, handle } = await this.#generator.folder(drive);
    const name = this.#random.pick(NAMES);
    const bytes = this.#random.bytes(this.#anySize());
    const onConflict = this.#anyChoice();
    const modifiedMs = this.#random.chance(0.5) ? this.#nowMs - 5_000_000 : undefined;
    const hidden = this.#random.chance(0.1);
    const item = { path: [name], source: bytesSource(bytes, modifiedMs), hidden };
    const existing = folder.children.get(name);
    const expected = uploadError(existing, onConflict);
    const done = drive.upload(handle, [item], onConflict ? { onConflict } : {});
    await fails(done, expected);
    if (expected) return;
    store(folder, name, { bytes, modifiedMs: modifiedMs ?? this.#nowMs, hidden }, onConflict);
  }

  /** Many small files and folders at once. */
  async uploadMany(drive: Drive): Promise<void> {
    const random = this.#random;
    const { folder, handle } = await this.#generator.folder(drive);
    const top = random.chance(0.5) ? [`new ${random.below(1000)}`] : [];
    const paths = [
      ...new Set(
        Array.from({ length: 1 + random.below(8) }, () =>
          [
            ...top,
            ...(random.chance(0.4) ? [random.pick(FOLDER_NAMES)] : []),
            `n${random.below(99)}`,
          ].join('/'),
        ),
      ),
    ].map((path) => path.split('/'));
    const items = paths.map((path) => ({
      path,
      source: bytesSource(random.bytes(random.below(this.#chunkBytes * 2))),
    }));
    const sources = await Promise.all(items.map(({ source }) => source.read(0, source.sizeBytes)));
    const isClear = paths.every((path) => isClearPath(folder, path));
    if (!isClear) return;
    const empty = [...top, `empty ${random.below(50)}`];
    const all = isClearPath(folder, [...empty, 'x']) ? [...items, { path: empty }] : items;
    await drive.upload(handle, all, { onConflict: 'replace' });
    for (const [i, path] of paths.entries()) {
      const at = ensure(folder, path.slice(0, -1));
      const content = { bytes: sources[i]!, modifiedMs: this.#nowMs, hidden: false };
      store(at, path.at(-1)!, content, 'replace');
    }
    if (all !== items) ensure(folder, empty);
  }

  async overwrite(drive: Drive): Promise<void> {
    const found = await this.#generator.file(drive);
    if (!found) return;
    const { file, handle } = found;
    const start = this.#random.below(file.bytes.length + 1);
    const bytes = this.#random.bytes(this.#anySize());
    await drive.overwrite(handle, start, bytesSource(bytes));
    rewrite(file, start, bytes, this.#nowMs);
  }

  async append(drive: Drive): Promise<void> {
    const found = await this.#generator.file(drive);
    if (!found) return;
    const { file, handle } = found;
    const bytes = this.#random.bytes(this.#anySize());
    await drive.append(handle, bytesSource(bytes));
    rewrite(file, file.bytes.length, bytes, this.#nowMs);
  }

  async truncate(drive: Drive): Promise<void> {
    const found = await this.#generator.file(drive);
    if (!found) return;
    const { file, handle } = found;
    const { length } = file.bytes;
    if (this.#random.chance(0.1)) {
      await fails(drive.truncate(handle, length + 1), 'RangeOutsideFile');
      return;
    }
    const onBorder =
      Math.floor(this.#random.below(length + 1) / this.#chunkBytes) * this.#chunkBytes;
    const size = this.#random.chance(0.3) ? onBorder : this.#random.below(length + 1);
    await drive.truncate(handle, size);
    if (size === length) return;
    cut(file, size, this.#chunkBytes, this.#nowMs);
  }

  async rename(drive: Drive): Promise<void> {
    const found = await this.#generator.child(drive);
    if (!found) return;
    const { folder, handle, name, row } = found;
    const fresh = this.#random.pick([...NAMES, ...FOLDER_NAMES, 'x/y', 'new name', '..']);
    const isBad = fresh === 'x/y' || fresh === '..';
    const isTaken = fresh !== name && folder.children.has(fresh);
    const expected = isBad ? 'BadFileName' : isTaken ? 'NameExists' : undefined;
    await fails(drive.rename(handle, row, fresh), expected);
    if (expected) return;
    const child = folder.children.get(name)!;
    folder.children.delete(name);
    folder.children.set(fresh, child);
  }

  async hide(drive: Drive): Promise<void> {
    const found = await this.#generator.child(drive);
    if (!found) return;
    const { folder, handle, name, row } = found;
    const isHidden = this.#random.chance(0.5);
    await drive.setProperties(await drive.open(handle, row), { isHidden });
    folder.children.get(name)!.hidden = isHidden;
  }

  async move(drive: Drive): Promise<void> {
    const found = await this.#generator.child(drive);
    if (!found) return;
    const { folder, handle, name, row } = found;
    const target = await this.#generator.folder(drive);
    const onConflict = this.#anyChoice();
    const child = folder.children.get(name)!;
    const isInside = walk(child).some(({ node }) => node === target.folder);
    const existing = target.folder === folder ? undefined : target.folder.children.get(name);
    const expected = isInside
      ? 'MoveIntoItself'
      : existing && (!onConflict || (onConflict === 'replace' && isFolderInvolved(child, existing)))
        ? 'NameExists'
        : undefined;
    const options = onConflict ? { onConflict } : {};
    await fails(drive.move(handle, [row], target.handle, options), expected);
    if (expected || target.folder === folder || (existing && onConflict === 'skip')) return;
    folder.children.delete(name);
    const free = onConflict === 'replace' ? name : unusedName(target.folder, name);
    target.folder.children.set(free, child);
  }

  async copy(drive: Drive): Promise<void> {
    const found = await this.#generator.child(drive);
    if (!found) return;
    const { folder, handle, name, row } = found;
    const child = folder.children.get(name)!;
    if (walk(child).length > 30 || walk(this.root).length > 150) return;
    const target = await this.#generator.folder(drive);
    const copy = cloneOf(child);
    await drive.copy(handle, [row], target.handle);
    for (const { node } of walk(copy)) {
      if (node.kind === 'file') Object.assign(node, { createdMs: node.modifiedMs, isHashed: true });
    }
    target.folder.children.set(unusedName(target.folder, name), copy);
  }

  async remove(drive: Drive): Promise<void> {
    const found = await this.#generator.child(drive);
    if (!found) return;
    const { folder, handle, name, row } = found;
    const isBig = walk(folder.children.get(name)!).length > 12;
    if (isBig && walk(this.root).length < 100) return;
    await drive.remove(handle, [row]);
    folder.children.delete(name);
  }

  async readRange(drive: Drive): Promise<void> {
    const found = await this.#generator.file(drive);
    if (!found) return;
    const { file, handle } = found;
    const start = this.#random.below(file.bytes.length + 2);
    const end = start + this.#random.below(this.#chunkBytes * 3);
    const bytes = await bytesOf(drive, handle, start, end);
    same(hex(bytes), hex(file.bytes.slice(start, end)), `bytes ${start}…${end}`);
  }

  get #nowMs(): number {
    return this.#test.account.clock.nowMs;
  }

  #anySize(): number {
    const chunk = this.#chunkBytes;
    const random = this.#random;
    if (random.chance(0.3)) {
      return random.pick([0, 1, chunk - 1, chunk, chunk + 1, 4 * chunk, 4 * chunk + 1]);
    }
    return random.below(random.chance(0.2) ? 11 * chunk : 2 * chunk);
  }

  #anyChoice(): ConflictChoice | undefined {
    return this.#random.pick([undefined, 'keep-both', 'replace', 'skip'] as const);
  }
}

const OPERATIONS = [
  'makeDirectory',
  'makeDirectory',
  'upload',
  'upload',
  'upload',
  'upload',
  'uploadMany',
  'overwrite',
  'overwrite',
  'append',
  'append',
  'truncate',
  'truncate',
  'rename',
  'rename',
  'hide',
  'move',
  'move',
  'copy',
  'remove',
  'remove',
  'remove',
  'readRange',
  'readRange',
] as const;

/** Runs to its end, with this error or with none. */
async function fails(work: Promise<unknown>, expected: string | undefined): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  if (error?.name !== expected) throw error ?? new Error(`${expected} was expected`);
}
