/**
 * A browser that is driven from outside, in the few words both protocols share: WebDriver BiDi
 * (Firefox) and W3C WebDriver (WebKit). Mouse and keys go the browser's own way, as a person's do;
 * only looking is done by functions in the page.
 */

/** One tab. */
export interface Tab {
  goto(url: string): Promise<void>;
  /** Runs a function in the page; arguments and result go as JSON, and nothing else is in reach. */
  run<A extends readonly unknown[], R>(
    work: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<R>;
  /** The same in the only frame of the page; undefined while it has none. */
  runInFrame<A extends readonly unknown[], R>(
    work: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<R | undefined>;
  /** What WebDriver calls actions: one source of input after the other. */
  act(sources: readonly InputSource[]): Promise<void>;
  /** Gives files of this machine to an `<input type="file">`. */
  setFiles(selector: string, paths: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** A running browser with a profile on disk. */
export interface DrivenBrowser {
  newTab(): Promise<Tab>;
  /** Ends the browser, as closing its last window does; the profile stays. */
  quit(): Promise<void>;
}

/** A browser with a profile that outlives it. */
export interface DrivenEngine {
  readonly name: string;
  /** Where it saves what is downloaded. */
  readonly downloads: string;
  start(): Promise<DrivenBrowser>;
  /** Removes the profile. */
  remove(): void;
}

export interface InputSource {
  readonly type: 'key' | 'pointer';
  readonly id: string;
  readonly parameters?: { readonly pointerType: 'mouse' };
  readonly actions: readonly Readonly<Record<string, unknown>>[];
}

/** The text of a function that takes its arguments as JSON and answers as JSON. */
export function overJson(work: (...args: never[]) => unknown): string {
  return `async (json) => JSON.stringify((await (${String(work)})(...JSON.parse(json))) ?? null)`;
}

/** Waits until something is there, or says what was waited for. What a page has not got is `null`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | null | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > end) throw new Error(`Waited in vain: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
