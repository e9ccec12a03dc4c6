/** The public tree as another client wrote it: read, and written the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCar } from '#lib/car/index.ts';
import { CODEC, decodeBlock, decodeCbor, type Cid, type CborMap } from '#lib/codec/index.ts';
import { hashBlockNow, startCrypto } from '#lib/crypto/index.ts';
import { readWriterData } from '#lib/protocol/index.ts';
import { PublicTree } from './public-tree.ts';

void startCrypto();

const GOLDEN = readFileSync(
  new URL('../../../../tests/vectors/account/blocks.car', import.meta.url),
);
const RELEASES = ['peergos', 'releases'];
const APPS = ['peergos', 'recommended-apps'];

/** The operator of the reference's network has published two folders. */
async function golden() {
  const known = new Map<string, Uint8Array>();
  const { blocks } = await readCar(
    (async function* () {
      yield GOLDEN;
    })(),
  );
  let root: Cid | undefined;
  for await (const { cid, bytes } of blocks) {
    known.set(cid.toString(), bytes);
    if (cid.codec !== CODEC.dagCbor) continue;
    const value = decodeCbor(bytes, 100_000);
    if (value instanceof Map && value.has('controller')) {
      root ??= readWriterData(value).publicData;
    }
  }
  const load = (cid: Cid) => Promise.resolve(known.get(cid.toString())!);
  return {
    tree: await PublicTree.open(load, root),
    data: decodeBlock(known.get(root!.toString())!),
  };
}

function emptyTree() {
  const saved = new Map<string, Uint8Array>();
  const save = (block: Uint8Array): Cid => {
    const cid = hashBlockNow(block, CODEC.dagCbor);
    saved.set(cid.toString(), block);
    return cid;
  };
  const load = (cid: Cid) => Promise.resolve(saved.get(cid.toString())!);
  return { save, load, open: () => PublicTree.open(load, undefined) };
}

const CAPABILITY: CborMap = new Map([['k', 'the key']]);

describe('the public tree of another client', () => {
  it('is read', async () => {
    const { tree } = await golden();
    const found = await tree.lookUp([...APPS, 'calendar', 'index.html']);
    expect(found?.path).toEqual(APPS);
    expect(found?.capability.has('k')).toBe(true);
    expect((await tree.below(['peergos'])).map(({ path }) => path)).toEqual([RELEASES, APPS]);
    expect(await tree.lookUp(['peergos', 'other'])).toBeUndefined();
    expect(await tree.lookUp(['peergos'])).toBeUndefined();
  });

  it('is written block for block as that client wrote it', async () => {
    const { tree, data } = await golden();
    const { save, open } = emptyTree();
    const ours = await open();
    for (const path of [RELEASES, APPS]) {
      await ours.put(path, (await tree.lookUp(path))!.capability);
    }
    const { counter, table } = ours.save(save);
    expect(
      new Map([
        ['c', counter],
        ['r', table],
      ] as [string, unknown][]),
    ).toEqual(data);
  });
});

describe('a public tree', () => {
  it('gives no two directories one number, also where entries without one have the same', async () => {
    const tree = await emptyTree().open();
    await tree.put(['a', 'x', 'same'], CAPABILITY);
    await tree.put(['a', 'y', 'same'], CAPABILITY);
    await tree.put(['a', 'x', 'same', 'deep'], CAPABILITY);
    await tree.put(['a', 'y', 'same', 'other'], CAPABILITY);
    await tree.remove(['a', 'x', 'same']);
    await tree.remove(['a', 'y', 'same']);
    const paths = (await tree.below(['a'])).map(({ path }) => path.join('/'));
    expect(paths).toEqual(['a/x/same/deep', 'a/y/same/other']);
  });

  it('keeps no capability of what was taken out, and no way to it', async () => {
    const tree = await emptyTree().open();
    await tree.put(['a', 'x', 'y', 'z'], CAPABILITY);
    expect(await tree.remove(['a', 'x', 'y'])).toBe(false);
    expect(await tree.remove(['a', 'x', 'y', 'z'])).toBe(true);
    expect(await tree.remove(['a', 'x', 'y', 'z'])).toBe(false);
    const { save } = emptyTree();
    const blocks: string[] = [];
    tree.save((block) => {
      blocks.push(Buffer.from(block).toString('latin1'));
      return save(block);
    });
    for (const block of blocks) expect(block).not.toContain('the key');
    expect(await tree.below([])).toEqual([]);
  });
});
