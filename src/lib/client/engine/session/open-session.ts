/**
 * Everything that lives while somebody is signed in: drive, ids, trash, transfers, tickets. It is
 * made when a session opens and thrown away as a whole when it ends.
 */
import type { PyrgosError, Random } from '#lib/bytes/index.ts';
import {
  accountKey,
  createSystemFolders,
  IdentityChanged,
  IdentityDisputed,
  renewClaim,
  TrustStore,
} from '#lib/account/index.ts';
import type { AccountName, NameWitness, Session } from '#lib/account/index.ts';
import { signTime } from '#lib/crypto/index.ts';
import {
  Drive,
  type DriveDeps,
  type Handle,
  type LeftOut,
  type ListedEntry,
  type ReaderDeps,
} from '#lib/drive/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { createBlockCache } from '#lib/writers/index.ts';
import type {
  Copied,
  FolderChange,
  FolderSum,
  Made,
  NodeFacts,
  StorageReport,
} from '../../types.ts';
import { describeError } from '#lib/rpc/index.ts';
import { ProgressSum, type OperationRun } from '../transfers/operations.ts';
import { browserRoom, limitOf } from '../browser-room.ts';
import type { Downloads } from '../transfers/downloads.ts';
import type { Entries } from '../files/entries.ts';
import { createFileRooms } from '../files/file-rooms.ts';
import type { Events, TellChange } from '../events.ts';
import { identitiesFrom } from '#lib/social/index.ts';
import type { DraftRecords } from '../frames/draft-records.ts';
import { Drafts } from '../frames/drafts.ts';
import type { Viewers } from '../frames/viewers.ts';
import type { Folders } from '../files/folders.ts';
import { Apps } from '../apps/apps.ts';
import { People } from '../people/people.ts';
import { measure } from '../measure.ts';
import type { AccountNode } from './node-directory.ts';
import { nodeFacts, RegistryForkProved } from './node-facts.ts';
import type { Tabs } from './tabs.ts';
import type { TicketIssuer } from './ticket-issuer.ts';
import type { Transfers } from '../transfers/transfers.ts';
import { Trash } from '../files/trash.ts';
import type { UndoLog } from '../undo.ts';
import type { Uploads } from '../transfers/uploads.ts';
import { PendingSync } from './pending-changes.ts';

export interface OpenSessionDeps {
  readonly accountNode: AccountNode;
  readonly random: Random;
  readonly clock: () => number;
  readonly drive: Omit<DriveDeps, 'node' | 'random' | 'clock' | 'blockCache' | 'pointerMemory'>;
  readonly storageManager?: Partial<Pick<StorageManager, 'persisted' | 'estimate'>> | undefined;
  readonly events: Events;
  readonly tabs: Tabs;
  readonly tickets: TicketIssuer;
  readonly draftRecords: DraftRecords;
}

/** Champ and cryptree nodes; a few thousand of them. */
const BLOCK_CACHE_BYTES = 24 * 1024 * 1024;
const REPORT_DELAY_MS = 1_000;
/** How long other tabs have to say what they are uploading. */
const TABS_ANSWER_MS = 300;
const IDLE_BEFORE_COLLECTION_MS = 3_000;

export class OpenSession {
  readonly drive: Drive;
  /** What the drive works with. */
  readonly driveDeps: DriveDeps;
  readonly entries: Entries;
  readonly folders: Folders;
  readonly trash: Trash;
  readonly undo: UndoLog;
  readonly transfers: Transfers;
  readonly uploads: Uploads;
  readonly downloads: Downloads;
  readonly viewers: Viewers;
  readonly people: People;
  readonly apps: Apps;
  /** Sends pending changes; absent where the node is in this browser. */
  readonly pendingSync: PendingSync | undefined;
  /** Who people are; asks the second node too, where there is one. */
  readonly trust: TrustStore;
  /** Replaced when the password changes. */
  session: Session;
  #leftBytes = Infinity;
  readonly #witnesses: NameWitness[] = [];
  readonly #deps: OpenSessionDeps;
  readonly #uploadingElsewhere = new Set<string>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #isClosed = false;

