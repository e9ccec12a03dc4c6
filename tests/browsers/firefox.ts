/** Firefox, driven over WebDriver BiDi: one socket, commands with numbers, no program between. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { overJson, type DrivenBrowser, type DrivenEngine, type Tab } from './driven.ts';

const START_MS = 60_000;

export function firefox(program: string): DrivenEngine {
  const folder = mkdtempSync(join(tmpdir(), 'pyrgos-firefox-'));
  const downloads = join(folder, 'downloads');
  const profile = join(folder, 'profile');
  mkdirSync(downloads);
  mkdirSync(profile);
  writeFileSync(join(profile, 'user.js'), preferences(downloads));
  return {
    name: 'Firefox',
    downloads,
    start: () => start(program, profile),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

/** Nothing is asked of a person, and nothing of the network but the site. */
function preferences(downloads: string): string {
  const all = {
    'browser.download.folderList': 2,
    'browser.download.dir': downloads,
    'browser.download.useDownloadDir': true,
    'browser.download.always_ask_before_handling_new_types': false,
    'browser.shell.checkDefaultBrowser': false,
    'browser.startup.homepage_override.mstone': 'ignore',
    'datareporting.policy.dataSubmissionEnabled': false,
    'media.autoplay.default': 0,
    'media.gmp-manager.updateEnabled': false,
    'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false,
    'permissions.default.persistent-storage': 1,
    // A question of the browser itself, which no driver answers: the page would wait for ever.
    'security.warn_submit_secure_to_insecure': false,
    'app.normandy.enabled': false,
    'services.settings.server': 'data:,',
    'toolkit.telemetry.server': 'data:,',
  };
  const lines = Object.entries(all).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  return lines.join('');
}

async function start(program: string, profile: string): Promise<DrivenBrowser> {
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.on('exit', kill);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      process.off('exit', kill);
      resolve();
    });
  });
  const session = await Session.open(await addressOf(child));
  await session.send('session.new', {
    capabilities: { alwaysMatch: { unhandledPromptBehavior: { default: 'accept' } } },
  });
  return {
    async newTab() {
      const { context } = await session.send('browsingContext.create', { type: 'tab' });
      const viewport = { width: 1280, height: 900 };
      await session.send('browsingContext.setViewport', { context, viewport });
      return new FirefoxTab(session, String(context));
    },
    async quit() {
      await session.send('browser.close', {}).catch(() => undefined);
      const timer = setTimeout(kill, 15_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Firefox says on stderr where it listens. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('Firefox did not start.')), START_MS);
    createInterface({ input: child.stderr! }).on('line', (line) => {
      const [, address] = /WebDriver BiDi listening on (\S+)/.exec(line) ?? [];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(`${address}/session`);
    });
    child.once('error', reject);
  });
}

type Answer = Readonly<Record<string, unknown>>;

class Session {
  readonly #socket: WebSocket;
  readonly #open = new Map<number, PromiseWithResolvers<Answer>>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, type, result, message } = JSON.parse(String(data)) as {
        id?: number;
        type: string;
        result?: Answer;
        message?: string;
      };
      const call = this.#open.get(id ?? 0);
      this.#open.delete(id ?? 0);
      if (type === 'success') call?.resolve(result ?? {});
      else call?.reject(new Error(message));
    });
    socket.addEventListener('close', () => {
      for (const call of this.#open.values()) call.reject(new Error('Firefox has ended.'));
    });
  }

  static open(address: string): Promise<Session> {
    const socket = new WebSocket(address);
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', () => resolve(new Session(socket)));
      socket.addEventListener('error', () => reject(new Error('Firefox did not answer.')));
    });
  }

  send(method: string, params: Answer): Promise<Answer> {
    const id = ++this.#lastId;
    const call = Promise.withResolvers<Answer>();
    this.#open.set(id, call);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return call.promise;
  }
}

class FirefoxTab implements Tab {
  readonly #session: Session;
  readonly #context: string;

  constructor(session: Session, context: string) {
    this.#session = session;
    this.#context = context;
  }

  async goto(url: string): Promise<void> {
    await this.#send('browsingContext.navigate', { url, wait: 'complete' });
  }

  async run<A extends readonly unknown[], R>(
    work: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<R> {
    return this.#runIn(this.#context, work, args);
  }

  async runInFrame<A extends readonly unknown[], R>(
    work: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<R | undefined> {
    const found = await this.#session.send('browsingContext.getTree', { root: this.#context });
    const [page] = found['contexts'] as readonly { children: readonly { context: string }[] }[];
    const frame = page?.children[0]?.context;
    return frame === undefined ? undefined : this.#runIn(frame, work, args);
  }

  async #runIn<A extends readonly unknown[], R>(
    context: string,
    work: (...args: A) => R | Promise<R>,
    args: A,
  ): Promise<R> {
    const answer = await this.#session.send('script.callFunction', {
      functionDeclaration: overJson(work),
      target: { context },
      awaitPromise: true,
      arguments: [{ type: 'string', value: JSON.stringify(args) }],
    });
    const { result, exceptionDetails } = answer as {
      result?: { value: string };
      exceptionDetails?: { text: string };
    };
    if (result === undefined) throw new Error(exceptionDetails?.text ?? 'The page did not answer.');
    return JSON.parse(result.value) as R;
  }

  async act(actions: Parameters<Tab['act']>[0]): Promise<void> {
    await this.#send('input.performActions', { actions });
  }

  async setFiles(selector: string, files: readonly string[]): Promise<void> {
    const locator = { type: 'css', value: selector };
    const found = await this.#send('browsingContext.locateNodes', { locator });
    const { nodes } = found as { nodes?: readonly { sharedId: string }[] };
    const sharedId = nodes?.[0]?.sharedId;
    if (sharedId === undefined) throw new Error(`There is no ${selector}.`);
    await this.#send('input.setFiles', { element: { sharedId }, files });
  }

  async close(): Promise<void> {
    await this.#send('browsingContext.close', {});
  }

  #send(method: string, params: Answer): Promise<Answer> {
    return this.#session.send(method, { ...params, context: this.#context });
  }
}
