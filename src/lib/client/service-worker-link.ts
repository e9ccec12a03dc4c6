/**
 * The page's side of the service worker: registering it, forwarding ports to the engine, keeping
 * it awake while bytes flow, and saying when a new build waits. The page sees random ids and
 * ports, never what passes through them.
 *
 * Where service workers are refused (path gateways, private windows of some browsers) `ready()`
 * answers false and files are shown through the page instead.
 */
import { announcedAppOrigins, appOrigin } from './app-origins.ts';
import { Workbox } from 'workbox-window';
import {
  CLAIM_MESSAGE,
  KEEP_LATER_MESSAGE,
  NEED_PORT_MESSAGE,
  PING_MESSAGE,
  PORT_MESSAGE,
  TICKET_PATH,
} from '#lib/tickets/index.ts';

/** How long a first visit waits for the worker to take control of the page. */
const CONTROL_TIMEOUT_MS = 15_000;
/** Browsers stop a worker that heard nothing for about 30 s. */
const PING_INTERVAL_MS = 10_000;
const UPDATE_CHECK_INTERVAL_MS = 60 * 60 * 1000;

export interface ServiceWorkerLink {
  /** URL of the folder the site lies in, ending in `/`. */
  readonly siteUrl: string;
  /** Whether a service worker answers for this page; waits for a first installation. */
  ready(): Promise<boolean>;
  /** URL under which the worker answers a ticket. */
  fileUrl(ticketId: string): string;
  /** Calls back whenever the worker needs a port to this page's engine, the first time included. */
  onPortWanted(giveEngine: (port: MessagePort) => void): void;
  /** Keeps the worker awake until the returned function is called. */
  keepAwake(): () => void;
  /** Resolves where frames keep apps in. @throws SandboxTooWeak, SandboxUntested */
  requireSandbox(): Promise<void>;
  /** The origin of an app by its label, where the node of this page gives apps origins. */
  appOrigin(label: string): Promise<string | undefined>;
  /** Asks the worker to keep the viewers too, so that they open without a network. */
  keepViewers(): void;
  /** Calls back when a new build is installed and waits. */
  onUpdateWaiting(listener: () => void): void;
  /** Lets the waiting build take over and loads it. */
  applyUpdate(): void;
}

export interface ServiceWorkerLinkOptions {
  /** URL of the folder the site lies in, ending in `/`. */
  readonly siteUrl: string;
  /** URL of the worker's script, passed through the page's Trusted Types policy. */
  readonly scriptUrl: ConstructorParameters<typeof Workbox>[0];
  readonly container?: ServiceWorkerContainer | undefined;
  readonly reload?: () => void;
}

/** Registers the service worker and returns the page's link to it. */
export function createServiceWorkerLink(options: ServiceWorkerLinkOptions): ServiceWorkerLink {
  const container = 'container' in options ? options.container : navigator.serviceWorker;
  if (container === undefined) return unsupported(options.siteUrl);
  // A module, as SvelteKit builds it.
  const workbox = new Workbox(options.scriptUrl, { scope: options.siteUrl, type: 'module' });
  const registered = workbox.register({ immediate: true }).then(
    (registration) => registration,
    () => undefined,
  );
  void registered.then((registration) => {
    if (registration !== undefined) {
      setInterval(() => void workbox.update(), UPDATE_CHECK_INTERVAL_MS);
    }
  });
  const ours = { container, controller: () => controllerOf(container, options.siteUrl) };
  const appOrigins = announcedAppOrigins();
  let controlled: Promise<boolean> | undefined;
  return {
    siteUrl: options.siteUrl,
    ready: () => (controlled ??= waitForControl(ours, registered)),
    fileUrl: (ticketId) => fileUrl(options.siteUrl, ticketId),
    onPortWanted: (giveEngine) => forwardPorts(ours, giveEngine),
    keepAwake: () => pingRegularly(ours),
    requireSandbox: async () => (await import('./sandbox-test.ts')).requireSandbox(options.siteUrl),
    appOrigin: (label) => appOrigin(appOrigins, label),
    keepViewers: () => ours.controller()?.postMessage({ type: KEEP_LATER_MESSAGE }),
    onUpdateWaiting: (listener) => workbox.addEventListener('waiting', listener),
    applyUpdate() {
      const reload = options.reload ?? (() => location.reload());
      workbox.addEventListener('controlling', reload);
      workbox.messageSkipWaiting();
    },
  };
}

function fileUrl(siteUrl: string, ticketId: string): string {
  return new URL(TICKET_PATH + ticketId, siteUrl).href;
}

function unsupported(siteUrl: string): ServiceWorkerLink {
  return {
    siteUrl,
    ready: () => Promise.resolve(false),
    fileUrl: (ticketId) => fileUrl(siteUrl, ticketId),
    onPortWanted: () => undefined,
    keepAwake: () => () => undefined,
    requireSandbox: () => Promise.reject(new Error('There are no frames here.')),
    appOrigin: () => Promise.resolve(undefined),
    keepViewers: () => undefined,
    onUpdateWaiting: () => undefined,
    applyUpdate: () => undefined,
  };
}

interface OwnWorker {
  readonly container: ServiceWorkerContainer;
  /** The worker that answers for this page, if it is this site's. */
  controller(): ServiceWorker | undefined;
}

/**
 * Where one host has several sites in folders of each other, the page of the inner one is under
 * control of the outer one's worker until its own is active.
 */
function controllerOf(
  { controller }: ServiceWorkerContainer,
  siteUrl: string,
): ServiceWorker | undefined {
  if (controller === null || new URL('.', controller.scriptURL).href !== siteUrl) return undefined;
  return controller;
}

async function waitForControl(
  { container, controller }: OwnWorker,
  registered: Promise<ServiceWorkerRegistration | undefined>,
): Promise<boolean> {
  if ((await registered) === undefined) return false;
  if (controller() !== undefined) return true;
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), CONTROL_TIMEOUT_MS);
    container.addEventListener('controllerchange', () => {
      if (controller() === undefined) return;
      clearTimeout(timer);
      resolve(true);
    });
    void container.ready.then(({ active }) => active?.postMessage({ type: CLAIM_MESSAGE }));
  });
}

/** Gives one end of a new channel to the worker and the other to the engine, when asked. */
function forwardPorts(
  { container, controller }: OwnWorker,
  giveEngine: (port: MessagePort) => void,
): void {
  const connect = (): void => {
    const worker = controller();
    if (worker === undefined) return;
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ type: PORT_MESSAGE }, [port1]);
    giveEngine(port2);
  };
  connect();
  container.addEventListener('controllerchange', connect);
  container.addEventListener('message', (event: MessageEvent<unknown>) => {
    const { data } = event;
    if (typeof data !== 'object' || data === null || !('type' in data)) return;
    if (data.type === NEED_PORT_MESSAGE) connect();
  });
  container.startMessages();
}

function pingRegularly({ controller }: OwnWorker): () => void {
  const ping = (): void => controller()?.postMessage({ type: PING_MESSAGE });
  ping();
  const timer = setInterval(ping, PING_INTERVAL_MS);
  return () => clearInterval(timer);
}
