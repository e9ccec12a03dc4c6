import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createPageClient } from './page-client.ts';
import type { WorkerLike } from '#lib/rpc/index.ts';
import type { ServiceWorkerLink } from './service-worker-link.ts';
import type { ClientEvent } from './types.ts';
import { engineProtocol, type EngineProtocol } from './engine-protocol.ts';
import { answerWithError, portCalls, serve, type Handlers } from '#lib/rpc/index.ts';

const TICKET = 'AAAAAAAAAAAAAAAAAAAAAA';

/** An engine that answers a few calls; the others are not made here. */
function fakeEngine(handlers: Partial<Handlers<EngineProtocol>> = {}) {
  const { port1, port2 } = new MessageChannel();
  port1.start();
  port2.start();
  let tell = (_event: ClientEvent): void => undefined;
  serve(port2, engineProtocol, {
    events: ({ progress, signal }: Parameters<Handlers<EngineProtocol>['events']>[0]) => {
      tell = progress;
      progress({ kind: 'session', state: { kind: 'signed-in', username: 'alice' } });
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    },
    ...handlers,
  } as Handlers<EngineProtocol>);
  const terminate = vi.fn(() => port1.close());
  const worker: WorkerLike = {
    postMessage: (message, transfer) => port1.postMessage(message, transfer ?? []),
    addEventListener: port1.addEventListener.bind(port1) as WorkerLike['addEventListener'],
    removeEventListener: port1.removeEventListener.bind(port1) as WorkerLike['removeEventListener'],
    terminate,
  };
  return { worker, terminate, tell: (event: ClientEvent) => tell(event) };
}

/** A cipher worker that says its name on every port it is given. */
function cipherWorker(name: string) {
  const { port1, port2 } = new MessageChannel();
  serve(port2, portCalls, {
    async openPort(_context, port) {
      port.onmessage = () => port.postMessage(name);
    },
  });
  port2.start();
  port1.start();
  const errors = new EventTarget();
  const terminate = vi.fn(() => port1.close());
  const worker: WorkerLike = {
    postMessage: (message, transfer) => port1.postMessage(message, transfer ?? []),
    addEventListener: (type: string, listener: (event: never) => void) =>
      (type === 'error' ? errors : port1).addEventListener(type, listener as EventListener),
    removeEventListener: port1.removeEventListener.bind(port1) as WorkerLike['removeEventListener'],
    terminate,
  };
  return { worker, terminate, fail: () => errors.dispatchEvent(new Event('error')) };
}

/** A worker whose script does not come. */
function brokenEngine() {
  const worker = Object.assign(new EventTarget(), {
    postMessage: () => undefined,
    terminate: vi.fn(),
  });
  return {
    worker: worker as unknown as WorkerLike,
    fail: () => worker.dispatchEvent(new Event('error')),
  };
}

function fakeLink(isReady: boolean) {
  const rest = vi.fn();
  let giveEngine = (_port: MessagePort): void => undefined;
  const link: ServiceWorkerLink = {
    siteUrl: 'https://site.example/',
    ready: async () => isReady,
    fileUrl: (id) => `https://site.example/_file/${id}`,
    onPortWanted: (give) => (giveEngine = give),
    keepAwake: vi.fn(() => rest),
    requireSandbox: async () => undefined,
    appOrigin: async () => undefined,
    keepViewers: () => undefined,
    onUpdateWaiting: () => undefined,
    applyUpdate: () => undefined,
  };
  return { link, rest, giveEngine: (port: MessagePort) => giveEngine(port) };
}

const stream = { ticketId: TICKET, mimeType: 'text/html', sizeBytes: 3 };

