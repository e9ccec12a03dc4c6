/** Which file is shown over the drive and how, its neighbours, and what is known of it. */
import type { Entry, Inspected } from '#lib/client/index.ts';
import { describeError, isAbort, nameOf } from '../app/describe-error.ts';
import { isFromTrash } from '../trash/trash-route.ts';
import { samePath, type DriveState } from '../drive/drive-state.svelte.ts';
import { m } from '../text/messages.ts';
import { ChromeState } from './chrome-state.svelte.ts';
import type { Look } from './looks.ts';

/** What a medium says of itself once it is shown. */
export interface MediumFacts {
  readonly width?: number;
  readonly height?: number;
  readonly seconds?: number;
  readonly encoding?: string;
}
/** What a key does in the medium that is shown; undefined for a key that is none of its. */
type MediumKeys = (event: KeyboardEvent) => (() => void) | undefined;

/** Longer than what an engine read of a drive counts as its present state. */
const KEPT_STATE_MS = 8_000;

export class ViewerState {
  entry = $state.raw<Entry | undefined>(undefined);
  /** What the file is by its bytes. */
  found = $state.raw<Inspected | undefined>(undefined);
  failure = $state.raw<unknown>(undefined);
  /** Why the file that is shown cannot be read any more; undefined while nothing is known of that. */
  lost = $state<string | undefined>(undefined);
  /** Chosen by the person, whatever the file is. */
  chosen = $state<Look | undefined>(undefined);
  path = $state.raw<readonly string[]>([]);
  facts = $state.raw<MediumFacts>({});
  panel = $state(false);
  readonly chrome = new ChromeState();
  readonly #drive: DriveState;
  #keys: MediumKeys | undefined;
  /** Asked before the file is left; absent: it can be. */
  #mayLeave: (() => Promise<boolean>) | undefined;
  #abort = new AbortController();

  readonly look = $derived<Look | undefined>(this.chosen ?? this.found?.viewer);
  /** In the trash there is nothing beside it. */
  readonly siblings = $derived.by(() =>
    isFromTrash(this.#drive.app.router.current)
      ? []
      : this.#drive.visible.filter((one) => one.kind === 'file' && one.unreadable === undefined),
  );
  readonly at = $derived(this.siblings.findIndex((one) => one.name === this.path.at(-1)));

  constructor(drive: DriveState) {
    this.#drive = drive;
  }

  async open(path: readonly string[]): Promise<void> {
    if (samePath(path, this.path)) return;
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    this.path = path;
    this.entry = undefined;
    this.found = undefined;
    this.failure = undefined;
    this.lost = undefined;
    this.chosen = undefined;
    this.facts = {};
    const { client } = this.#drive.app;
    try {
      const entry = this.#listed(path) ?? (await client.find(path, signal)).entry;
      if (signal.aborted) return;
      this.entry = entry;
      const found = await client.inspect(entry.id, signal);
      if (!signal.aborted) this.found = found;
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.failure = error;
    }
  }

  /**
   * Asks whether the file can still be read, for a medium that the browser gave up: it may have been
   * moved, deleted or taken back, or the server may be away.
   */
  async findWhyBroken(): Promise<void> {
    const { signal } = this.#abort;
    await this.#findLoss(signal);
    // The engine may have answered from a state it had kept, which the medium's source had not.
    if (this.lost === undefined) setTimeout(() => void this.#findLoss(signal), KEPT_STATE_MS);
  }

  async #findLoss(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { client } = this.#drive.app;
    try {
      const { entry } = await client.find(this.path, signal);
      await client.inspect(entry.id, signal);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      this.lost = nameOf(error) === 'PathNotFound' ? m.view_gone() : describeError(error);
    }
  }

  /** The type to ask for the bytes with, when they are shown this way; undefined: as labelled. */
  streamType(look: Look): string | undefined {
    const type = this.found?.mimeType;
    return type?.startsWith(`${look}/`) === true ? type : undefined;
  }

  /** The medium that is shown takes keys until what is returned is called. */
  takeKeys(keys: MediumKeys): () => void {
    this.#keys = keys;
    return () => {
      if (this.#keys === keys) this.#keys = undefined;
    };
  }

  /** What is shown is asked before it is left, until what is returned is called. */
  guard(mayLeave: () => Promise<boolean>): () => void {
    this.#mayLeave = mayLeave;
    return () => {
      if (this.#mayLeave === mayLeave) this.#mayLeave = undefined;
    };
  }

  keyOf(event: KeyboardEvent): (() => void) | undefined {
    return this.#keys?.(event);
  }

  /** To the file before or after this one; "back" still leads to the folder. */
  step(by: 1 | -1): void {
    const next = this.at < 0 ? undefined : this.siblings[this.at + by];
    if (next === undefined) return;
    this.show([...this.path.slice(0, -1), next.name]);
  }

  /** To another file, in the place of this one. */
  show(path: readonly string[]): void {
    this.#leave(() => this.#drive.app.router.go({ app: 'view', path }, { replace: true }));
  }

  openFolder(path: readonly string[]): void {
    this.#leave(() => this.#drive.app.router.openFolder(path));
  }

  /** Looks at the file in another way. */
  choose(look: Look | undefined): void {
    this.#leave(() => (this.chosen = look));
  }

  close(): void {
    this.#leave(() => this.#close());
  }

  #leave(go: () => void): void {
    if (this.#mayLeave === undefined) return go();
    void this.#mayLeave().then((may) => {
      if (may) go();
    });
  }

  #close(): void {
    const { router } = this.#drive.app;
    if (isFromTrash(router.current)) return router.leave({ app: 'trash', path: [] });
    const path = this.path.slice(0, -1);
    this.#drive.show(this.path.at(-1) ?? '');
    router.leave({ app: 'drive', path });
  }

  help(): void {
    this.#drive.dialogs.ask({ kind: 'help', look: this.look });
  }

  async download(): Promise<void> {
    const id = this.entry?.id;
    if (id !== undefined) await this.#drive.actions.download([id]);
  }

  stop(): void {
    this.#abort.abort();
    this.chrome.stop();
  }

  #listed(path: readonly string[]): Entry | undefined {
    if (!samePath(path.slice(0, -1), this.#drive.path)) return undefined;
    return this.#drive.listing.entries.find(
      (one) => one.kind === 'file' && one.name === path.at(-1),
    );
  }
}
