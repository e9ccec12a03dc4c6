/**
 * Opens the stores that the settings name. Where both lie elsewhere any number of processes may
 * share them; otherwise the data folder is held by one.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DirectTransfer } from '#lib/node-local/index.ts';
import {
  createDiskBlockStore,
  createPostgresRecordStore,
  createSqliteRecordStore,
} from '#lib/stores/server/index.ts';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';
import { BadSetting } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { openObjectStore } from './object-store.ts';
import { BLOCKS_FOLDER, holdFolder, RECORDS_FILE } from './stores.ts';
import type { OpenStores } from './stores.ts';

export interface NodeStores extends OpenStores {
  readonly directTransfer: DirectTransfer | undefined;
}

type Close = () => Promise<void> | void;

/** Whether several processes may use these stores: nothing of them is in the data folder. */
export function areShared({ blocksUrl, recordsUrl }: NodeSettings): boolean {
  return blocksUrl !== undefined && recordsUrl !== undefined;
}

/** For a node that serves. Throws `FolderInUse`, `BadSetting`, `StoreUnavailable`. */
export async function openStores(settings: NodeSettings): Promise<NodeStores> {
  const { dataFolder } = settings;
  checkRole(settings);
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const lock = areShared(settings) ? undefined : holdFolder(dataFolder);
  return open(settings, lock === undefined ? [] : [() => lock.release()]);
}

/** Throws {@link BadSetting} for a process of several that cannot share what it keeps with others. */
export function checkRole(settings: NodeSettings): void {
  const { role, p2pPort, p2pGateway, p2pGatewayPort } = settings;
  if (role === 'all') return;
  if (!areShared(settings)) {
    throw new BadSetting(
      `--role ${role} is for several processes, which need --blocks and --records elsewhere.`,
    );
  }
  if (role === 'p2p' && p2pPort === undefined) {
    throw new BadSetting('--role p2p needs --p2p-port, where other nodes reach it.');
  }
  if (role === 'web' && (p2pPort !== undefined || p2pGatewayPort !== undefined)) {
    throw new BadSetting(
      '--role web listens for no other nodes: it asks them by --p2p-gateway, through a process of --role p2p.',
    );
  }
  if (role === 'p2p' && p2pGateway !== undefined) {
    throw new BadSetting('--role p2p asks other nodes itself; --p2p-gateway is for --role web.');
  }
}

/** For an operator's command, whether a node is running or not. */
export async function openBesideNode(settings: NodeSettings): Promise<NodeStores> {
  if (!existsSync(settings.dataFolder)) {
    throw new BadSetting(`There is no folder ${settings.dataFolder}.`);
  }
  return open(settings, []);
}

/** `closing` is run last, and also when something cannot be opened. */
async function open(settings: NodeSettings, closing: Close[]): Promise<NodeStores> {
  const close = async (): Promise<void> => {
    for (const end of closing.reverse()) await end();
  };
  try {
    const records = await openRecords(settings, closing);
    const blocks = await openBlocks(settings, closing);
    return { records, ...blocks, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openRecords(settings: NodeSettings, closing: Close[]): Promise<RecordStore> {
  const { dataFolder, recordsUrl } = settings;
  const records =
    recordsUrl === undefined
      ? await createSqliteRecordStore(join(dataFolder, RECORDS_FILE))
      : await createPostgresRecordStore(postgresOptions(recordsUrl, settings));
  closing.push(() => records.close());
  return records;
}

async function openBlocks(
  settings: NodeSettings,
  closing: Close[],
): Promise<{ blocks: BlockStore; directTransfer: DirectTransfer | undefined }> {
  const { dataFolder, blocksUrl } = settings;
  if (blocksUrl !== undefined) {
    const objects = openObjectStore(blocksUrl, settings);
    await objects.blocks.checkAccess();
    return objects;
  }
  const blocks = await createDiskBlockStore(join(dataFolder, BLOCKS_FOLDER));
  closing.push(() => blocks.close());
  return { blocks, directTransfer: undefined };
}

/** The address of the database without what is ours, with the password that is given elsewhere. */
export function postgresOptions(
  recordsUrl: string,
  { recordsPassword }: NodeSettings,
): { url: string; schema?: string } {
  const url = new URL(recordsUrl);
  const schema = url.searchParams.get('schema') ?? undefined;
  url.searchParams.delete('schema');
  if (recordsPassword !== undefined) url.password = encodeURIComponent(recordsPassword);
  if (schema !== undefined && !/^[a-z_][a-z0-9_]{0,62}$/u.test(schema)) {
    throw new BadSetting(`"${schema}" is no name of a schema: small letters, digits and "_".`);
  }
  return { url: url.href, ...(schema === undefined ? {} : { schema }) };
}
