/** Event targets with `on…` properties, and the requests of databases. */
/** A class of event targets that have a property `on…` for each of these events. */
export class Handlers extends EventTarget {
  constructor(...names: readonly string[]) {
    super();
    for (const name of names) {
      let handler: unknown = null;
      Object.defineProperty(this, `on${name}`, {
        enumerable: true,
        get: () => handler,
        set: (value: unknown) => (handler = value),
      });
      this.addEventListener(name, (event) => {
        if (typeof handler === 'function') Reflect.apply(handler, this, [event]);
      });
    }
  }

  /** Dispatches an event here and, if it bubbles, above. True if its default was prevented. */
  say(event: Event, above: readonly EventTarget[] = []): boolean {
    this.dispatchEvent(event);
    if (!event.bubbles || event.cancelBubble) return event.defaultPrevented;
    let isPrevented = event.defaultPrevented;
    for (const target of above) {
      const { bubbles, cancelable } = event;
      const copy = new Event(event.type, { bubbles, cancelable });
      Object.defineProperty(copy, 'target', { value: this });
      target.dispatchEvent(copy);
      isPrevented ||= copy.defaultPrevented;
      if (copy.cancelBubble) break;
    }
    return isPrevented;
  }
}

export class IDBRequest extends Handlers {
  readonly source: unknown;
  transaction: unknown = null;
  readyState: 'pending' | 'done' = 'pending';
  #result: unknown;
  #error: DOMException | null = null;

  constructor(source: unknown = null, ...more: readonly string[]) {
    super('success', 'error', ...more);
    this.source = source;
  }

  get result(): unknown {
    this.#check();
    return this.#result;
  }

  get error(): DOMException | null {
    this.#check();
    return this.#error;
  }

  /** A cursor asks again by the same request. */
  restart(): void {
    this.readyState = 'pending';
  }

  finish(result: unknown, error: DOMException | null = null): void {
    this.readyState = 'done';
    this.#result = result;
    this.#error = error;
  }

  #check(): void {
    if (this.readyState === 'done') return;
    throw new DOMException('The request has not finished.', 'InvalidStateError');
  }
}

export class IDBOpenDBRequest extends IDBRequest {
  constructor() {
    super(null, 'blocked', 'upgradeneeded');
  }
}

export class IDBVersionChangeEvent extends Event {
  readonly oldVersion: number;
  readonly newVersion: number | null;

  constructor(type: string, versions: { oldVersion?: number; newVersion?: number | null } = {}) {
    super(type);
    this.oldVersion = versions.oldVersion ?? 0;
    this.newVersion = versions.newVersion ?? null;
  }
}
