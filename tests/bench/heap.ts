/**
 * The largest JavaScript heap of any realm of a browser: pages, workers, workers of workers and the
 * service worker. Asked for over Chromium's own protocol, because it alone reaches all of them.
 * A heap counts with the buffers it holds.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const SAMPLE_INTERVAL_MS = 100;
const BYTES_PER_MB = 1_000_000;

interface HeapUsage {
  readonly usedSize: number;
  readonly backingStorageSize?: number;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly sessionId?: string;
    readonly targetInfo?: { readonly type: string };
  };
  readonly result?: unknown;
}

export class HeapWatch {
  readonly #socket: WebSocket;
  readonly #realms = new Map<string, string>();
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #peaks = new Map<string, number>();
  #lastId = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#receive(String(data)));
  }

  /** The browser must have been started with `--remote-debugging-port=0`. */
  static async start(profileFolder: string): Promise<HeapWatch> {
    const [port, path] = readFileSync(join(profileFolder, 'DevToolsActivePort'), 'utf8').split(
      '\n',
    );
    const socket = new WebSocket(`ws://127.0.0.1:${port ?? ''}${path ?? ''}`);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    const watch = new HeapWatch(socket);
    await watch.#attach();
    watch.#timer = setInterval(() => void watch.#sample(), SAMPLE_INTERVAL_MS);
    return watch;
  }

  /** Peak by realm, in megabytes, since the start. */
  stop(): ReadonlyMap<string, number> {
    clearInterval(this.#timer);
    this.#socket.close();
    return this.#peaks;
  }

  async #sample(): Promise<void> {
    await Promise.all(
      [...this.#realms].map(async ([session, realm]) => {
        const usage = (await this.#call('Runtime.getHeapUsage', {}, session)) as
          HeapUsage | undefined;
        if (usage === undefined) return;
        const megabytes = (usage.usedSize + (usage.backingStorageSize ?? 0)) / BYTES_PER_MB;
        this.#peaks.set(realm, Math.max(megabytes, this.#peaks.get(realm) ?? 0));
      }),
    );
  }

  async #attach(session?: string): Promise<void> {
    const params = { autoAttach: true, waitForDebuggerOnStart: false, flatten: true };
    await this.#call('Target.setAutoAttach', params, session);
  }

  #call(method: string, params: object, sessionId?: string): Promise<unknown> {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return new Promise((resolve) => {
      this.#waiting.set(id, ({ result }) => {
        resolve(result);
      });
    });
  }

  #receive(data: string): void {
    const message = JSON.parse(data) as Message;
    if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
      return;
    }
    const session = message.params?.sessionId;
    if (session === undefined) return;
    if (message.method === 'Target.attachedToTarget') {
      const type = message.params?.targetInfo?.type ?? 'other';
      this.#realms.set(session, `${type} ${String(this.#realms.size + 1)}`);
      // Workers of workers are targets of their own.
      void this.#attach(session);
    } else if (message.method === 'Target.detachedFromTarget') {
      this.#realms.delete(session);
    }
  }
}
