/**
 * Requests of the app to the engine. Large answers come in pieces and become one Blob, which the
 * browser may keep outside memory.
 */
import { appDataCalls, READ_LIMIT_BYTES, REQUEST_BODY_LIMIT_BYTES } from '#lib/frames/index.ts';
import { connect, type Caller } from '#lib/rpc/index.ts';

/** More at once wait here; the engine refuses what is too much. */
const REQUESTS_AT_ONCE = 48;
/** The most bytes of one answer that a frame holds. */
const ANSWER_LIMIT_BYTES = 1024 * 1024 * 1024;
const TOO_LARGE = 413;

export interface AppRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: Uint8Array | undefined;
}

export interface AppAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** Its type is that of the `content-type` header. */
  readonly body: Blob;
}

export interface ListedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly type: string;
}

export class EngineLink {
  readonly #engine: Caller<typeof appDataCalls>;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(port: MessagePort) {
    this.#engine = connect(port, appDataCalls);
    port.start();
  }

  list(): Promise<readonly ListedFile[]> {
    return this.#engine.call('list', []);
  }

  async writeStorage(json: string): Promise<void> {
    const bytes = new TextEncoder().encode(json);
    await this.#engine.call('writeStorage', [bytes], { transfer: [bytes.buffer] });
  }

  async request(request: AppRequest, signal?: AbortSignal): Promise<AppAnswer> {
    if ((request.body?.byteLength ?? 0) > REQUEST_BODY_LIMIT_BYTES) return refusal(TOO_LARGE);
    await this.#turn(signal);
    try {
      return await this.#ask(request, signal);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(signal?: AbortSignal): Promise<void> {
    while (this.#running >= REQUESTS_AT_ONCE) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    signal?.throwIfAborted();
    this.#running += 1;
  }

  async #ask({ body, ...request }: AppRequest, signal?: AbortSignal): Promise<AppAnswer> {
    const transfer = body?.buffer instanceof ArrayBuffer ? [body.buffer] : [];
    const args = [body === undefined ? request : { ...request, body }] as const;
    const answer = await this.#engine.call('request', [...args], { signal, transfer });
    const { status, headers, bodyId } = answer;
    const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
    if (bodyId === undefined) {
      const parts = answer.body === undefined ? [] : [answer.body as Uint8Array<ArrayBuffer>];
      return { status, headers, body: new Blob(parts, { type }) };
    }
    try {
      if (answer.sizeBytes > ANSWER_LIMIT_BYTES) return refusal(TOO_LARGE);
      const parts = await this.#pieces(bodyId, answer.sizeBytes, signal);
      return { status, headers, body: new Blob(parts, { type }) };
    } finally {
      this.#engine.call('releaseBody', [bodyId]).catch(() => undefined);
    }
  }

  async #pieces(bodyId: string, sizeBytes: number, signal?: AbortSignal): Promise<Blob[]> {
    const parts: Blob[] = [];
    for (let at = 0; at < sizeBytes; at += READ_LIMIT_BYTES) {
      const end = Math.min(sizeBytes, at + READ_LIMIT_BYTES);
      const piece = await this.#engine.call('readBody', [bodyId, at, end], { signal });
      parts.push(new Blob([piece as Uint8Array<ArrayBuffer>]));
    }
    return parts;
  }
}

function refusal(status: number): AppAnswer {
  return { status, headers: [], body: new Blob([]) };
}
