/**
 * One node, from the engine's side: connected when it is first asked, proved to be the peer that its
 * address names before anything is sent, connected again when the connection broke.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import { SigningKeyPair } from '#lib/crypto/index.ts';
import type { Channel } from './channel.ts';
import { StreamEnded, WrongPeer } from './errors.ts';
import { shakeHands } from './handshake.ts';
import type { WebRtcAddress } from './multiaddr.ts';
import { createPeerFetch } from './peer-fetch.ts';
import type { Fetch } from './peer-fetch.ts';
import { PeerStream } from './stream.ts';
import { PeerUnreachable } from './unreachable.ts';

/** Until both sides have proved who they are. */
const CONNECT_MS = 10_000;
/** A connection that is silent for so long while somebody waits is not used again. */
const SILENT_MS = 2_000;
const SEED_BYTES = 32;

export interface PeerDeps {
  readonly address: WebRtcAddress;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Begins a connection. Rejects with `NoWebRtc` or `PeerUnreachable`. */
  readonly dial: (address: WebRtcAddress) => Promise<Line>;
}

/** A connection that is being made or stands. Channels are listened to in the task they come in. */
export interface Line {
  /** The channel of the handshake. */
  readonly first: Channel;
  /** SHA-256 of the certificate of this side. */
  readonly fingerprint: () => Promise<Uint8Array>;
  /** A further channel. Rejects when the connection is gone. */
  readonly open: () => Promise<Channel>;
  readonly hangUp: () => void;
}

/**
 * `fetch` for this node. Rejects with {@link PeerUnreachable}, {@link WrongPeer}, `NoWebRtc`,
 * `MalformedPeerData`, the reason of the signal, or a `TypeError` where the connection broke.
 */
export function createPeer(deps: PeerDeps): Fetch {
  const lines = new Lines(deps);
  return createPeerFetch({
    host: deps.address.peer.toPeerId(),
    openStream: (signal) => lines.openStream(signal),
  });
}

class Lines {
  readonly #deps: PeerDeps;
  #line: Promise<Line> | undefined;
  #heardMs = 0;

  constructor(deps: PeerDeps) {
    this.#deps = deps;
  }

  async openStream(signal: AbortSignal): Promise<PeerStream> {
    for (let isAgain = false; ; isAgain = true) {
      const line = (this.#line ??= this.#connect());
      const { open } = await unless(signal, line);
      try {
        const stream = this.#stream(await open());
        this.#watch(stream, line, signal);
        return stream;
      } catch (error) {
        this.#drop(line);
        if (isAgain) throw new StreamEnded(undefined, { cause: error });
      }
    }
  }

  #stream(channel: Channel): PeerStream {
    return new PeerStream(heard(channel, () => (this.#heardMs = this.#deps.clock())));
  }

  /** If a request is given up and nothing at all was heard, the connection may be dead. */
  #watch(stream: PeerStream, line: Promise<Line>, signal: AbortSignal): void {
    const begunMs = this.#deps.clock();
    const giveUp = (): void => {
      const nowMs = this.#deps.clock();
      const silentMs = nowMs - Math.max(begunMs, this.#heardMs);
      if (silentMs >= SILENT_MS) this.#drop(line);
    };
    signal.addEventListener('abort', giveUp);
    void stream.closed.then(() => signal.removeEventListener('abort', giveUp));
  }

  #drop(line: Promise<Line>): void {
    if (this.#line !== line) return;
    this.#line = undefined;
    line.then(({ hangUp }) => hangUp()).catch(() => undefined);
  }

  #connect(): Promise<Line> {
    const line = this.#dial();
    line.catch(() => this.#drop(line));
    return line;
  }

  async #dial(): Promise<Line> {
    const { address, dial, random } = this.#deps;
    const line = await dial(address);
    const { fingerprint, hangUp } = line;
    const first = new PeerStream(line.first);
    const timer = setTimeout(() => first.reset(new PeerUnreachable()), CONNECT_MS);
    try {
      const clientFingerprint = await fingerprint();
      const peer = await shakeHands(first, {
        role: 'client',
        clientFingerprint,
        serverFingerprint: address.certificateHash,
        // Nobody need know this page again.
        key: SigningKeyPair.fromSeed(random(SEED_BYTES)),
        random,
      });
      if (!equalBytes(peer.multihash, address.peer.multihash)) throw new WrongPeer();
      first.leave();
      return line;
    } catch (error) {
      hangUp();
      if (error instanceof StreamEnded) throw new PeerUnreachable(undefined, { cause: error });
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The channel, with a call for every message. */
function heard(channel: Channel, note: () => void): Channel {
  return {
    get isOpen() {
      return channel.isOpen;
    },
    get bufferedBytes() {
      return channel.bufferedBytes;
    },
    send: (message) => channel.send(message),
    close: () => channel.close(),
    listen: (listener) =>
      channel.listen({
        onOpen: () => listener.onOpen(),
        onMessage: (bytes) => {
          note();
          listener.onMessage(bytes);
        },
        onDrain: () => listener.onDrain(),
        onClose: () => listener.onClose(),
      }),
  };
}

async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let give: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    give = () => reject(signal.reason as Error);
    signal.addEventListener('abort', give);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', give);
  }
}
