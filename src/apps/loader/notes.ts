/** What developers are told: the app's console, what failed in it, what the policy stopped. */
import type { appPageCalls } from '#lib/frames/index.ts';
import type { Caller } from '#lib/rpc/index.ts';

const TEXT_LIMIT = 2_000;
const NOTES_IN_TIME = 200;
const TIME_MS = 10_000;

type Kind = 'log' | 'warning' | 'error';
const CONSOLE: Readonly<Record<string, Kind>> = {
  log: 'log',
  info: 'log',
  debug: 'log',
  warn: 'warning',
  error: 'error',
};

export class Notes {
  readonly #page: Caller<typeof appPageCalls>;
  #from = 0;
  #count = 0;

  constructor(page: Caller<typeof appPageCalls>) {
    this.#page = page;
  }

  readonly say = (kind: Kind, text: string): void => {
    const now = Date.now();
    if (now - this.#from > TIME_MS) [this.#from, this.#count] = [now, 0];
    this.#count += 1;
    if (this.#count > NOTES_IN_TIME) return;
    this.#page.call('note', [{ kind, text: text.slice(0, TEXT_LIMIT) }]).catch(() => undefined);
  };

  install(): void {
    for (const [name, kind] of Object.entries(CONSOLE)) {
      const native = Reflect.get(console, name) as (...args: unknown[]) => void;
      Reflect.set(console, name, (...args: unknown[]) => {
        Reflect.apply(native, console, args);
        this.say(kind, args.map(textOf).join(' '));
      });
    }
  }

  /** To be called for each document that is opened. `isOurs`: an address that is changed now. */
  listen(isOurs: (url: string) => boolean): void {
    addEventListener('error', (event) => {
      if (event instanceof ErrorEvent) this.say('error', `${event.message} (${placeIn(event)})`);
    });
    addEventListener('unhandledrejection', ({ reason }) => this.say('error', textOf(reason)));
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
      if (isOurs(blockedURI)) return;
      this.say('warning', `The sandbox stopped ${effectiveDirective}: ${blockedURI}`);
    });
  }
}

function placeIn({ filename, lineno }: ErrorEvent): string {
  return `${filename}:${String(lineno)}`;
}

function textOf(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value).slice(0, TEXT_LIMIT);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
