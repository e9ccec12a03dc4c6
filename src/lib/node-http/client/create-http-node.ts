/**
 * A storage node behind HTTP (B-1): the same interface as the local one, and the same named errors,
 * so that nothing above can tell them apart. What it answers is bounded and of the right form when
 * it comes out here; blocks, pointers and chains are still to be verified by who asked.
 */
import type { Random } from '#lib/bytes/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import { canonicalOrigin } from '../wire/canonical.ts';
import { createHttpAccounts } from './accounts.ts';
import { createHttpAdmin } from './admin.ts';
import type { Pace } from './parse-response.ts';
import { createHttpBats } from './bats.ts';
import { createHttpBlocks } from './blocks.ts';
import { CopyWatch } from './copy-watch.ts';
import type { CopySeen } from './copy-watch.ts';
import { createHttpInbox } from './inbox.ts';
import { createHttpLinks } from './links.ts';
import { isLoopbackHost } from './loopback.ts';
import { createHttpMessages } from './messages.ts';
import { createHttpNames } from './names.ts';
import { Offered } from './server-extensions.ts';
import { PointerCache } from './pointer-cache.ts';
import { createHttpPointers } from './pointers.ts';
import { Prefetched } from './prefetched.ts';
import { createHttpSecondFactors } from './second-factors.ts';
import { createHttpSpace } from './space.ts';
import { pause } from './timers.ts';
import type { Pause } from './timers.ts';
import { Transport } from './transport.ts';
import { UsernameCache } from './username-cache.ts';
import { sendByFetch } from './http-types.ts';
import type { Fetch, Send } from './http-types.ts';

export interface HttpNodeOptions {
  readonly fetch?: Fetch;
  /** Asks the node; by `fetch` when absent. An object store is always asked by that. */
  readonly send?: Send;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly random?: Random;
  /** Whether the node runs on this machine; its address tells unless a test says otherwise. */
  readonly isLoopback?: boolean;
  /** Waits before another attempt; a timer unless a test says otherwise. */
  readonly pause?: Pause;
  /** The least pace of an answer, unless a test says otherwise. */
  readonly pace?: Pace;
  /**
   * How long a request goes on while the node is away, for who can keep what was not sent; absent:
   * it is sent as often as the protocol says.
   */
  readonly deadlineMs?: number;
  /** Ends everything that is under way, and all that would follow. */
  readonly signal?: AbortSignal;
  /** Called when the node cannot be reached any more, and when it answers again. */
  readonly onConnection?: (isOnline: boolean) => void;
  /** Called when the node answers from the copy of an account whose home is away, and when no more. */
  readonly onCopy?: (copy: CopySeen | undefined) => void;
}

/** The node at an address, of which the origin counts. Does nothing before the first request. */
export function createHttpNode(url: string, options: HttpNodeOptions = {}): StorageNode {
  const { onConnection, signal } = options;
  const origin = new URL(canonicalOrigin(url) ?? new URL(url).origin);
  const clock = options.clock ?? Date.now;
  const isLoopback = options.isLoopback ?? isLoopbackHost(origin.hostname);
  // Called as a function of the global object, as browsers demand.
  const fetch = options.fetch ?? ((request: Request) => globalThis.fetch(request));
  const shared = {
    origin,
    clock,
    random: options.random ?? systemRandom,
    pause: options.pause ?? pause,
  };
  const offered = new Offered();
  const copies = options.onCopy && new CopyWatch(options.onCopy);
  const transport = new Transport({
    ...shared,
    send: options.send ?? sendByFetch(fetch),
    isLoopback,
    hasNetwork: () => isLoopback || deviceHasNetwork(),
    onAnswer: (headers, question) => {
      offered.note(headers);
      copies?.note(headers, question);
    },
    onConnection,
    deadlineMs: options.deadlineMs,
    pace: options.pace,
    probePath: PATHS.id,
    signal,
  });
  watchNetwork(transport, signal);
  const usernameCache = new UsernameCache();
  const prefetched = new Prefetched();
  const cache = new PointerCache(clock);
  const names = createHttpNames({ transport, usernameCache, offered });
  const blocks = createHttpBlocks({
    ...shared,
    fetch,
    transport,
    offered,
    prefetched,
    onMissing: (owner) => cache.forgetAll(owner),
  });
  return {
    blocks,
    pointers: createHttpPointers({ transport, offered, prefetched, cache }),
    names,
    accounts: createHttpAccounts({ transport, names, usernameCache, cache, offered }),
    secondFactors: createHttpSecondFactors(transport),
    bats: createHttpBats({ transport, names, usernameCache }),
    inbox: createHttpInbox(transport),
    links: createHttpLinks(transport),
    messages: createHttpMessages(transport),
    space: createHttpSpace(transport),
    admin: createHttpAdmin(transport, blocks, offered),
  };
}

/** What the browser says; a process that is no browser is taken to be connected. */
function deviceHasNetwork(): boolean {
  const device: { readonly onLine?: boolean } | undefined = globalThis.navigator;
  return device?.onLine !== false;
}

/** The node is asked as soon as the device says that its network is back. */
function watchNetwork({ connection }: Transport, signal: AbortSignal | undefined): void {
  if (typeof globalThis.addEventListener !== 'function') return;
  const listening = signal === undefined ? {} : { signal };
  globalThis.addEventListener('online', () => void connection.probe(), listening);
  globalThis.addEventListener('offline', () => connection.failed(), listening);
}
