/**
 * Requests of the app to the engine. Large answers come in pieces, some of them at a time.
 */
import { appDataCalls, READ_LIMIT_BYTES, REQUEST_BODY_LIMIT_BYTES } from '#lib/frames/index.ts';
import { connect, type Caller } from '#lib/rpc/index.ts';
import { AnswerBody, HELD_BYTES } from './answer-body.ts';

/** More at once wait here; the engine refuses what is too much. */
const REQUESTS_AT_ONCE = 48;
/** The most bytes of one answer that a frame holds. */
const ANSWER_LIMIT_BYTES = 1024 * 1024 * 1024;
const TOO_LARGE = 413;
/** Pieces of one answer that are asked for before the first of them has come. */
const PIECES_AHEAD = 4;

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
  readonly body: AnswerBody;
}

interface Piece {
  readonly at: number;
  readonly piece: Uint8Array<ArrayBuffer>;
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
      const bytes = (answer.body ?? new Uint8Array()) as Uint8Array<ArrayBuffer>;
      return { status, headers, body: new AnswerBody(bytes, type) };
    }
    try {
      if (answer.sizeBytes > ANSWER_LIMIT_BYTES) return refusal(TOO_LARGE);
      const content = await this.#content(bodyId, answer.sizeBytes, signal);
      return { status, headers, body: new AnswerBody(content, type) };
    } finally {
      this.#engine.call('releaseBody', [bodyId]).catch(() => undefined);
    }
  }

  async #content(
    bodyId: string,
    sizeBytes: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | readonly Blob[]> {
    const bytes = sizeBytes <= HELD_BYTES ? new Uint8Array(sizeBytes) : undefined;
    const parts: Blob[] = [];
    for await (const { at, piece } of this.#pieces(bodyId, sizeBytes, signal)) {
      if (bytes === undefined) parts.push(new Blob([piece]));
      else bytes.set(piece, at);
    }
    return bytes ?? parts;
  }

  /** In their order; the next ones are on their way meanwhile. */
  async *#pieces(bodyId: string, sizeBytes: number, signal?: AbortSignal): AsyncGenerator<Piece> {
    const coming: Promise<Piece>[] = [];
    for (let at = 0; at < sizeBytes || coming.length > 0;) {
      for (; at < sizeBytes && coming.length < PIECES_AHEAD; at += READ_LIMIT_BYTES) {
        const next = this.#piece(bodyId, at, Math.min(sizeBytes, at + READ_LIMIT_BYTES), signal);
        next.catch(() => undefined); // told to who waits for it
        coming.push(next);
      }
      yield await coming.shift()!;
    }
  }

  async #piece(bodyId: string, at: number, end: number, signal?: AbortSignal): Promise<Piece> {
    const piece = await this.#engine.call('readBody', [bodyId, at, end], { signal });
    if (piece.length !== end - at) throw new TypeError('The answer is shorter than it said.');
    return { at, piece: piece as Uint8Array<ArrayBuffer> };
  }
}

function refusal(status: number): AppAnswer {
  return { status, headers: [], body: new AnswerBody([], '') };
}
