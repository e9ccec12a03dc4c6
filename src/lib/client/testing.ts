/** What tests of the client share: tabs on one set of stores in memory, page side included. */
import 'fake-indexeddb/auto';
import { afterEach } from 'vitest';
import {
  cheapAlgorithm,
  createPlace,
  seededRandom,
  type MemoryStores,
  type TestPlace,
} from '#lib/account/testing.ts';
import { openSavedLogins } from '#lib/account/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { createEngine, openDraftRecords, type Engine } from './engine/index.ts';
import { createPageClient } from './page-client.ts';
import type { ServiceWorkerLink } from './service-worker-link.ts';
import type { WorkerLike } from '#lib/rpc/index.ts';
import type { Client, ClientEvent, Entry, Folder, NumberedFile, Transfer } from './types.ts';

/** Small chunks, so that a few kilobytes are a long file. */
export const TEST_CHUNK_BYTES = 4096;
export const GOOD = 'tvQ7-mellow-garnet-94';

export interface Browser {
  readonly stores: MemoryStores;
  readonly logins: string;
  readonly tabs: string;
  /** Nodes elsewhere, by their origins. */
  readonly servers: Map<string, TestPlace>;
  nowMs: number;
}

let browsers = 0;

/** A browser: stores that outlive its tabs. */
export function createBrowser(stores = createPlace().stores): Browser {
  const name = `browser-${++browsers}`;
  return {
    stores,
    logins: `${name}-logins`,
    tabs: `${name}-tabs`,
    servers: new Map(),
    nowMs: 1_795_423_041_900,
  };
}

export interface Tab {
  readonly client: Client;
  readonly events: ClientEvent[];
  /** How many engines this tab has started. */
  engines(): number;
  transfers(): readonly Transfer[];
  close(): void;
}

/** The tabs of a file's tests: what is put in here is closed after each of them. */
export function closingTabs(): Tab[] {
  const tabs: Tab[] = [];
  afterEach(() => {
    for (const tab of tabs.splice(0)) tab.close();
  });
  return tabs;
}

/** Opens a tab: an engine, and the page's façade to it. */
export async function openTab(browser: Browser, serviceWorker?: ServiceWorkerLink): Promise<Tab> {
  const { stores } = browser;
  const random = systemRandom;
  const clock = (): number => (browser.nowMs += 7);
  const started: { engine: Engine; channel: BroadcastChannel; end: () => void }[] = [];
  const prepared = [await prepare(), await prepare(), await prepare()];

  async function prepare() {
    const place = createPlace('tab', { stores });
    const savedLogins = await openSavedLogins(browser.logins, random, clock);
    return () => {
      const channel = new BroadcastChannel(browser.tabs);
      const engine = createEngine({
        nodes: {
          ask: (server) => ({ node: browser.servers.get(server)!.node }),
          open: async (server) => ({
            ...(server === undefined ? {} : { server }),
            node: (server === undefined ? place : browser.servers.get(server)!).node,
            pointerMemory: place.pointerMemory,
            source: { database: 'node' },
            embedded: { ...stores, random, clock: place.clock },
            collect: (owner, signal) => place.node.collect(owner, signal),
            isOnline: () => true,
          }),
        },
        savedLogins,
        draftRecords: openDraftRecords(`${browser.logins}-drafts`),
        random,
        clock: place.clock,
        tabChannel: channel as unknown as globalThis.BroadcastChannel,
        newAlgorithm: () => cheapAlgorithm(),
        drive: {
          cipher: createLocalChunkCipher(random),
          chunkBytes: TEST_CHUNK_BYTES,
        },
      });
      const [page, wire] = directWires();
      const hangUp = engine.serve(wire);
      const end = (): void => {
        hangUp();
        engine.close();
        channel.close();
      };
      started.push({ engine, channel, end });
      return { ...page, terminate: end };
    };
  }

  const events: ClientEvent[] = [];
  const client = createPageClient({ startEngine: () => prepared.shift()!(), serviceWorker });
  client.subscribe((event) => events.push(event));
  await until(() => client.state.kind !== 'starting');
  return {
    client,
    events,
    engines: () => started.length,
    transfers() {
      const last = events.findLast((event) => event.kind === 'transfers');
      return last?.transfers ?? [];
    },
    close() {
      for (const { end } of started) end();
    },
  };
}

