/** Toasts: short notes that report what was done, with an undo button, or what failed and why. */
export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly message: string;
  readonly action?: { readonly label: string; readonly run: () => void };
  /** Operations that this toast reports together. */
  readonly joined?: JoinedOperations;
}

/** Operations of one kind, in one toast: “3 items moved”. */
interface JoinedOperations {
  readonly say: (count: number) => string;
  readonly parts: readonly JoinedOperation[];
}
interface JoinedOperation {
  readonly count: number;
  /** The id for `Client.undo`. */
  readonly undo: string;
}

/** An operation that can be undone. */
export interface UndoableOperation extends JoinedOperation {
  /** Operations with the same function are reported together. */
  readonly say: (count: number) => string;
}

const SHOWN_MS = 6_000;
const SHOWN_WITH_ACTION_MS = 12_000;
const AT_MOST = 3;

export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** Reports success; replaces older toasts without a button. */
  done(message: string, action?: Toast['action']): void {
    for (const old of this.list) {
      if (old.kind === 'done' && old.action === undefined) this.close(old.id);
    }
    this.#show({ id: this.#next++, kind: 'done', message, ...(action ? { action } : {}) });
  }

  /** Reports what can be undone; joined with the toast that still reports operations of its kind. */
  did(operation: UndoableOperation, label: string, undo: (ids: readonly string[]) => void): void {
    const { say, count } = operation;
    const same = this.list.find(({ joined }) => joined?.say === say);
    const parts = [...(same?.joined?.parts ?? []), { count, undo: operation.undo }];
    if (same !== undefined) this.close(same.id);
    const ids = parts.map((part) => part.undo).reverse();
    this.#show({
      id: this.#next++,
      kind: 'done',
      message: say(total(parts)),
      action: { label, run: () => undo(ids) },
      joined: { say, parts },
    });
  }

  /** An operation was undone: no toast reports it any more. */
  undone(id: string, label: string, undo: (ids: readonly string[]) => void): void {
    const toast = this.list.find(({ joined }) => joined?.parts.some((part) => part.undo === id));
    if (toast?.joined === undefined) return;
    const { say, parts } = toast.joined;
    const left = parts.filter((part) => part.undo !== id);
    this.close(toast.id);
    for (const part of left) this.did({ ...part, say }, label, undo);
  }

  /** Reports a failure; the same toast is not shown twice. */
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

  /** Another account signs in. */
  clear(): void {
    for (const { id } of this.list) this.close(id);
  }

  /** Keeps the toast while the pointer or the focus is on it. */
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

function total(parts: readonly JoinedOperation[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0);
}
