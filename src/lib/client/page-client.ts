/**
 * The page's side of the façade: it starts the engine worker, turns each request of a screen into
 * a call, and keeps the last session state. It holds no key, hash or block; the worker is replaced
 * when somebody signs out, so that nothing of the session is left in memory.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { assembleBlob, saveFromUrl, saveThroughPage } from './page-files.ts';
import type { ServiceWorkerLink } from './service-worker-link.ts';
import type { Client, ClientEvent, SessionState, Transfer } from './types.ts';
import { engineProtocol, type EngineProtocol } from './wire/protocol.ts';
import { connect, type Caller, type Wire } from './wire/rpc.ts';

/** The engine's worker, or what stands for it in a test. */
export interface EngineWorker extends Wire {
  terminate(): void;
}

export interface PageClientDeps {
  readonly startEngine: () => EngineWorker;
  /** Absent: files are shown and saved through the page. */
  readonly serviceWorker?: ServiceWorkerLink | undefined;
  /**
   * Whether nobody ever had an account here. Then the engine, which weighs more than the page, is
   * not started before the first thing asked of it. Absent: it starts at once.
   */
  readonly isFirstVisit?: () => Promise<boolean>;
}

/** The engine was replaced or died while it was asked something. */
export class EngineStopped extends PyrgosError {
  override readonly name = 'EngineStopped';
  constructor() {
    super('The drive was closed. Please sign in again.');
  }
}

const NOBODY: SessionState = { kind: 'signed-out', accounts: [] };

interface Running {
  readonly worker: EngineWorker;
  readonly caller: Caller<EngineProtocol>;
}

