/**
 * Listens for pages that know this node by its address alone (libp2p's WebRTC-direct, versions 1 and
 * 2): UDP, a connection for each caller, a proof by Noise of who both are, then a stream for each
 * request. All of it is hostile until the proof, and bounded before and after it.
 */
import { IceUdpMuxListener } from 'node-datachannel';
import type { IceUdpMuxRequest } from 'node-datachannel';
import { isIP } from 'node:net';
import { UnreadBudget } from '#lib/webrtc/streams.ts';
import { Caller } from './caller.ts';
import type { CallerDeps } from './caller.ts';
import { DEFAULT_WEBRTC_LIMITS } from './limits.ts';
import type { WebRtcLimits } from './limits.ts';
import { credentialsOf } from './stun-name.ts';

export interface WebRtcOptions extends Omit<CallerDeps, 'limits' | 'budget'> {
  readonly limits?: Partial<WebRtcLimits>;
  /** Callers with the same key are counted together; made of the IP address. */
  readonly addressKey: (ip: string) => string;
}

export interface WebRtcListener {
  readonly connections: number;
  close(): void;
}

/**
 * Listens. Throws where the port cannot be had. The library's log stays off, as it is by itself: a
 * function that takes it would keep the process alive.
 */
export function listenWebRtc(options: WebRtcOptions): WebRtcListener {
  const callers = new Callers(options);
  const mux = new IceUdpMuxListener(options.port, options.host);
  mux.onUnhandledStunRequest((request) => callers.called(request));
  return {
    get connections() {
      return callers.count;
    },
    close: () => {
      callers.close();
      mux.stop();
    },
  };
}

interface Counted {
  readonly address: string;
  readonly caller: Caller;
}

class Callers {
  readonly #options: WebRtcOptions;
  readonly #deps: CallerDeps;
  readonly #callers = new Map<string, Counted>();
  #isClosed = false;

  constructor(options: WebRtcOptions) {
    this.#options = options;
    const limits = { ...DEFAULT_WEBRTC_LIMITS, ...options.limits };
    this.#deps = { ...options, limits, budget: new UnreadBudget(limits.maxUnreadBytesOfAll) };
  }

  get count(): number {
    return this.#callers.size;
  }

  /** A request of nobody who is known yet; who sent it repeats it until it is answered. */
  called({ ufrag, localUfrag, host: ip, port }: IceUdpMuxRequest): void {
    const credentials = credentialsOf(localUfrag, ufrag);
    const isAddress = isIP(ip) !== 0 && Number.isInteger(port) && port > 0 && port < 65_536;
    if (this.#isClosed || credentials === undefined || !isAddress) return;
    const key = [ip, port, credentials.local.ufrag, credentials.remote.ufrag].join(' ');
    const address = this.#options.addressKey(ip);
    if (this.#callers.has(key) || !this.#hasRoom(address)) return;
    const onEnd = (): void => void this.#callers.delete(key);
    const caller = new Caller(this.#deps, { ip, port, credentials }, onEnd);
    this.#callers.set(key, { address, caller });
  }

  close(): void {
    this.#isClosed = true;
    for (const { caller } of [...this.#callers.values()]) caller.end();
  }

  #hasRoom(address: string): boolean {
    const { limits } = this.#deps;
    const all = [...this.#callers.values()];
    const near = all.filter((it) => it.address === address);
    return (
      all.length < limits.maxConnections &&
      near.length < limits.maxConnectionsPerAddress &&
      all.filter(isPending).length < limits.maxPending &&
      near.filter(isPending).length < limits.maxPendingPerAddress
    );
  }
}

function isPending({ caller }: Counted): boolean {
  return caller.isPending;
}
