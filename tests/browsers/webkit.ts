/**
 * WebKit, driven by W3C WebDriver over HTTP: `WebKitWebDriver` starts the small GTK program beside
 * this file, whose profile stays on disk, on a screen of its own (`xvfb-run`).
 *
 * What it cannot show: files of the origin-private file system as Safari writes them. WebKitGTK
 * refuses synchronous handles, so the app keeps its blocks in IndexedDB here.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { overJson, until, type DrivenBrowser, type DrivenEngine, type Tab } from './driven.ts';

const WINDOW = fileURLToPath(new URL('webkit-window.py', import.meta.url));
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
/** One call; a page that answers nothing for this long has died. */
const CALL_MS = 120_000;

export function webkit(driver: string): DrivenEngine {
  const folder = mkdtempSync(join(tmpdir(), 'pyrgos-webkit-'));
  const downloads = join(folder, 'downloads');
  mkdirSync(downloads);
  return {
    name: 'WebKit',
    downloads,
    start: () => start(driver, folder),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

async function start(driver: string, folder: string): Promise<DrivenBrowser> {
  const port = await freePort();
  const args = ['-a', '-s', '-screen 0 1280x1000x24', driver, `--port=${String(port)}`];
  const child = spawn('xvfb-run', args, {
    stdio: 'ignore',
    detached: true, // a group of its own: it ends with everything it started
    env: { ...process.env, WEBKIT_DISABLE_DMABUF_RENDERER: '1', NO_AT_BRIDGE: '1' },
  });
  const kill = (): void => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  process.on('exit', kill);
  const origin = `http://127.0.0.1:${String(port)}`;
  await until('WebKitWebDriver answers', async () =>
    fetch(`${origin}/status`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  const options = { binary: WINDOW, args: [folder] };
  const { sessionId } = (await call(`${origin}/session`, 'POST', {
    capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } },
  })) as { sessionId: string };
  const session = `${origin}/session/${sessionId}`;
  await call(`${session}/timeouts`, 'POST', { script: CALL_MS, pageLoad: CALL_MS });
  let isFresh = true;
  return {
    async newTab() {
      if (isFresh) {
        isFresh = false;
        return new WebKitTab(session, (await call(`${session}/window`, 'GET')) as string);
      }
      const made = await call(`${session}/window/new`, 'POST', { type: 'tab' });
      return new WebKitTab(session, (made as { handle: string }).handle);
    },
    async quit() {
      await call(session, 'DELETE').catch(() => undefined);
      kill();
      process.off('exit', kill);
      await new Promise((resolve) => setTimeout(resolve, 500));
    },
  };
}

class WebKitTab implements Tab {
  readonly #session: string;
  readonly #handle: string;

  constructor(session: string, handle: string) {
    this.#session = session;
    this.#handle = handle;
  }

  async goto(url: string): Promise<void> {
    await this.#post('url', { url });
  }

  async run<A extends readonly unknown[], R>(
    work: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<R> {
    const script = `
      const [json, done] = arguments;
      (${overJson(work)})(json).then(
        (value) => done({ value }),
        (error) => done({ error: String(error) }),
      );`;
    const answer = await this.#post('execute/async', { script, args: [JSON.stringify(args)] });
    const { value, error } = answer as { value?: string; error?: string };
    if (value === undefined) throw new Error(error);
    return JSON.parse(value) as R;
  }

  async runInFrame<A extends readonly unknown[], R>(
    work: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<R | undefined> {
    const found = await this.#post('elements', { using: 'css selector', value: 'iframe' });
    const [frame] = found as readonly object[];
    if (frame === undefined) return undefined;
    await this.#post('frame', { id: frame });
    try {
      return await this.run(work, ...args);
    } finally {
      await this.#post('frame', { id: null });
    }
  }

  async act(actions: Parameters<Tab['act']>[0]): Promise<void> {
    await this.#post('actions', { actions });
  }

  async setFiles(selector: string, paths: readonly string[]): Promise<void> {
    const found = await this.#post('element', { using: 'css selector', value: selector });
    const id = (found as Record<string, string>)[ELEMENT] ?? '';
    await this.#post(`element/${id}/value`, { text: paths.join('\n') });
  }

  async close(): Promise<void> {
    await enter(this.#session, this.#handle);
    await call(`${this.#session}/window`, 'DELETE');
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    await enter(this.#session, this.#handle);
    return call(`${this.#session}/${path}`, 'POST', body);
  }
}

/** Calls are for the tab that was entered last. */
async function enter(session: string, handle: string): Promise<void> {
  await call(`${session}/window`, 'POST', { handle });
}

async function call(url: string, method: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(CALL_MS),
    ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}),
  });
  const { value } = (await response.json()) as { value: unknown };
  if (response.ok) return value;
  const { error, message } = value as { error: string; message: string };
  throw new Error(`${error}: ${message}`);
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
