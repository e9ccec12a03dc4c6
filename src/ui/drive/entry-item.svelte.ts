/** What a row or a tile shows of an entry: what is known of it, and its part in what is selected. */
import type { Entry } from '#lib/client/index.ts';
import { HAS_FINE_POINTER } from '../app/pointer.ts';
import { formatBytes } from '../text/format.ts';
import { iconKindOf } from '../text/icon-kind.ts';
import { kindWord } from '../text/kind-word.ts';
import { shownName } from '../text/shown-name.ts';
import { formatWhen } from '../text/when.ts';
import type { DriveState } from './drive-state.svelte.ts';

export class EntryItem {
  readonly canDrag = HAS_FINE_POINTER;
  readonly #drive: DriveState;
  readonly #read: () => Entry;

  readonly entry = $derived.by(() => this.#read());
  readonly shown = $derived(shownName(this.entry.name));
  readonly kind = $derived(iconKindOf(this.entry));
  readonly selected = $derived.by(() => this.#drive.selection.has(this.entry.id));
  readonly #details = $derived.by(() => this.#drive.details.get(this.entry.id));
  readonly #clip = $derived.by(() => this.#drive.actions.clip);
  readonly isBroken = $derived((this.entry.unreadable ?? this.#details?.error) !== undefined);
  readonly size = $derived(
    this.#details && this.kind !== 'folder' && !this.isBroken
      ? formatBytes(this.#details.sizeBytes)
      : '',
  );
  readonly modified = $derived(
    this.#details && !this.isBroken ? formatWhen(this.#details.modifiedMs) : '',
  );
  readonly kindWord = $derived(kindWord(this.kind));
  readonly sharing = $derived.by(() => this.#drive.marks.get(this.entry.name));
  /** Of somebody else, and it may be changed, which its folder may not. */
  readonly isEditable = $derived.by(
    () => this.entry.editable === true && this.#drive.folder?.writable === false,
  );
  readonly thumbnail = $derived.by(() => this.#drive.details.thumbnailUrl(this.entry.id));
  /** For the element's class. */
  readonly looks = $derived.by(() => ({
    selected: this.selected,
    cursor: this.#drive.selection.cursor === this.entry.id,
    cut: this.#clip?.kind === 'cut' && this.#clip.ids.includes(this.entry.id),
    into: this.#drive.drag.over === this.entry.id,
    picking: this.#drive.selection.size > 0,
  }));

  /** Call while a component is made: as long as it is there, the details are requested. */
  constructor(drive: DriveState, read: () => Entry) {
    this.#drive = drive;
    this.#read = read;
    $effect(() => drive.details.request(this.entry.id));
  }
}
