/**
 * One running app: a broker, and the port of the frame that shows it. The frame may begin anew, and
 * then has a new port; the broker with what the user chose for the app stays.
 */
import type { AppBody, AppResponse, Broker } from '#lib/apps/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import { appDataCalls, READ_LIMIT_BYTES, REQUEST_BODY_LIMIT_BYTES } from '#lib/frames/index.ts';
import { serve, type Handlers } from '#lib/rpc/index.ts';

/** Large answers that one frame reads at a time; older ones are dropped. */
const OPEN_BODIES = 64;

/** A frame asked for a body that it has not got. */
export class UnknownAnswer extends PyrgosError {
  override readonly name = 'UnknownAnswer';
  override readonly kind = 'not-found';
  constructor() {
    super('This answer is no longer kept.');
  }
}

export class RunningApp {
  readonly broker: Broker;
  readonly mayStore: boolean;
  #stop: (() => void) | undefined;

  constructor(broker: Broker, mayStore: boolean) {
    this.broker = broker;
    this.mayStore = mayStore;
  }

  /** Answers this frame from now on, and no other. */
  connect(port: MessagePort): void {
    this.#stop?.();
    const stop = serve(port, appDataCalls, this.#handlers());
    port.start();
    this.#stop = () => {
      stop();
      port.close();
    };
  }

  close(): void {
    this.#stop?.();
    this.broker.close();
  }

  #handlers(): Handlers<typeof appDataCalls> {
    const { broker } = this;
    const bodies = new LruMap<string, AppBody>(OPEN_BODIES);
    let lastBody = 0;
    return {
      list: ({ signal }) => broker.list(signal),
      async request({ signal }, request) {
        if ((request.body?.length ?? 0) > REQUEST_BODY_LIMIT_BYTES) {
          return { status: 413, headers: [], sizeBytes: 0 };
        }
        const answer = await broker.handle(request, signal);
        const { body } = answer;
        if (body instanceof Uint8Array) return wholeAnswer(answer, body);
        const bodyId = String(++lastBody);
        bodies.set(bodyId, body);
        return { ...headOf(answer), sizeBytes: body.sizeBytes, bodyId };
      },
      async readBody({ signal }, id, start, end) {
        const body = bodies.get(id);
        if (body === undefined || end < start || end - start > READ_LIMIT_BYTES) {
          throw new UnknownAnswer();
        }
        const bytes = new Uint8Array(Math.max(0, Math.min(end, body.sizeBytes) - start));
        let at = 0;
        for await (const piece of body.read(start, start + bytes.length, signal)) {
          bytes.set(piece, at);
          at += piece.length;
        }
        return bytes;
      },
      releaseBody: async (_context, id) => void bodies.delete(id),
      writeStorage: ({ signal }, bytes) => broker.writeStorage(bytes, signal),
    };
  }
}

function headOf({ status, headers }: AppResponse) {
  return { status, headers: headers.map(([name, value]) => [name, value] as const) };
}

function wholeAnswer(answer: AppResponse, body: Uint8Array) {
  return { ...headOf(answer), sizeBytes: body.length, body };
}
