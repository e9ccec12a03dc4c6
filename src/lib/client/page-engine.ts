/**
 * The engine as the page holds it: started when it is first needed, replaced when somebody signs
 * out, so that nothing of the session is left in memory. Keeps the last session state and tells
 * the screens what happens.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { connectCiphers } from './page-ciphers.ts';
import { connectPeers } from './page-peers.ts';
import type { ServiceWorkerLink } from './service-worker-link.ts';
import type { ClientEvent, SessionState, Transfer } from './types.ts';
import { engineProtocol, type EngineProtocol } from './engine-protocol.ts';
import { connect, type Caller, type WorkerLike } from '#lib/rpc/index.ts';

export interface PageEngineDeps {
  readonly startEngine: () => WorkerLike;
  /** Absent: the engine seals and opens in its own thread. */
  readonly startCiphers?: (() => readonly WorkerLike[]) | undefined;
  /** Absent: files are shown and saved through the page. */
  readonly serviceWorker?: ServiceWorkerLink | undefined;
  /**
   * Whether nobody ever had an account here. Then the engine, which weighs more than the page, is
   * not started before the first thing asked of it. Absent: it starts at once.
   */
  readonly isFirstVisit?: () => Promise<boolean>;
  /** Tells when the browser puts the page aside, to show it again as it was. */
  readonly onPutAside?: (listener: () => void) => void;
}

/** The engine was replaced or died while it was asked something. */
export class EngineStopped extends PyrgosError {
  override readonly name = 'EngineStopped';
  override readonly kind = 'cancelled';
  constructor() {
    super('The drive was closed. Please sign in again.');
  }
}

/** The engine sent no message: its files could not be loaded. */
export class EngineNotLoaded extends PyrgosError {
  override readonly name = 'EngineNotLoaded';
  override readonly kind = 'offline';
  constructor() {
    super('A part of the app could not be loaded. Check your connection and try again.');
  }
}

/**
 * Browsers have been seen to start a worker of which nothing is ever heard. One that says nothing
 * for this long is started anew, once; the second may take as long as its network needs.
 */
const SILENT_START_MS = 10_000;

const NOBODY: SessionState = { kind: 'signed-out', accounts: [] };

interface Running {
  /** Ends the engine and its cipher workers. */
  readonly terminate: () => void;
  readonly caller: Caller<EngineProtocol>;
}

export class PageEngine {
  readonly #deps: PageEngineDeps;
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  #state: SessionState = { kind: 'starting' };
  #running: Running | undefined;
  /** Ports of a service worker that asked before the engine ran. */
  readonly #waitingPorts: MessagePort[] = [];
  /** Lets the service worker fall asleep again. */
  #rest: (() => void) | undefined;
  #isOver = false;

  constructor(deps: PageEngineDeps) {
    this.#deps = deps;
    deps.onPutAside?.(() => this.#end());
    deps.serviceWorker?.onPortWanted((port) => {
      if (this.#running === undefined) this.#waitingPorts.push(port);
      else connectTickets(this.#running.caller, port);
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Starts the engine if it does not run. */
  get caller(): Caller<EngineProtocol> {
    return (this.#running ??= this.#start()).caller;
  }

  /** Starts the engine, unless there is nothing yet that it could open. */
  async begin(): Promise<void> {
    const isFirst = (await this.#deps.isFirstVisit?.()) ?? false;
    if (this.#running !== undefined || this.#isOver) return;
    if (isFirst) this.#receive({ kind: 'session', state: NOBODY });
    else this.#running = this.#start();
  }

  subscribe(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #start(isSecondTry = false): Running {
    const worker = this.#deps.startEngine();
    const first = connect(worker, engineProtocol);
    let second: Caller<EngineProtocol> | undefined;
    const caller: Caller<EngineProtocol> = {
      close: (reason) => first.close(reason),
      // What was asked of an engine that said nothing is asked of the next one.
      call: async (method, args, options) =>
        first.call(method, args, options).catch((error: unknown) => {
          const isLost = error instanceof EngineNotLoaded && options?.transfer === undefined;
          if (!isLost || second === undefined) throw error;
          return second.call(method, args, options);
        }),
    };
    let hasSpoken = false;
    const onProgress = (event: ClientEvent): void => {
      hasSpoken = true;
      clearTimeout(silent);
      // A replaced engine has nothing more to say.
      if (this.#running === undefined || caller === this.#running.caller) this.#receive(event);
    };
    first.call('events', [], { onProgress }).catch(() => {
      // It could not start: the sign-in screen shows, and trying to sign in says why.
      onProgress({ kind: 'session', state: NOBODY });
    });
    const giveUp = (): void => {
      // An engine that has begun goes on: what failed in it is told to the caller.
      if (hasSpoken || this.#isOver) return;
      clearTimeout(silent);
      terminate();
      if (caller === this.#running?.caller) {
        // A file that did not come once, while the last page was being left, comes the next time.
        this.#running = isSecondTry ? undefined : this.#start(true);
        second = this.#running?.caller;
      }
      caller.close(new EngineNotLoaded());
    };
    const silent = isSecondTry ? undefined : setTimeout(giveUp, SILENT_START_MS);
    worker.addEventListener('error', giveUp);
    const endCiphers = connectCiphers(first, this.#deps.startCiphers?.() ?? []);
    const endPeers = connectPeers(first);
    const terminate = (): void => {
      worker.terminate();
      endCiphers();
      endPeers();
    };
    for (const port of this.#waitingPorts.splice(0)) connectTickets(caller, port);
    return { terminate, caller };
  }

  #receive(event: ClientEvent): void {
    if (this.#isOver) return;
    if (event.kind === 'session') {
      if (event.state.kind === 'starting' && this.#state.kind !== 'starting') return; // a fresh engine
      const isSignOut = this.#state.kind === 'signed-in' && event.state.kind === 'signed-out';
      this.#state = event.state;
      if (isSignOut) this.#replace();
    }
    if (event.kind === 'transfers') this.#keepAwakeWhile(event.transfers.some(isDownloading));
    for (const listener of this.#listeners) listener(event);
  }

  #replace(): void {
    const old = this.#running;
    this.#running = this.#start();
    // Its last answer ("signed out") may still be on the way.
    setTimeout(() => {
      old?.caller.close(new EngineStopped());
      old?.terminate();
    });
  }

  /**
   * WebKit stops the worker of such a page in the midst of its transactions, and every other tab
   * would wait for those. Ended, it holds up nobody; this page starts no other one.
   */
  #end(): void {
    this.#isOver = true;
    this.#running?.terminate();
    this.#running?.caller.close(new EngineStopped());
  }

  /** The service worker must not fall asleep while it streams a download. */
  #keepAwakeWhile(isStreaming: boolean): void {
    if (isStreaming) this.#rest ??= this.#deps.serviceWorker?.keepAwake();
    else {
      this.#rest?.();
      this.#rest = undefined;
    }
  }
}

function connectTickets(engine: Caller<EngineProtocol>, port: MessagePort): void {
  engine.call('connectTickets', [port], { transfer: [port] }).catch(() => undefined);
}

function isDownloading(transfer: Transfer): boolean {
  return transfer.direction === 'down' && transfer.state === 'running';
}
