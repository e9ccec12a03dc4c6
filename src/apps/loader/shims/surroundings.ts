/** What an app asks about where it is: its windows, its history, its language, its dialogs. */

/** Dialogs in a minute; later ones are only noted. */
const DIALOGS_A_MINUTE = 20;
const MINUTE_MS = 60_000;

interface SurroundingsDeps {
  readonly locale: string;
  readonly note: (text: string) => void;
}

export function installSurroundings({ locale, note }: SurroundingsDeps): void {
  const define = (target: object, name: string, value: unknown): void => {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  };
  // Apps read their address through these; the real ones would only refuse.
  define(globalThis, 'parent', globalThis);
  define(globalThis, 'frameElement', { contentWindow: globalThis, getAttribute: () => null });
  define(globalThis, 'open', () => null);
  define(navigator, 'language', locale);
  define(navigator, 'languages', Object.freeze([locale]));
  installHistory();
  installDialogs(note);
}

/** An opaque origin may change nothing of its address but the part behind `#`. */
function installHistory(): void {
  for (const name of ['pushState', 'replaceState'] as const) {
    const native = history[name];
    history[name] = (state: unknown, title: string, url?: string | URL | null) => {
      try {
        native.call(history, state, title, url);
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== 'SecurityError') throw error;
        native.call(history, state, title);
      }
    };
  }
}

/** An app may ask, but not without end. */
function installDialogs(note: (text: string) => void): void {
  let from = 0;
  let shown = 0;
  const mayShow = (name: string): boolean => {
    const now = Date.now();
    if (now - from > MINUTE_MS) [from, shown] = [now, 0];
    shown += 1;
    if (shown === DIALOGS_A_MINUTE + 1) {
      note(`The app called ${name} too often; no more are shown.`);
    }
    return shown <= DIALOGS_A_MINUTE;
  };
  const refusals = { alert: undefined, confirm: false, prompt: null } as const;
  for (const [name, refusal] of Object.entries(refusals)) {
    const native = Reflect.get(globalThis, name) as (...args: unknown[]) => unknown;
    const limited = (...args: unknown[]): unknown =>
      mayShow(name) ? Reflect.apply(native, globalThis, args) : refusal;
    Object.defineProperty(globalThis, name, { value: limited, writable: true });
  }
}
