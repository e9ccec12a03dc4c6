/**
 * What a running app asks of the engine, seen from outside: a script before all others in its frame
 * looks at what goes over the frame's ports. It changes nothing of it.
 */
import type { BrowserContext } from '@playwright/test';

export interface AppCall {
  readonly method: string;
  /** Below the address of the frame, still encoded, with its query. */
  readonly address: string;
  /** Undefined while it is not answered. */
  readonly status: number | undefined;
}

interface Message {
  readonly key: string;
  readonly method?: string;
  readonly address?: string;
  readonly status?: number;
}

export class CallRecord {
  #calls = new Map<string, AppCall>();

  /** Records the calls of all frames of a browser from now on. */
  async attach(context: BrowserContext): Promise<void> {
    await context.exposeBinding('recordAppCall', (_source, message: Message) =>
      this.#take(message),
    );
    await context.addInitScript(watchPorts);
  }

  forget(): void {
    this.#calls = new Map();
  }

  /** Calls to the app API and to files of the drive, not those to the app's own files. */
  callsBeside(own: ReadonlySet<string>): readonly AppCall[] {
    const isOwn = ({ address }: AppCall): boolean =>
      own.has(decodeURIComponent(address.split('?')[0] ?? ''));
    return [...this.#calls.values()].filter((call) => !isOwn(call));
  }

  #take({ key, method = '', address = '', status }: Message): void {
    const known = this.#calls.get(key);
    this.#calls.set(key, known === undefined ? { method, address, status } : { ...known, status });
  }
}

/** Runs in the page, and in each frame of it. */
function watchPorts(): void {
  if (globalThis.top === globalThis.self) return;
  const record = (globalThis as unknown as { recordAppCall(message: object): Promise<void> })
    .recordAppCall;
  const { postMessage } = MessagePort.prototype;
  const watched = new WeakSet<MessagePort>();
  const frame = String(Math.random());
  const listen = (port: MessagePort): void => {
    if (watched.has(port)) return;
    watched.add(port);
    port.addEventListener('message', ({ data }) => {
      const { type, id, value } = data as { type: string; id: number; value?: { status?: number } };
      const status = type === 'error' ? 0 : value?.status;
      if (status !== undefined) void record({ key: `${frame} ${String(id)}`, status });
    });
  };
  MessagePort.prototype.postMessage = function (this: MessagePort, ...all: never[]) {
    const [message] = all as unknown as [
      { type?: string; id?: number; method?: string; args?: readonly Record<string, string>[] },
    ];
    if (message?.type === 'call' && message.method === 'request') {
      listen(this);
      const { method, path = '', query = '' } = message.args?.[0] ?? {};
      void record({ key: `${frame} ${String(message.id)}`, method, address: path + query });
    }
    return Reflect.apply(postMessage, this, all);
  } as typeof postMessage;
}
