/**
 * Calls over a message port, in both directions of one conversation: the page calls, the engine
 * answers, reports progress and sends events.
 *
 * Invariants: every envelope, argument, result and progress value passes its parser; an error
 * travels as name, kind and sentence, never as a stack; a call whose signal is aborted ends at once here
 * and is told to stop there; a closed conversation ends every open call.
 */
import { ERROR_KINDS, kindOf, PyrgosError } from '#lib/bytes/index.ts';
import type { ErrorKind } from '#lib/bytes/index.ts';
import {
  count,
  port,
  listOf,
  nothing,
  object,
  oneOf,
  text,
  type Parsed,
  type Parser,
} from './parsers.ts';

/** The part of a MessagePort or Worker a conversation uses. */
export interface Wire {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** The part of a Worker that its creator uses. */
export interface WorkerLike extends Wire {
  terminate(): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  /** Its script could not be loaded, or threw. */
  addEventListener(type: 'error', listener: () => void): void;
}

/** What one call takes, reports and gives. */
export interface CallShape {
  readonly args: readonly Parser<unknown>[];
  readonly result: Parser<unknown>;
  readonly progress: Parser<unknown>;
  /**
   * The buffers of a result that move instead of being copied. Absent: those of bytes that own
   * their whole buffer.
   */
  readonly transfer?: (result: never) => Transferable[];
}
export type Protocol = Readonly<Record<string, CallShape>>;

type ArgsOf<A extends readonly Parser<unknown>[]> = { -readonly [K in keyof A]: Parsed<A[K]> };
type Args<C extends CallShape> = ArgsOf<C['args']>;
export interface CallContext<P = unknown> {
  readonly signal: AbortSignal;
  readonly progress: (value: P) => void;
}
/** What the engine implements: one method a call, with its parsed arguments. */
export type Handlers<P extends Protocol> = {
  readonly [M in keyof P]: (
    context: CallContext<Parsed<P[M]['progress']>>,
    ...args: Args<P[M]>
  ) => Promise<Parsed<P[M]['result']>>;
};
export interface CallOptions<P = unknown> {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (value: P) => void;
  readonly transfer?: Transferable[];
}
export interface Caller<P extends Protocol> {
  call<M extends keyof P & string>(
    method: M,
    args: Args<P[M]>,
    options?: CallOptions<Parsed<P[M]['progress']>>,
  ): Promise<Parsed<P[M]['result']>>;
  /** Ends the conversation; open calls fail with this error. */
  close(reason: Error): void;
}

/** An error as it crosses a port. */
export interface ErrorDescription {
  /** Of its class. */
  readonly name: string;
  readonly kind: ErrorKind;
  /** A sentence for a person. */
  readonly message: string;
}

export const errorDescription: Parser<ErrorDescription> = object({
  name: text,
  kind: oneOf(...ERROR_KINDS),
  message: text,
});

/** An error of the other side. */
export class RemoteError extends PyrgosError {
  override readonly name: string;
  override readonly kind: ErrorKind;
  constructor({ name, kind, message }: ErrorDescription) {
    super(message);
    this.name = name;
    this.kind = kind;
  }
}

/** An error class whose instances are one again behind a port. */
export type ErrorClass = new (message: string) => PyrgosError;

/** Describes a call: its arguments, its result, and what it reports meanwhile. */
export function shape<const A extends readonly Parser<unknown>[], R, P = void>(
  args: A,
  result: Parser<R>,
  progress?: Parser<P>,
): { args: A; result: Parser<R>; progress: Parser<P> } {
  return { args, result, progress: progress ?? (nothing as Parser<never>) };
}

/** The call of a worker that answers over further ports as it does over its first one. */
export const portCalls = {
  /** Somebody else will call over this port. */
  openPort: shape([port], nothing),
};

/** The same call, whose result gives these buffers away. */
export function transferring<C extends CallShape>(
  call: C,
  transfer: (result: Parsed<C['result']>) => Transferable[],
): C {
  return { ...call, transfer };
}

const envelope = object({ type: oneOf('call', 'abort', 'result', 'error', 'progress'), id: count });
const callEnvelope = object({ method: text, args: listOf((value: unknown) => value) });

/** Calls the other side. Its errors of these classes are of them here too; others are a {@link RemoteError}. */
export function connect<P extends Protocol>(
  wire: Wire,
  protocol: P,
  errors: readonly ErrorClass[] = [],
): Caller<P> {
  interface Open {
    readonly shape: CallShape;
    readonly resolve: (value: unknown) => void;
    readonly reject: (error: unknown) => void;
    readonly onProgress: ((value: never) => void) | undefined;
  }
  const open = new Map<number, Open>();
  let closed: Error | undefined;
  let lastId = 0;

  const receive = (event: MessageEvent): void => {
    const data = event.data as { value?: unknown; error?: unknown };
    const { type, id } = envelope(data, 'message');
    if (type === 'call' || type === 'abort') return; // the other side's own calls, where both call
    const call = open.get(id);
    if (call === undefined) return; // ended here already
    try {
      if (type === 'progress') {
        call.onProgress?.(call.shape.progress(data.value, 'progress') as never);
      } else if (type === 'result') {
        call.resolve(call.shape.result(data.value, 'result'));
      } else {
        call.reject(receivedError(errorDescription(data.error, 'error'), errors));
      }
    } catch (error) {
      call.reject(error);
    }
  };
  wire.addEventListener('message', receive);

  return {
    call(method, args, options = {}) {
      const { signal } = options;
      const id = ++lastId;
      const answer = new Promise<unknown>((resolve, reject) => {
        if (closed !== undefined) throw closed;
        signal?.throwIfAborted();
        open.set(id, { shape: protocol[method]!, resolve, reject, onProgress: options.onProgress });
        wire.postMessage({ type: 'call', id, method, args }, options.transfer ?? []);
      });
      const abort = (): void => {
        open.get(id)?.reject(signal?.reason);
        wire.postMessage({ type: 'abort', id });
      };
      signal?.addEventListener('abort', abort);
      return answer.finally(() => {
        signal?.removeEventListener('abort', abort);
        open.delete(id);
      }) as never;
    },
    close(reason) {
      closed = reason;
      wire.removeEventListener('message', receive);
      for (const call of open.values()) call.reject(reason);
    },
  };
}

/** Answers the other side's calls. Returns a function that stops and aborts what is running. */
export function serve<P extends Protocol>(
  wire: Wire,
  protocol: P,
  handlers: Handlers<P>,
): () => void {
  const running = new Map<number, AbortController>();

  const answer = async (id: number, data: unknown): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const { method, args } = callEnvelope(data, 'call');
      if (!Object.hasOwn(protocol, method)) throw new TypeError(`There is no call “${method}”.`);
      const call = protocol[method]!;
      const parsed = call.args.map((parser, i) => parser(args[i], `${method}[${i}]`));
      const progress = (value: unknown): void => {
        if (!controller.signal.aborted) wire.postMessage({ type: 'progress', id, value });
      };
      const run = handlers[method] as (...all: unknown[]) => Promise<unknown>;
      const value = await run({ signal: controller.signal, progress }, ...parsed);
      const transfer = call.transfer?.(value as never) ?? transferOf(value);
      wire.postMessage({ type: 'result', id, value }, transfer);
    } catch (error) {
      wire.postMessage({ type: 'error', id, error: describeError(error) });
    } finally {
      running.delete(id);
    }
  };

  const receive = (event: MessageEvent): void => {
    const { type, id } = envelope(event.data, 'message');
    if (type === 'abort') running.get(id)?.abort();
    else if (type === 'call') void answer(id, event.data);
  };
  wire.addEventListener('message', receive);
  return () => {
    wire.removeEventListener('message', receive);
    for (const controller of running.values()) controller.abort();
  };
}

/** Answers every call with the same error: the engine could not start. */
export function answerWithError(wire: Wire, error: unknown): void {
  wire.addEventListener('message', (event) => {
    const { type, id } = envelope(event.data, 'message');
    if (type === 'call') wire.postMessage({ type: 'error', id, error: describeError(error) });
  });
}

/** An error as name, kind and sentence, without stack or cause. */
export function describeError(error: unknown): ErrorDescription {
  const kind = kindOf(error);
  if (error instanceof Error) return { name: error.name, kind, message: error.message };
  return { name: 'Error', kind, message: 'Something went wrong.' };
}

function receivedError(description: ErrorDescription, errors: readonly ErrorClass[]): Error {
  const { name, message } = description;
  if (name === 'AbortError') return new DOMException(message, 'AbortError');
  for (const Kind of errors) {
    const error = new Kind(message);
    if (error.name === name) return error;
  }
  return new RemoteError(description);
}

/** Bytes that own their whole buffer move instead of being copied. */
function transferOf(value: unknown): Transferable[] {
  if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) return [];
  return value.byteLength > 0 && value.byteLength === value.buffer.byteLength ? [value.buffer] : [];
}