  constructor(deps: OpenSessionDeps, session: Session) {
    this.#deps = deps;
    this.session = session;
    const { accountNode, random, clock, events, tickets } = deps;
    const { node, pointerMemory, source } = accountNode;
    const blockCache = createBlockCache(BLOCK_CACHE_BYTES);
    const driveDeps: DriveDeps = (this.driveDeps = {
      ...deps.drive,
      node,
      random,
      clock,
      blockCache,
      pointerMemory,
    });
    const { username } = session;
    const changed = this.#changed;
    this.drive = new Drive(driveDeps, session.home);
    const { drive } = this;
    const shared = { drive, driveDeps, username, random, clock, tickets, source, changed };
    const drafts = new Drafts({
      records: deps.draftRecords,
      account: accountKey(this.account),
      key: () => this.session.rootKey,
      random,
      clock,
    });
    const rooms = createFileRooms({
      ...shared,
      drafts,
      mount: (root) => this.people.mount(root),
      onTransfers: (transfers) => {
        if (!this.#isClosed) events.emit({ kind: 'transfers', transfers });
      },
    });
    const { entries } = rooms;
    this.entries = entries;
    this.transfers = rooms.transfers;
    this.undo = rooms.undo;
    this.folders = rooms.folders;
    this.uploads = rooms.uploads;
    this.downloads = rooms.downloads;
    this.viewers = rooms.viewers;
    this.trash = new Trash({ ...shared, ...rooms });
    const trust = (this.trust = new TrustStore(drive, node, this.#witnesses));
    const identities = identitiesFrom(trust);
    this.people = new People({
      social: {
        drive,
        driveDeps,
        node,
        person: session,
        random,
        clock,
        ...identities,
      },
      entries,
      events,
      changed,
      undo: rooms.undo,
      find: (path, signal) => this.folders.walk(path, signal),
      server: accountNode.server,
    });
    this.apps = new Apps({
      ...shared,
      entries,
      events,
      identityOf: identities.identityOf,
      mount: (root) => this.people.mount(root),
      publications: () => this.people.publications,
      photoOf: (name, signal) => this.people.profiles.photo(name, signal),
      secret: () => this.session.rootKey.bytes,
    });
    const { home } = session;
    const { queue } = accountNode;
    const tellTabs = (): void =>
      deps.tabs.tell({ kind: 'pending-changed', account: accountKey(this.account) });
    this.pendingSync =
      queue &&
      new PendingSync({
        queue,
        drive: driveDeps,
        home,
        events,
        changed: this.#changedElsewhere,
        tellTabs,
      });
  }

  get username(): string {
    return this.session.username;
  }

  get accountNode(): AccountNode {
    return this.#deps.accountNode;
  }

  /** The node without a cache: what it says now. */
  get node(): StorageNode {
    const { direct, node } = this.accountNode;
    return direct ?? node;
  }

  /** The second node, whose word on people's keys is compared with that of the account's own. */
  get witness(): NameWitness | undefined {
    return this.#witnesses[0];
  }

  set witness(witness: NameWitness | undefined) {
    this.#witnesses.splice(0, 1, ...(witness === undefined ? [] : [witness]));
  }

  /** What the account's node says of itself. */
  facts(signal?: AbortSignal): Promise<NodeFacts> {
    const { node, trust } = this;
    return nodeFacts({ node, trust, server: this.accountNode.server }, signal);
  }

  /** Who is signed in, and where the account lives. */
  get account(): AccountName {
    const { server } = this.accountNode;
    return { username: this.username, ...(server === undefined ? {} : { server }) };
  }

  /** What may be done after the screens are up: missing system folders, interrupted uploads. */
  async settle(): Promise<void> {
    const started = this.pendingSync?.start();
    started?.catch(() => undefined);
    this.#deps.tabs.tell({ kind: 'who-uploads', account: accountKey(this.account) });
    await new Promise((resolve) => setTimeout(resolve, TABS_ANSWER_MS));
    if (this.#isClosed) return;
    await this.uploads.findInterrupted(this.#uploadingElsewhere);
    await createSystemFolders(this.drive);
    await this.#tendClaim().finally(() => this.#lookAtRegistry());
  }

  /** Renews the claim to the name, and remembers at a server who this is (B-2 §7, §10). */
  async #tendClaim(): Promise<void> {
    const { random, clock, accountNode } = this.#deps;
    const { node, pointerMemory, server } = accountNode;
    await renewClaim({ node, random, clock, pointerMemory }, this.session);
    if (server === undefined) return;
    try {
      await new TrustStore(this.drive, node, this.#witnesses).refresh(this.username);
    } catch (error) {
      if (error instanceof IdentityChanged || error instanceof IdentityDisputed) this.#warn(error);
      throw error;
    }
  }

  /** Tells of proofs that the registry lied, if the node has any. */
  async #lookAtRegistry(): Promise<void> {
    if (this.accountNode.server === undefined) return;
    const [fork] = (await this.facts()).registry?.forks ?? [];
    if (fork !== undefined) this.#warn(new RegistryForkProved(fork));
  }

  #warn(error: PyrgosError): void {
    if (this.#isClosed) return;
    this.#deps.events.emit({ kind: 'warning', error: describeError(error) });
  }

  /** Tells the screens of this tab and of the others what was done to entries of a folder. */
  readonly #changed: TellChange = (path, change, names) => {
    this.#tellTabs({ path, change, names });
    this.tell({ path, change, names, by: 'this-tab' });
  };

  /** Any known folder may be different now: pending changes were sent and merged with others'. */
  readonly #changedElsewhere = (): void => {
    for (const path of this.entries.folderPaths()) {
      const change = { path, change: 'unknown', names: [] } as const;
      this.#tellTabs(change);
      this.tell({ ...change, by: 'elsewhere' });
    }
  };

  #tellTabs(change: Omit<FolderChange, 'by'>): void {
    const account = accountKey(this.account);
    this.#deps.tabs.tell({ kind: 'folder-changed', account, ...change });
  }

  /** Tells the screens of this tab what happened in a folder. */
  readonly tell = ({ path, change, names, by }: FolderChange): void => {
    if (this.#isClosed) return;
    this.downloads.refresh();
    this.#deps.events.emit({ kind: 'folder-changed', path, change, names, by });
    this.#later('report', REPORT_DELAY_MS, async () => {
      this.#deps.events.emit({ kind: 'storage', report: await this.storage() });
    });
  };

