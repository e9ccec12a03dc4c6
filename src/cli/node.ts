/** The node an address names: a server's, or one on this disk. */
import { parseUrl } from '#lib/bytes/index.ts';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { StorageNode } from '#lib/node/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import type { LocalNodeDeps } from '#lib/node-local/index.ts';
import { Misused, NoSuchFile } from './errors.ts';
import { createSend } from './send.ts';
import type { Io } from './io.ts';
import { textOf, type Values } from './values.ts';

export interface OpenNode {
  readonly node: StorageNode;
  /** What a node on this disk is made of; absent for a server's. */
  readonly local?: LocalNodeDeps;
  close(): Promise<void>;
}

/** What is in the folder of a drive. */
const RECORDS_FILE = 'records.sqlite';

/** `https://…`, `http://…` or `dir:PATH`. Throws `Misused`; `NoSuchFile` where no drive is. */
export async function openNode(address: string, folder: string): Promise<OpenNode> {
  const path = driveFolder(address, folder);
  if (path !== undefined) {
    if (await isDrive(path)) return openFolder(path);
    throw new NoSuchFile(`There is no drive in ${path}; signup, import and move can make one.`);
  }
  const url = serverAddress(address);
  const send = createSend(url);
  return { node: createHttpNode(url.origin, { send }), close: async () => undefined };
}

/** As {@link openNode}, but creates a missing `dir:`. */
export async function openOrMakeNode(address: string, folder: string): Promise<OpenNode> {
  const path = driveFolder(address, folder);
  return path === undefined ? openNode(address, folder) : openFolder(path);
}

/** Makes the drive that `--node dir:PATH` names, if it is not there; changes nothing else. */
export async function makeDrive({
  io,
  values,
}: {
  readonly io: Io;
  readonly values: Values;
}): Promise<void> {
  const address = textOf({ values }, 'node') ?? io.env['PYRGOS_NODE'] ?? '';
  const path = driveFolder(address, io.folder);
  if (path === undefined || (await isDrive(path))) return;
  await (await openFolder(path)).close();
}

/** What an address names, however it is written. Throws `Misused`. */
export function placeOf(address: string, folder: string): string {
  const path = driveFolder(address, folder);
  return path === undefined ? serverAddress(address).origin : `dir:${path}`;
}

function driveFolder(address: string, folder: string): string | undefined {
  if (!address.startsWith('dir:')) return undefined;
  const path = address.slice('dir:'.length);
  if (path === '') throw new Misused('dir: wants the path of a folder, as in dir:/srv/pyrgos.');
  return resolve(folder, path);
}

async function isDrive(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === false) throw new Misused(`dir:${path} is a file, not a folder.`);
  return stat(join(path, RECORDS_FILE)).then(
    () => true,
    () => false,
  );
}

function serverAddress(address: string): URL {
  const url = parseUrl(address);
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new Misused('A node is named by https://…, http://… or dir:PATH.');
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new Misused(`Only the address of the server is wanted here: ${url.origin}.`);
  }
  return url;
}

async function openFolder(path: string): Promise<OpenNode> {
  // Most commands talk to a server, and need nothing of what makes one.
  const { openNodeStores } = await import('../server/index.ts');
  const stores = await openNodeStores(path);
  const local = { ...stores, clock: () => Date.now(), random: systemRandom };
  return { node: createLocalNode(local), local, close: () => stores.close() };
}
