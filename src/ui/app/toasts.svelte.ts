/** Short notes at the edge of the screen: what was done, with a way back; what failed, and why. */
export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly message: string;
  readonly action?: { readonly label: string; readonly run: () => void };
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

  failed(message: string, action?: Toast['action']): void {
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