  tellUploads(): void {
    const paths = [...this.uploads.runningPaths];
    this.#deps.tabs.tell({ kind: 'uploading', account: accountKey(this.account), paths });
  }

  heardUploads(paths: readonly string[]): void {
    for (const path of paths) this.#uploadingElsewhere.add(path);
  }

  async storage(): Promise<StorageReport> {
    const { clock, storageManager, accountNode } = this.#deps;
    const { node, server } = accountNode;
    const { identity, home } = this.session;
    const auth = await signTime(identity, clock());
    const [usedBytes, quota, persistent, browser] = await Promise.all([
      node.space.usageBytes(home.owner, auth),
      node.space.quotaBytes(home.owner, auth),
      storageManager?.persisted?.(),
      browserRoom(storageManager),
    ]);
    const { usageBytes, quotaBytes } = browser;
    const limitBytes = limitOf(quota);
    this.#noteRoom(quota - usedBytes);
    return {
      ...(server === undefined ? {} : { server }),
      persistent,
      usedBytes,
      ...(limitBytes === undefined ? {} : { quotaBytes: limitBytes }),
      ...(usageBytes === undefined ? {} : { browserUsageBytes: usageBytes }),
      ...(quotaBytes === undefined ? {} : { browserQuotaBytes: quotaBytes }),
    };
  }

  /** What was refused for want of room may be taken where there is more of it. */
  #noteRoom(leftBytes: number): void {
    if (leftBytes > this.#leftBytes) this.pendingSync?.retry();
    this.#leftBytes = leftBytes;
  }

  /** A new folder; undone, it goes into the trash. */
  makeFolder(id: string, name: string): Promise<Made> {
    return this.trash.makeFolder(id, name);
  }

  /** A new empty file; undone, it goes into the trash. */
  makeFile(id: string, name: string): Promise<Made> {
    return this.trash.makeFile(id, name);
  }

  /** Copies entries; undone, the copies go into the trash. */
  copy(ids: readonly string[], targetId: string, signal?: AbortSignal): Promise<Copied> {
    return this.trash.copy(ids, targetId, signal);
  }

  /** Copies entries of another tree, perhaps at another node, into the home. */
  async takeIn(
    reader: ReaderDeps,
    from: Handle,
    rows: readonly ListedEntry[],
    { signal, onProgress }: OperationRun,
  ): Promise<readonly LeftOut[]> {
    const home = await this.drive.home(signal);
    const options = { reader, signal, onProgress: new ProgressSum(onProgress).onProgress };
    const { leftOut, uploaded } = await this.drive.copy(from, rows, home, options).finally(() => {
      this.#changed([this.username], 'added', []);
    });
    if (uploaded.length === 0 && leftOut[0] !== undefined) throw leftOut[0].error;
    return leftOut;
  }

  /** Adds up what lies in these entries. */
  measure(
    ids: readonly string[],
    onSum: (sum: FolderSum) => void,
    signal?: AbortSignal,
  ): Promise<FolderSum> {
    const { drive, folders } = this;
    return measure({ drive, folders, clock: this.#deps.clock }, ids, onSum, signal);
  }

  /** Removes blocks nothing refers to any more; returns the bytes that gave. */
  async freeUnused(signal?: AbortSignal): Promise<number> {
    const collected = await this.accountNode.collect?.(this.session.home.owner, signal);
    this.#deps.events.emit({ kind: 'storage', report: await this.storage() });
    return collected?.removedBytes ?? 0;
  }

  /** After something big was deleted: frees its room once nothing else is going on. */
  collectWhenIdle(): void {
    this.#later('collect', IDLE_BEFORE_COLLECTION_MS, async () => {
      if (this.transfers.isIdle) await this.freeUnused();
      else this.collectWhenIdle();
    });
  }

  /** Ends it. What was stored stays; keys and ids are dropped with this object. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.pendingSync?.close();
    this.apps.close();
    this.transfers.close();
    this.downloads.close();
    this.#deps.tickets.close();
  }

  /** Runs `work` once, a while from now, however often it is asked for. */
  #later(name: string, delayMs: number, work: () => Promise<void>): void {
    if (this.#timers.has(name) || this.#isClosed) return;
    const run = (): void => {
      this.#timers.delete(name);
      // No caller waits for it; a failure is retried the next time.
      work().catch(() => undefined);
    };
    this.#timers.set(name, setTimeout(run, delayMs));
  }
}