/** A tab of a browser with somebody signed in, closed with the others. */
export async function signedUpTab(
  tabs: Tab[],
  browser: Browser,
  username: string,
  how: 'sign-up' | 'sign-in' = 'sign-up',
): Promise<Tab> {
  const tab = await openTab(browser);
  tabs.push(tab);
  const options = { username, password: GOOD, staySignedIn: false };
  await (how === 'sign-up' ? tab.client.signUp(options) : tab.client.signIn(options));
  return tab;
}

/** Alice and Bob, who are friends. */
export async function befriended(tabs: Tab[], browser = createBrowser()): Promise<[Tab, Tab]> {
  const alice = await signedUpTab(tabs, browser, 'alice');
  const bob = await signedUpTab(tabs, browser, 'bob');
  await alice.client.requestFollow('bob');
  await bob.client.answerRequest('alice', 'follow-back');
  await alice.client.people();
  return [alice, bob];
}

/** Two ends of a conversation that pass values by reference: Node cannot clone a File. */
function directWires(): [Omit<WorkerLike, 'terminate'>, Omit<WorkerLike, 'terminate'>] {
  const sides = [new EventTarget(), new EventTarget()] as const;
  const wire = (mine: EventTarget, other: EventTarget) => ({
    postMessage(data: unknown) {
      setTimeout(() => other.dispatchEvent(new MessageEvent('message', { data })));
    },
    addEventListener: (type: string, listener: (event: MessageEvent) => void) =>
      mine.addEventListener(type, listener as (event: Event) => void),
    removeEventListener: (type: 'message', listener: (event: MessageEvent) => void) =>
      mine.removeEventListener(type, listener as (event: Event) => void),
  });
  return [wire(sides[0], sides[1]), wire(sides[1], sides[0])];
}

/** Waits until something holds. */
export async function until(holds: () => boolean, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The path of something by its names below the home of who is signed in. */
export function inHome(client: Client, path: readonly string[]): string[] {
  const { state } = client;
  if (state.kind !== 'signed-in') throw new Error('nobody is signed in');
  return [state.username, ...path];
}

/** Opens a folder of the home; without a path the home itself. */
export function folderOf(client: Client, path: readonly string[] = []): Promise<Folder> {
  return client.openFolder(inHome(client, path));
}

/** All rows of a folder of the home. */
export async function rowsOf(client: Client, path: readonly string[]): Promise<Entry[]> {
  const folder = await folderOf(client, path);
  const rows: Entry[] = [];
  await client.list(folder.entry.id, (batch) => rows.push(...batch));
  return rows;
}

/** Names a person sees in a folder of the home. */
export async function namesIn(client: Client, path: readonly string[]): Promise<string[]> {
  return (await rowsOf(client, path))
    .filter((row) => !row.hidden)
    .map((row) => row.name)
    .sort();
}

export function textFile(name: string, content: string): File {
  return new File([content], name, { type: 'text/plain', lastModified: 1_700_000_000_000 });
}

/** A file of bytes that follow from its name. */
export function bytesFile(name: string, length: number): File {
  return new File([bytesFor(name, length)], name, { lastModified: 1_700_000_000_000 });
}

export function bytesFor(name: string, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(seededRandom(name)(length));
}

/** Uploads into a folder of the home and waits for the end. */
export async function uploadAll(
  tab: Tab,
  path: readonly string[],
  files: readonly File[],
): Promise<Transfer> {
  const folder = await folderOf(tab.client, path);
  const items = files.map((file) => ({ path: [file.name], file }));
  const id = await tab.client.upload(folder.entry.id, items);
  await until(() => ['done', 'failed'].includes(transferOf(tab, id)?.state ?? ''));
  return transferOf(tab, id)!;
}

export function transferOf(tab: Tab, id: string): Transfer | undefined {
  return tab.transfers().find((transfer) => transfer.id === id);
}

/** The files of a transfer as they are now. */
export async function filesOf(client: Client, id: string): Promise<NumberedFile[]> {
  const stop = new AbortController();
  const files: NumberedFile[] = [];
  const seen = Promise.withResolvers<undefined>();
  const onChange = (some: readonly NumberedFile[]): void => {
    files.push(...some);
    seen.resolve(undefined);
  };
  client.watchFiles(id, onChange, stop.signal).catch(() => seen.resolve(undefined));
  await seen.promise;
  stop.abort();
  return files;
}

export async function readAll(client: Client, id: string): Promise<Uint8Array> {
  const [details] = await client.details([id]);
  return client.readBytes(id, 0, details?.sizeBytes ?? 0);
}
