/** One caller of the WebRTC listener: its connection, its proof, its streams. All of it is hostile. */
import { PeerConnection } from 'node-datachannel';
import type { DataChannel } from 'node-datachannel';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Random } from '#lib/bytes/index.ts';
import type { SelfSigned, SigningKeyPair } from '#lib/crypto/index.ts';
import {
  accept,
  offerOf,
  PeerStream,
  shakeHands,
  StreamReader,
  UnreadBudget,
} from '#lib/webrtc/streams.ts';
import { UNPROVED } from './limits.ts';
import type { WebRtcLimits } from './limits.ts';
import { nodeChannel } from './node-channel.ts';
import { PeerDuplex } from './peer-duplex.ts';
import type { Credentials } from './stun-name.ts';

/** The largest message, as the protocol has it. */
const MAX_MESSAGE_BYTES = 16 * 1024;

export interface CallerDeps {
  /** IP address and port that are listened at. */
  readonly host: string;
  readonly port: number;
  /** The key of the node. */
  readonly key: SigningKeyPair;
  readonly certificate: SelfSigned;
  readonly random: Random;
  readonly limits: WebRtcLimits;
  /** Over all callers. */
  readonly budget: UnreadBudget;
  /** Given every stream that a proved peer opens for HTTP, its id and its IP address. */
  readonly onStream: (stream: Duplex, peerId: string, ip: string) => void;
}

export interface CallerFacts {
  readonly ip: string;
  readonly port: number;
  readonly credentials: Credentials;
}

export class Caller {
  readonly #deps: CallerDeps;
  readonly #facts: CallerFacts;
  readonly #onEnd: () => void;
  readonly #connection: PeerConnection;
  readonly #budget: UnreadBudget;
  readonly #streams = new Set<PeerStream>();
  /** The id its key proved. */
  #peerId: string | undefined;
  #isOver = false;

  /** Answers at once; `onEnd` is called when the connection is over. */
  constructor(deps: CallerDeps, facts: CallerFacts, onEnd: () => void) {
    this.#deps = deps;
    this.#facts = facts;
    this.#onEnd = onEnd;
    this.#budget = new UnreadBudget(UNPROVED.unreadBytes, deps.budget);
    this.#connection = connectionOf(deps);
    this.#run().catch(() => this.end());
  }

  get isPending(): boolean {
    return this.#peerId === undefined;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const stream of this.#streams) stream.reset();
    this.#connection.close();
    this.#onEnd();
  }

  async #run(): Promise<void> {
    const connection = this.#connection;
    const { ip, port, credentials } = this.#facts;
    const { local, remote } = credentials;
    connection.onDataChannel((channel) => this.#opened(channel));
    connection.onStateChange((state) => {
      if (['closed', 'disconnected', 'failed'].includes(state)) this.end();
    });
    const first = connection.createDataChannel('', { negotiated: true, id: 0 });
    const stream = new PeerStream(nodeChannel(first), this.#budget);
    const offer = offerOf({ family: isIP(ip) === 6 ? 6 : 4, ip, port, ...remote });
    connection.setRemoteDescription(offer, 'offer');
    connection.setLocalDescription('answer', { iceUfrag: local.ufrag, icePwd: local.password });
    const peerId = await this.#proof(stream);
    this.#peerId = peerId;
    this.#budget.maxBytes = this.#deps.limits.maxUnreadBytesOfConnection;
    for (const waiting of this.#streams) this.#serve(waiting, peerId);
  }

  /** Rejects if the caller cannot prove who it is, or takes too long. */
  async #proof(stream: PeerStream): Promise<string> {
    const { key, certificate, random, limits } = this.#deps;
    const timer = setTimeout(() => this.end(), limits.handshakeWithinMs);
    try {
      await stream.opened();
      const { algorithm, value } = this.#connection.remoteFingerprint();
      if (algorithm !== 'sha-256') throw new Error('a certificate that is known by another hash');
      const peer = await shakeHands(stream, {
        role: 'server',
        clientFingerprint: Uint8Array.from(value.split(':'), (it) => Number.parseInt(it, 16)),
        serverFingerprint: certificate.fingerprint,
        key,
        random,
      });
      return peer.toPeerId();
    } finally {
      clearTimeout(timer);
    }
  }

  #opened(channel: DataChannel): void {
    const { maxStreams, maxUnreadBytes } = this.#deps.limits;
    const most = this.isPending ? UNPROVED.streams : maxStreams;
    if (this.#isOver || this.#streams.size >= most) {
      channel.close();
      return;
    }
    const budget = new UnreadBudget(maxUnreadBytes, this.#budget);
    const stream = new PeerStream(nodeChannel(channel), budget);
    this.#streams.add(stream);
    void stream.closed.then(() => this.#streams.delete(stream));
    if (this.#peerId !== undefined) this.#serve(stream, this.#peerId);
  }

  #serve(stream: PeerStream, peerId: string): void {
    const timer = setTimeout(() => stream.reset(), this.#deps.limits.protocolWithinMs);
    const reader = new StreamReader(() => stream.read());
    accept(reader, (bytes) => stream.write(bytes))
      .then(() => {
        const { ip } = this.#facts;
        this.#deps.onStream(new PeerDuplex(stream, reader.takeRest(), ip), peerId, ip);
      })
      .catch(() => stream.reset())
      .finally(() => clearTimeout(timer));
  }
}

function connectionOf({ host, port, certificate }: CallerDeps): PeerConnection {
  return new PeerConnection('caller', {
    iceServers: [],
    bindAddress: host,
    portRangeBegin: port,
    portRangeEnd: port,
    enableIceUdpMux: true,
    disableAutoNegotiation: true,
    // Not known beforehand; the proof that follows covers it.
    disableFingerprintVerification: true,
    certificatePemFile: certificate.certificate,
    keyPemFile: certificate.key,
    maxMessageSize: MAX_MESSAGE_BYTES,
  });
}
