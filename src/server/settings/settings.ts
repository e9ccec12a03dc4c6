/**
 * What a node is told before it starts, parsed: sizes in bytes, times in milliseconds, paths
 * absolute. `options.ts` says how each is written; nothing here is read from anywhere.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';

export type SignUps = 'open' | 'token' | 'closed';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `user:password` of HTTP basic authentication in front of everything (B-1 §1.7). */
export interface BasicAuth {
  readonly user: string;
  readonly password: string;
}

/** Another node, and where it is: one of the two. */
export interface Peer {
  readonly nodeId: Cid;
  /** An origin: by TLS, or on this machine. */
  readonly url?: string;
  /** Where it listens for other nodes by TCP, as a multiaddr. */
  readonly address?: string;
}

/** Where the registry of all names is (B-2 §1). */
export type RegistryPlace =
  /** This node is it. */
  | { readonly at: 'self' }
  | { readonly at: 'url'; readonly url: string }
  /** One of the peers. */
  | { readonly at: 'node'; readonly nodeId: Cid };

/** `private`: a Kademlia table of one's own network; `public`: the one of IPFS. */
export type DhtMode = 'off' | 'private' | 'public';

/**
 * What this process of the node does. `web` serves people and asks other nodes through a process of
 * the role `p2p`, which listens for them; the regular work is done by one of the others.
 */
export const ROLES = ['all', 'web', 'p2p'] as const;
export type Role = (typeof ROLES)[number];

/** How this node speaks with other nodes (B-1 §3). */
export interface PeerSettings {
  /** TCP port for other nodes; 0 = any free one; absent: none is listened at. */
  readonly p2pPort: number | undefined;
  /** IP address to listen at for other nodes. */
  readonly p2pHost: string;
  /** Multiaddrs that other nodes are told, of every process of this node; empty: those listened at. */
  readonly p2pAnnounce: readonly string[];
  /** Whether addresses of private networks are dialled that others say. */
  readonly p2pPrivate: boolean;
  /** Port at 127.0.0.1 through which other programs of this machine ask other nodes. */
  readonly p2pGatewayPort: number | undefined;
  /** Such a gateway of another program, used where `p2pPort` is absent. */
  readonly p2pGateway: string | undefined;
  readonly dht: DhtMode;
  /** Multiaddrs with peer ids, by which the table is joined. */
  readonly dhtBootstrap: readonly string[];
  /** RPC API of a Kubo of this machine, by which public blocks are shared on IPFS; absent: they are not. */
  readonly ipfs: string | undefined;
  /** Whether people whose account is at another node may sign in here. */
  readonly guests: boolean;
}

export interface NodeSettings extends PeerSettings {
  readonly role: Role;
  /** Everything the node keeps, unless blocks and records lie elsewhere. */
  readonly dataFolder: string;
  /** Address to listen at. */
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** `host` or `host:port` as others write it in a URL; empty: only this machine is served. */
  readonly publicHosts: readonly string[];
  /** Websites of users are served at `<user>.<this domain>`; absent: none are. */
  readonly gatewayDomain: string | undefined;
  /** Apps run at `<label>.<this domain>`, each at an origin of its own; absent: at none. */
  readonly appOrigins: string | undefined;
  /** Origins of pages served from elsewhere that may use this node. */
  readonly pageOrigins: readonly string[];
  /** UDP port of WebRTC, by which pages reach the node without a domain; absent: none is open. */
  readonly webrtcPort: number | undefined;
  /** IP address to listen at there. */
  readonly webrtcHost: string;
  /** IP addresses by which others reach it; empty: those of this machine. */
  readonly webrtcAddresses: readonly string[];
  readonly signUps: SignUps;
  /** 0 = any number. */
  readonly maxUsers: number;
  /** Bits of the proof of work that a new name costs (B-2 §5). */
  readonly signUpWorkBits: number;
  /** Space of a new account. */
  readonly quotaBytes: number;
  /** What an account may upload in a day; 0 = any amount. */
  readonly uploadLimitBytes: number;
  /** The built site; absent: none is served. */
  readonly siteFolder: string | undefined;
  /** Absent: the names of this node's accounts are all that is known. */
  readonly registry: RegistryPlace | undefined;
  /** Identity of the operator of a registry elsewhere: everything it says is compared with this key. */
  readonly registryKey: KeyHash | undefined;
  /** Nodes whose accounts may move here (B-2 §12), and where others are. */
  readonly peers: readonly Peer[];
  /** User names that may approve requests for space from inside the app (B-5 §3). */
  readonly operators: readonly string[];
  /** `s3://…`; absent: files in the data folder. */
  readonly blocksUrl: string | undefined;
  /** `postgres://…`; absent: one SQLite file in the data folder. */
  readonly recordsUrl: string | undefined;
  readonly s3AccessKey: string | undefined;
  readonly s3SecretKey: string | undefined;
  readonly recordsPassword: string | undefined;
  /** Addresses or networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Tell browsers to use nothing but TLS from now on. */
  readonly isTlsOnly: boolean;
  readonly basicAuth: BasicAuth | undefined;
  /** Bearer token that opens `/metrics` to others than this machine. */
  readonly metricsToken: string | undefined;
  readonly logLevel: LogLevel;
  /** 0 = never. */
  readonly collectEveryMs: number;
  readonly maxConnections: number;
  /** How long requests may go on after the node was told to stop. */
  readonly stopWithinMs: number;
}

const HOUR_MS = 3_600_000;

/** The port the protocol's reference server listens at, too. */
export const DEFAULT_PORT = 8000;

export const DEFAULTS: Omit<NodeSettings, 'dataFolder'> = {
  role: 'all',
  host: '127.0.0.1',
  port: DEFAULT_PORT,
  publicHosts: [],
  gatewayDomain: undefined,
  appOrigins: undefined,
  pageOrigins: [],
  webrtcPort: undefined,
  webrtcHost: '0.0.0.0',
  webrtcAddresses: [],
  // A node that was only tried out must not be found open by strangers later.
  signUps: 'token',
  maxUsers: 0,
  signUpWorkBits: 0,
  quotaBytes: 2 ** 30,
  uploadLimitBytes: 0,
  siteFolder: undefined,
  registry: undefined,
  registryKey: undefined,
  peers: [],
  p2pPort: undefined,
  p2pHost: '0.0.0.0',
  p2pAnnounce: [],
  p2pPrivate: false,
  p2pGatewayPort: undefined,
  p2pGateway: undefined,
  dht: 'off',
  dhtBootstrap: [],
  ipfs: undefined,
  guests: true,
  operators: [],
  blocksUrl: undefined,
  recordsUrl: undefined,
  s3AccessKey: undefined,
  s3SecretKey: undefined,
  recordsPassword: undefined,
  trustedProxies: [],
  isTlsOnly: false,
  basicAuth: undefined,
  metricsToken: undefined,
  logLevel: 'info',
  collectEveryMs: 12 * HOUR_MS,
  maxConnections: 4096,
  stopWithinMs: 20_000,
};

/** Something given to the node before it starts cannot be used. The message says what to change. */
export class BadSetting extends PyrgosError {
  override readonly name: string = 'BadSetting';
  override readonly kind = 'invalid';
}