describe('the page’s side', () => {
  it('plays through the service worker and takes the ticket back when it is released', async () => {
    const revokeTicket = vi.fn(async () => undefined);
    const engine = fakeEngine({ grantStream: async () => stream, revokeTicket });
    const { link, rest } = fakeLink(true);
    const client = createPageClient({ startEngine: () => engine.worker, serviceWorker: link });
    const { url, via, release } = await client.streamUrl('id');
    expect({ url, via }).toEqual({
      url: `https://site.example/_file/${TICKET}`,
      via: 'service-worker',
    });
    expect(link.keepAwake).toHaveBeenCalledOnce();
    release();
    expect(rest).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(revokeTicket).toHaveBeenCalledOnce());
    engine.worker.terminate();
  });

  it.each([true, false])('says whether files are streamed: %s', async (isReady) => {
    const engine = fakeEngine({});
    const { link } = fakeLink(isReady);
    const client = createPageClient({ startEngine: () => engine.worker, serviceWorker: link });
    expect(await client.canStream()).toBe(isReady);
    engine.worker.terminate();
  });

  it('asks for a stream of the type that the bytes are', async () => {
    const grantStream = vi.fn(async () => ({ ...stream, mimeType: 'image/avif' }));
    const engine = fakeEngine({ grantStream, revokeTicket: async () => undefined });
    const { link } = fakeLink(true);
    const client = createPageClient({ startEngine: () => engine.worker, serviceWorker: link });
    const { release } = await client.streamUrl('id', 'image/avif');
    expect(grantStream).toHaveBeenCalledWith(expect.anything(), 'id', 'image/avif');
    release();
    engine.worker.terminate();
  });

  it('plays a harmless blob where no service worker answers', async () => {
    const engine = fakeEngine({
      grantStream: async () => stream,
      revokeTicket: async () => undefined,
      readBytes: async (_context, _id, start, end) => new Uint8Array(end - start).fill(65),
    });
    const { link } = fakeLink(false);
    const client = createPageClient({ startEngine: () => engine.worker, serviceWorker: link });
    const { url, via, release } = await client.streamUrl('id');
    expect(via).toBe('page');
    const blob = await (await fetch(url)).blob();
    expect(blob.type).toBe('application/octet-stream'); // it claimed to be a page
    expect(await blob.text()).toBe('AAA');
    release();
    engine.worker.terminate();
  });

  it('gives its engine a port to each cipher worker, and says which one died', async () => {
    const ports = new Map<number, MessagePort>();
    const disconnectCipher = vi.fn(async () => undefined);
    const engine = fakeEngine({
      connectCipher: async (_context, id, port) => void ports.set(id, port),
      disconnectCipher,
    });
    const workers = [cipherWorker('first'), cipherWorker('second')];
    const startCiphers = () => workers.map(({ worker }) => worker);
    createPageClient({ startEngine: () => engine.worker, startCiphers });
    await vi.waitFor(() => expect([...ports.keys()]).toEqual([0, 1]));
    for (const [id, name] of ['first', 'second'].entries()) {
      const answer = new Promise((resolve) => (ports.get(id)!.onmessage = resolve));
      ports.get(id)!.postMessage('who is there?');
      expect(await answer).toMatchObject({ data: name });
    }
    workers[1]!.fail();
    await vi.waitFor(() => expect(disconnectCipher).toHaveBeenCalledWith(expect.anything(), 1));
    expect(workers.map(({ terminate }) => terminate.mock.calls.length)).toEqual([0, 1]);
    engine.worker.terminate();
    for (const port of ports.values()) port.close();
  });

  it('ends the cipher workers of an engine with it', async () => {
    let putAside = (): void => undefined;
    const engine = fakeEngine({ connectCipher: async () => undefined });
    const cipher = cipherWorker('only');
    const client = createPageClient({
      startEngine: () => engine.worker,
      startCiphers: () => [cipher.worker],
      onPutAside: (end) => (putAside = end),
    });
    await vi.waitFor(() => expect(client.state.kind).toBe('signed-in'));
    expect(cipher.terminate).not.toHaveBeenCalled();
    putAside();
    expect(cipher.terminate).toHaveBeenCalledOnce();
  });

  it('ends its engine when the browser puts the page aside, and starts no other one', async () => {
    let putAside = (): void => undefined;
    const engine = fakeEngine({ signOut: () => new Promise(() => undefined) });
    const startEngine = vi.fn(() => engine.worker);
    const client = createPageClient({ startEngine, onPutAside: (end) => (putAside = end) });
    await vi.waitFor(() => expect(client.state.kind).toBe('signed-in'));
    const states = vi.fn();
    client.subscribe(states);
    const open = client.signOut(); // never answered
    putAside();
    await expect(open).rejects.toMatchObject({ name: 'EngineStopped' });
    expect(engine.terminate).toHaveBeenCalledOnce();
    await expect(client.signOut()).rejects.toMatchObject({ name: 'EngineStopped' });
    expect(startEngine).toHaveBeenCalledOnce();
    expect(states).not.toHaveBeenCalled();
  });

  it('forwards ports to the engine and keeps none', async () => {
    const connectTickets = vi.fn(async () => undefined);
    const engine = fakeEngine({ connectTickets });
    const { link, giveEngine } = fakeLink(true);
    createPageClient({ startEngine: () => engine.worker, serviceWorker: link });
    const { port1, port2 } = new MessageChannel();
    giveEngine(port2);
    await vi.waitFor(() => expect(connectTickets).toHaveBeenCalledOnce());
    port1.close();
    engine.worker.terminate();
  });

  it('keeps the service worker awake while something is saved', async () => {
    const engine = fakeEngine();
    const { link, rest } = fakeLink(true);
    const client = createPageClient({ startEngine: () => engine.worker, serviceWorker: link });
    await vi.waitFor(() => expect(client.state.kind).toBe('signed-in'));
    const transfer = {
      id: 'one',
      direction: 'down',
      name: 'a',
      folderPath: [],
      totalBytes: 1,
      doneBytes: 0,
      files: 1,
      filesDone: 0,
      filesSkipped: 0,
      filesFailed: 0,
      bytesPerSecond: 0,
    } as const;
    engine.tell({ kind: 'transfers', transfers: [{ ...transfer, state: 'running' }] });
    await vi.waitFor(() => expect(link.keepAwake).toHaveBeenCalledOnce());
    engine.tell({ kind: 'transfers', transfers: [{ ...transfer, state: 'done' }] });
    await vi.waitFor(() => expect(rest).toHaveBeenCalledOnce());
    engine.worker.terminate();
  });

  it('replaces the engine when the session ends, wherever it was ended', async () => {
    const [first, second] = [fakeEngine(), fakeEngine()];
    const engines = [first.worker, second.worker];
    const client = createPageClient({ startEngine: () => engines.shift()! });
    await vi.waitFor(() => expect(client.state.kind).toBe('signed-in'));
    first.tell({ kind: 'session', state: { kind: 'signed-out', accounts: [] } });
    await vi.waitFor(() => expect(first.terminate).toHaveBeenCalledOnce());
    expect(engines).toHaveLength(0);
    second.worker.terminate();
  });

  it('shows the sign-in screen when the engine cannot start, and says why on trying', async () => {
    const { port1, port2 } = new MessageChannel();
    port1.start();
    port2.start();
    answerWithError(
      port2,
      Object.assign(new Error('No storage here.'), { name: 'StoreUnavailable' }),
    );
    const worker = Object.assign(port1, { terminate: () => port1.close() });
    const client = createPageClient({ startEngine: () => worker as unknown as WorkerLike });
    await vi.waitFor(() => expect(client.state).toEqual({ kind: 'signed-out', accounts: [] }));
    await expect(client.resume()).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: 'No storage here.',
    });
    port1.close();
  });

  it('starts a second engine when the files of the first did not come, and asks it again', async () => {
    const resume = vi.fn(async () => true);
    const [broken, second] = [brokenEngine(), fakeEngine({ resume })];
    const engines = [broken.worker, second.worker];
    const client = createPageClient({ startEngine: () => engines.shift()! });
    const resuming = client.resume();
    await new Promise((resolve) => setTimeout(resolve)); // the page has begun
    broken.fail();
    await expect(resuming).resolves.toBe(true);
    expect(resume).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(client.state.kind).toBe('signed-in'));
    expect(broken.worker.terminate).toHaveBeenCalledOnce();
    second.worker.terminate();
  });

  it('starts a second engine when the first says nothing for a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const [silent, second] = [brokenEngine(), fakeEngine()];
    const engines = [silent.worker, second.worker];
    const client = createPageClient({ startEngine: () => engines.shift()! });
    client.subscribe(() => undefined);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(silent.worker.terminate).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(silent.worker.terminate).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(client.state.kind).toBe('signed-in'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(second.terminate).not.toHaveBeenCalled();
    second.worker.terminate();
  });

  it('waits for the next call when no engine comes, and says why', async () => {
    const broken = [brokenEngine(), brokenEngine()];
    const third = fakeEngine();
    const engines = [...broken, third].map(({ worker }) => worker);
    const client = createPageClient({ startEngine: () => engines.shift()! });
    for (const { fail } of broken) {
      await new Promise((resolve) => setTimeout(resolve));
      fail();
    }
    await vi.waitFor(() => expect(client.state).toEqual({ kind: 'signed-out', accounts: [] }));
    expect(engines).toHaveLength(1);
    client.resume().catch(() => undefined);
    await vi.waitFor(() => expect(client.state.kind).toBe('signed-in'));
    third.worker.terminate();
  });

  it('keeps an engine that has begun when something in it throws', async () => {
    const engine = fakeEngine();
    const errors = new EventTarget();
    const { addEventListener } = engine.worker;
    const worker = {
      ...engine.worker,
      addEventListener: ((type: string, listener: (event: Event) => void) => {
        if (type === 'error') errors.addEventListener(type, listener);
        else addEventListener('message', listener);
      }) as WorkerLike['addEventListener'],
    };
    const client = createPageClient({ startEngine: () => worker });
    await vi.waitFor(() => expect(client.state.kind).toBe('signed-in'));
    errors.dispatchEvent(new Event('error'));
    expect(engine.terminate).not.toHaveBeenCalled();
    expect(client.state.kind).toBe('signed-in');
    engine.worker.terminate();
  });
});