/** Returns the façade to an engine that starts when it is needed. */
export function createPageClient(deps: PageClientDeps): Client {
  const listeners = new Set<(event: ClientEvent) => void>();
  let state: SessionState = { kind: 'starting' };
  let running: Running | undefined;
  /** Of a service worker that was there before the engine. */
  const waitingPorts: MessagePort[] = [];
  const engine: Engine = () => (running ??= startEngine()).caller;

  function startEngine(): Running {
    const worker = deps.startEngine();
    const caller = connect(worker, engineProtocol);
    const onProgress = (event: ClientEvent): void => {
      // A replaced engine has nothing more to say.
      if (running === undefined || caller === running.caller) receive(event);
    };
    caller.call('events', [], { onProgress }).catch(() => {
      // It could not start: the sign-in screen shows, and trying to sign in says why.
      onProgress({ kind: 'session', state: NOBODY });
    });
    for (const port of waitingPorts.splice(0)) connectTickets(caller, port);
    return { worker, caller };
  }

  void (deps.isFirstVisit?.() ?? Promise.resolve(false)).then((isFirst) => {
    if (isFirst && running === undefined) receive({ kind: 'session', state: NOBODY });
    else engine();
  });

  function receive(event: ClientEvent): void {
    if (event.kind === 'session') {
      if (event.state.kind === 'starting' && state.kind !== 'starting') return; // a fresh engine
      const isSignOut = state.kind === 'signed-in' && event.state.kind === 'signed-out';
      state = event.state;
      if (isSignOut) replaceEngine();
    }
    if (event.kind === 'transfers') keepAwakeWhile(event.transfers.some(isDownloading));
    for (const listener of listeners) listener(event);
  }

  function replaceEngine(): void {
    const old = running;
    running = startEngine();
    // Its last answer ("signed out") may still be on the way.
    setTimeout(() => {
      old?.caller.close(new EngineStopped());
      old?.worker.terminate();
    });
  }

  const link = deps.serviceWorker;
  let rest: (() => void) | undefined;
  /** The service worker must not fall asleep while it streams a download. */
  function keepAwakeWhile(isStreaming: boolean): void {
    if (isStreaming) rest ??= link?.keepAwake();
    else {
      rest?.();
      rest = undefined;
    }
  }
  link?.onPortWanted((port) => {
    if (running === undefined) waitingPorts.push(port);
    else connectTickets(running.caller, port);
  });

  return {
    get state() {
      return state;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...accountCalls(engine),
    ...folderCalls(engine),
    ...trashCalls(engine),
    ...byteCalls(engine, link),
    ...transferCalls(engine),
    ...storageCalls(engine),
  };
}

function connectTickets(engine: Caller<EngineProtocol>, port: MessagePort): void {
  engine.call('connectTickets', [port], { transfer: [port] }).catch(() => undefined);
}

function isDownloading(transfer: Transfer): boolean {
  return transfer.direction === 'down' && transfer.state === 'running';
}

type Engine = () => Caller<EngineProtocol>;

function accountCalls(engine: Engine) {
  return {
    checkUsername: (name) => engine().call('checkUsername', [name]),
    checkPassword: (password, username) => engine().call('checkPassword', [password, username]),
    suggestPassphrase: () => engine().call('suggestPassphrase', []),
    signUp: (options, signal) => engine().call('signUp', [options], { signal }),
    signIn: (options, signal) => engine().call('signIn', [options], { signal }),
    resume: (username) => engine().call('resume', [username]),
    signOut: () => engine().call('signOut', []),
    forgetAccount: (username) => engine().call('forgetAccount', [username]),
    changePassword: (options, signal) => engine().call('changePassword', [options], { signal }),
  } satisfies Partial<Client>;
}

function folderCalls(engine: Engine) {
  return {
    openFolder: (path, signal) => engine().call('openFolder', [path], { signal }),
    list: (folder, onBatch, signal) =>
      engine().call('list', [folder], {
        signal,
        onProgress: ({ entries, done }) => onBatch(entries, done),
      }),
    details: (ids, signal) => engine().call('details', [ids], { signal }),
    find: (path, signal) => engine().call('find', [path], { signal }),
    makeFolder: (folder, name) => engine().call('makeFolder', [folder, name]),
    rename: (id, name) => engine().call('rename', [id, name]),
    move: (ids, target, onConflict) => engine().call('move', [ids, target, onConflict]),
    copy: (ids, target, signal) => engine().call('copy', [ids, target], { signal }),
  } satisfies Partial<Client>;
}

function trashCalls(engine: Engine) {
  return {
    trash: (ids) => engine().call('trash', [ids]),
    undoTrash: (undo) => engine().call('undoTrash', [undo]),
    listTrash: (onBatch, signal) =>
      engine().call('listTrash', [], {
        signal,
        onProgress: ({ entries, done }) => onBatch(entries, done),
      }),
    restore: (ids) => engine().call('restore', [ids]),
    removeForever: (ids) => engine().call('removeForever', [ids]),
    emptyTrash: () => engine().call('emptyTrash', []),
  } satisfies Partial<Client>;
}

function byteCalls(engine: Engine, link: ServiceWorkerLink | undefined) {
  const isAnswered = async (): Promise<boolean> => (await link?.ready()) ?? false;
  return {
    readText: (id, limitBytes) => engine().call('readText', [id, limitBytes]),
    readBytes: (id, start, end, signal) => engine().call('readBytes', [id, start, end], { signal }),
    async streamUrl(id) {
      const { ticketId, mimeType, sizeBytes } = await engine().call('grantStream', [id]);
      const revoke = (): void => {
        engine()
          .call('revokeTicket', [ticketId])
          .catch(() => undefined);
      };
      if (link !== undefined && (await isAnswered())) {
        const rest = link.keepAwake();
        const release = (): void => {
          rest();
          revoke();
        };
        return { url: link.fileUrl(ticketId), via: 'service-worker', release };
      }
      revoke();
      const blob = await assembleBlob(sizeBytes, mimeType, (start, end) =>
        engine().call('readBytes', [id, start, end]),
      );
      const url = URL.createObjectURL(blob);
      return { url, via: 'page', release: () => URL.revokeObjectURL(url) };
    },
    async download(ids) {
      if (link === undefined || !(await isAnswered())) return saveThroughPage(engine(), ids);
      const { ticketId } = await engine().call('grantDownload', [ids]);
      saveFromUrl(link.fileUrl(ticketId));
    },
  } satisfies Partial<Client>;
}

function transferCalls(engine: Engine) {
  /** Commands to the queue; what comes of them is seen in the next transfers event. */
  const command = (method: 'pause' | 'resumeTransfer' | 'cancel' | 'retry', id: string): void => {
    engine()
      .call(method, [id])
      .catch(() => undefined);
  };
  return {
    upload: (folder, items, onConflict) => engine().call('upload', [folder, items, onConflict]),
    pause: (id) => command('pause', id),
    resumeTransfer: (id) => command('resumeTransfer', id),
    resumeWithFile: (id, file) => engine().call('resumeWithFile', [id, file]),
    cancel: (id) => command('cancel', id),
    retry: (id) => command('retry', id),
    clearFinished() {
      engine()
        .call('clearFinished', [])
        .catch(() => undefined);
    },
  } satisfies Partial<Client>;
}

function storageCalls(engine: Engine) {
  return {
    sealPlace: (place) => engine().call('sealPlace', [place]),
    openPlace: (sealed) => engine().call('openPlace', [sealed]),
    storage: () => engine().call('storage', []),
    /** Only a page may ask; browsers answer by their own rules, some ask the person. */
    askPersistence: async () => (await navigator.storage?.persist?.()) ?? false,
    freeUnused: () => engine().call('freeUnused', []),
  } satisfies Partial<Client>;
}
