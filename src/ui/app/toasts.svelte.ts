/** Short notes at the edge of the screen: what was done, with a way back; what failed, and why. */
export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly message: string;
  readonly action?: { readonly label: string; readonly run: () => void };
  /** Of acts that are told together. */
  readonly acts?: ToldActs;
}

/** DriveOperations of one kind, as one note: “3 items moved”. */
interface ToldActs {
  readonly say: (count: number) => string;
  readonly parts: readonly ActPart[];
}
interface ActPart {
  readonly count: number;
  /** The way back. */
  readonly undo: string;
}

/** An act that was done and can be taken back. */
export interface UndoableAct extends ActPart {
  /** DriveOperations that are told with the same function are told together. */
  readonly say: (count: number) => string;
}

const SHOWN_MS = 6_000;
const SHOWN_WITH_ACTION_MS = 12_000;
const AT_MOST = 3;

export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** What was done; it takes the place of older notes that offer nothing. */
  done(message: string, action?: Toast['action']): void {
    for (const old of this.list) {
      if (old.kind === 'done' && old.action === undefined) this.close(old.id);
    }
    this.#show({ id: this.#next++, kind: 'done', message, ...(action ? { action } : {}) });
  }

  /** What was done and can be undone; joined with what is still said of acts of its kind. */
  did(act: UndoableAct, label: string, undo: (ids: readonly string[]) => void): void {
    const { say, count } = act;
    const same = this.list.find(({ acts }) => acts?.say === say);
    const parts = [...(same?.acts?.parts ?? []), { count, undo: act.undo }];
    if (same !== undefined) this.close(same.id);
    const ids = parts.map((part) => part.undo).reverse();
    this.#show({
      id: this.#next++,
      kind: 'done',
      message: say(total(parts)),
      action: { label, run: () => undo(ids) },
      acts: { say, parts },
    });
  }

  /** An act was undone: no note says any more that it was done. */
  undone(id: string, label: string, undo: (ids: readonly string[]) => void): void {
    const toast = this.list.find(({ acts }) => acts?.parts.some((part) => part.undo === id));
    if (toast?.acts === undefined) return;
    const { say, parts } = toast.acts;
    const left = parts.filter((part) => part.undo !== id);
    this.close(toast.id);
    for (const part of left) this.did({ ...part, say }, label, undo);
  }

  /** What failed, once: the same note is not there twice. */
  failed(message: string, action?: Toast['action']): void {
    for (const old of this.list) {
      if (old.kind === 'failed' && old.message === message) this.close(old.id);
    }
    this.#show({ id: this.#next++, kind: 'failed', message, ...(action ? { action } : {}) });
  }

  close(id: number): void {
    this.hold(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** What was offered to one person is not for the next. */
  clear(): void {
    for (const { id } of this.list) this.close(id);
  }

  /** Stops the clock while somebody reads it. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  letGo(id: number): void {
    this.hold(id);
    const toast = this.list.find((one) => one.id === id);
    if (toast === undefined) return;
    const ms = toast.action === undefined ? SHOWN_MS : SHOWN_WITH_ACTION_MS;
    this.#timers.set(
      id,
      setTimeout(() => this.close(id), ms),
    );
  }

  #show(toast: Toast): void {
    for (const old of this.list.slice(0, Math.max(0, this.list.length - AT_MOST + 1))) {
      this.hold(old.id);
    }
    this.list = [...this.list, toast].slice(-AT_MOST);
    this.letGo(toast.id);
  }
}

function total(parts: readonly ActPart[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0);
}
