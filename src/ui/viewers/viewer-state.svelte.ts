/** Which file is shown over the drive, its neighbours, and the address its bytes come from. */
import type { Entry } from '#lib/client/index.ts';
import { isAbort } from '../app/describe-error.ts';
import { isFromTrash } from '../trash/trash-place.ts';
import { samePath, type DriveState } from '../drive/drive-state.svelte.ts';
import { mediaKindOf, type MediaKind } from '../text/media-kind.ts';

export class ViewerState {
  entry = $state.raw<Entry | undefined>(undefined);
  failure = $state.raw<unknown>(undefined);
  /** Another way of looking at the same file than its kind suggests. */
  instead = $state<'bytes' | undefined>(undefined);
  path = $state.raw<readonly string[]>([]);
  readonly #drive: DriveState;
  #abort = new AbortController();

  readonly kind = $derived<MediaKind | undefined>(this.entry && mediaKindOf(this.entry));
  /** In the trash there is nothing beside it. */
  readonly siblings = $derived.by(() =>
    isFromTrash(this.#drive.app.places.current)
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
    this.failure = undefined;
    this.instead = undefined;
    try {
      const listed = this.#listed(path);
      const entry = listed ?? (await this.#drive.app.client.find(path, signal)).entry;
      if (!signal.aborted) this.entry = entry;
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.failure = error;
    }
  }

  /** To the file before or after this one; "back" still leads to the folder. */
  step(by: 1 | -1): void {
    const next = this.at < 0 ? undefined : this.siblings[this.at + by];
    if (next === undefined) return;
    const path = [...this.path.slice(0, -1), next.name];
    this.#drive.app.places.go({ app: 'view', path }, { replace: true });
  }

  close(): void {
    const { places } = this.#drive.app;
    if (isFromTrash(places.current)) return places.leave({ app: 'trash', path: [] });
    const path = this.path.slice(0, -1);
    this.#drive.show(this.path.at(-1) ?? '');
    places.leave({ app: 'drive', path });
  }

  async download(): Promise<void> {
    if (this.entry !== undefined) await this.#drive.actions.download([this.entry.id]);
  }

  stop(): void {
    this.#abort.abort();
  }

  #listed(path: readonly string[]): Entry | undefined {
    if (!samePath(path.slice(0, -1), this.#drive.path)) return undefined;
    return this.#drive.listing.entries.find(
      (one) => one.kind === 'file' && one.name === path.at(-1),
    );
  }
}
