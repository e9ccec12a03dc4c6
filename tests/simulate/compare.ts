/** What a drive shows, against the model: every name, byte, size, time, flag and content hash. */
import { createHash } from 'node:crypto';
import type { Drive, Handle } from '#lib/drive/index.ts';
import { bytesOf, rowsOf } from '#lib/drive/testing.ts';
import type { ModelFile, ModelFolder } from './model.ts';

/** Everything below `handle` against `model`. */
export async function compareFolder(
  drive: Drive,
  handle: Handle,
  model: ModelFolder,
  path: readonly string[],
  chunkBytes: number,
): Promise<void> {
  const rows = (await rowsOf(drive, handle)).filter(
    ({ name }) => path.length > 0 || name !== '.transactions',
  );
  const where = `/${path.join('/')}`;
  same(rows.map(({ name }) => name).sort(), [...model.children.keys()].sort(), where);
  for (const [i, child] of (await drive.openMany(handle, rows)).entries()) {
    if (child instanceof Error) throw child;
    const { name, isDirectory } = rows[i]!;
    const node = model.children.get(name)!;
    const { properties } = child;
    same(properties.name, name, `name in ${where}/${name}`);
    same(
      [isDirectory, child.isDirectory],
      Array(2).fill(node.kind === 'folder'),
      `kind of ${name}`,
    );
    same(properties.isHidden, node.hidden, `flag of ${where}/${name}`);
    if (node.kind === 'folder') {
      await compareFolder(drive, child, node, [...path, name], chunkBytes);
    } else await compareFile(drive, child, node, `${where}/${name}`, chunkBytes);
  }
}

async function compareFile(
  drive: Drive,
  handle: Handle,
  model: ModelFile,
  where: string,
  chunkBytes: number,
): Promise<void> {
  const { sizeBytes, modified, created, hashBranch } = handle.properties;
  same(sizeBytes, model.bytes.length, `size of ${where}`);
  same(hex(await bytesOf(drive, handle)), hex(model.bytes), `bytes of ${where}`);
  same(millisOf(modified), model.modifiedMs, `modification of ${where}`);
  same(millisOf(created), model.createdMs, `creation of ${where}`);
  if (model.isHashed) same(hashBranch !== undefined, true, `content hash of ${where}`);
  if (hashBranch) {
    same(hex(hashBranch.root), treeRoot(model.bytes, chunkBytes), `hash of ${where}`);
  }
}

/** A-8 §11 for up to 1024 chunks, from its text alone. */
function treeRoot(bytes: Uint8Array, chunkBytes: number): string {
  const hashes: Buffer[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += chunkBytes) {
    hashes.push(
      createHash('sha256')
        .update(bytes.subarray(at, at + chunkBytes))
        .digest(),
    );
  }
  const list = Buffer.concat(hashes);
  const length =
    list.length < 256 ? [0x58, list.length] : [0x59, list.length >> 8, list.length & 255];
  const cbor = Buffer.concat([Buffer.from([0x81, 0xa1, 0x61, 0x68, ...length]), list]);
  return createHash('sha256').update(cbor).digest('hex');
}

function millisOf({ seconds, nanos }: { seconds: number | bigint; nanos: number }): number {
  return Number(seconds) * 1000 + nanos / 1e6;
}

export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

export function same(found: unknown, wanted: unknown, what: string): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  }
}
