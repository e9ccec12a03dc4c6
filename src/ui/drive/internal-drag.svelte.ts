/**
 * Entries dragged inside the page. The drag itself carries a private type without content, so that
 * nothing outside learns or gives anything: what is dragged is remembered here, and what another
 * page put under our type is ignored.
 */
import type { EntryId } from '#lib/client/index.ts';

const TYPE = 'application/x-pyrgos-entries';

export class InternalDrag {
  /** What is dragged; nothing when no drag is under way. */
  ids: readonly EntryId[] = [];
  /** True from a moment after the beginning: a page that changes within `dragstart` ends the drag. */
  isUnderWay = $state(false);
  /** The target under the pointer, by the name it gave itself; of a folder, its entry's id. */
  over = $state<string>();
  #window = new AbortController();

  start(transfer: DataTransfer, ids: readonly EntryId[]): void {
    this.end();
    this.ids = ids;
    transfer.setData(TYPE, '');
    transfer.effectAllowed = 'copyMove';
    const { signal } = (this.#window = new AbortController());
    setTimeout(() => (this.isUnderWay = !signal.aborted));
    // The row may be gone when it is over (moved, scrolled away): then its `dragend` is not heard.
    for (const type of ['dragend', 'drop', 'pointermove']) {
      window.addEventListener(type, () => this.end(), { signal });
    }
  }

  end(): void {
    this.#window.abort();
    this.ids = [];
    this.isUnderWay = false;
    this.over = undefined;
  }

  /** True for a drag that this page began. */
  carries(transfer: DataTransfer | null): boolean {
    return this.ids.length > 0 && (transfer?.types.includes(TYPE) ?? false);
  }

  /** What makes an element a target for entries: handlers to spread on it. */
  target(name: string, take: (ids: readonly EntryId[]) => unknown, effect: Effect = 'move') {
    return {
      ondragover: (event: DragEvent): void => {
        if (!this.carries(event.dataTransfer)) return;
        this.accept(event, effect);
        this.over = name;
      },
      ondragleave: (): void => {
        if (this.over === name) this.over = undefined;
      },
      ondrop: (event: DragEvent): void => {
        if (!this.carries(event.dataTransfer)) return;
        event.preventDefault();
        const { ids } = this;
        this.end();
        take(ids);
      },
    };
  }

  /** Lets a drop happen here, and says what it would do. */
  accept(event: DragEvent, effect: Effect): void {
    event.preventDefault();
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = effect;
  }
}

type Effect = 'move' | 'copy';
