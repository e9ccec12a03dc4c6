/** The options that say how the node speaks with other nodes. */
import { isIP } from 'node:net';
import { parseUrl } from '#lib/bytes/index.ts';
import { Cid, MalformedCid } from '#lib/codec/index.ts';
import { canonicalOrigin, isLoopbackHost } from '#lib/node-http/index.ts';
import { isTcpAddress, peerOfAddress } from '../p2p/addresses.ts';
import { integer, one, oneOf } from './option.ts';
import type { Option } from './option.ts';
import { BadSetting, ROLES } from './settings.ts';
import type { Peer } from './settings.ts';

const YES_NO = ['yes', 'no'] as const;

export const PEER_OPTIONS: readonly Option[] = [
  {
    name: 'peer',
    value: 'NODEID=ADDRESS',
    isList: true,
    what: 'another node at https://… or /ip4/…/tcp/…; its accounts may move here ("id" there says its id)',
    read: (texts) => ({ peers: texts.map(peer) }),
  },
  one('role', 'ROLE', 'what this process of several does: all (default), web or p2p', (text) => ({
    role: oneOf(text, ROLES),
  })),
  one('p2p-port', 'N', 'TCP port for other nodes (none is open without it)', (text) => ({
    p2pPort: integer(text, 0, 65_535),
  })),
  one('p2p-host', 'ADDRESS', 'IP address to listen at for other nodes (0.0.0.0)', (text) => ({
    p2pHost: ipAddress(text),
  })),
  {
    name: 'p2p-announce',
    value: 'MULTIADDR',
    isList: true,
    what: 'where other nodes reach this one (all its processes), such as /dns4/drive.example.org/tcp/4001',
    read: (texts) => ({ p2pAnnounce: texts.map(tcpAddress) }),
  },
  {
    name: 'p2p-private',
    what: 'connect to nodes in private networks, too, wherever others say they are',
    read: (texts) => ({ p2pPrivate: oneOf(texts.at(-1) ?? '', ['true', 'false']) === 'true' }),
  },
  one('p2p-gateway-port', 'N', 'port at 127.0.0.1 where programs ask other nodes', (text) => ({
    p2pGatewayPort: integer(text, 0, 65_535),
  })),
  one('p2p-gateway', 'URL', 'such a port of another program, instead of p2p-port', (text) => ({
    p2pGateway: loopbackUrl(text),
  })),
  one('dht', 'WHICH', 'table to find nodes by: off (default), private or public', (text) => ({
    dht: oneOf(text, ['off', 'private', 'public']),
  })),
  {
    name: 'dht-bootstrap',
    value: 'MULTIADDR',
    isList: true,
    what: 'nodes of that table to begin with, each with /p2p/… at its end',
    read: (texts) => ({ dhtBootstrap: texts.map(bootstrapAddress) }),
  },
  one('ipfs', 'URL', 'RPC API of a Kubo here, to share public blocks on IPFS (off)', (text) => ({
    ipfs: loopbackUrl(text),
  })),
  one('guests', 'YES|NO', 'whether people of other nodes may sign in here (yes)', (text) => ({
    guests: oneOf(text, YES_NO) === 'yes',
  })),
];

/** `NODEID=URL` or `NODEID=MULTIADDR`. What comes from a peer is verified; the way there must not be open to others. */
function peer(text: string): Peer {
  const [, id = '', address = ''] = /^([^=]+)=(.+)$/u.exec(text) ?? [];
  const nodeId = nodeIdIn(id);
  const way = address.startsWith('/') ? addressOf(address, nodeId) : urlOf(address);
  if (nodeId !== undefined && way !== undefined) return { nodeId, ...way };
  throw new BadSetting(
    `"${text}" is not of the form NODEID=https://host or NODEID=/ip4/…/tcp/…: the other node's ` +
      'command "id" says its id.',
  );
}

function nodeIdIn(text: string): Cid | undefined {
  try {
    return Cid.parse(text);
  } catch (error) {
    if (error instanceof MalformedCid) return undefined;
    throw error;
  }
}

function urlOf(text: string): Pick<Peer, 'url'> | undefined {
  const url = parseUrl(text);
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  const origin = canonicalOrigin(text);
  const isOrigin = url?.pathname === '/' && url.search === '' && url.username === '';
  return isSafe && isOrigin && origin !== undefined ? { url: origin } : undefined;
}

function addressOf(text: string, nodeId: Cid | undefined): Pick<Peer, 'address'> | undefined {
  if (!isTcpAddress(text)) return undefined;
  const named = peerOfAddress(text);
  const isSame = named === undefined || named === nodeId?.toPeerId();
  return isSame ? { address: text } : undefined;
}

function tcpAddress(text: string): string {
  if (isTcpAddress(text)) return text;
  throw new BadSetting(
    `"${text}" is not a multiaddr for TCP such as /ip4/192.0.2.1/tcp/4001 or ` +
      '/dns4/drive.example.org/tcp/4001.',
  );
}

function bootstrapAddress(text: string): string {
  if (peerOfAddress(text) !== undefined) return text;
  throw new BadSetting(`"${text}" is not a multiaddr with a peer id at its end (/p2p/…).`);
}

function ipAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new BadSetting(`"${text}" is not an IP address; 0.0.0.0 or :: stands for all.`);
}

/** No way for anybody but this machine: a program that reaches it can do all that it offers. */
function loopbackUrl(text: string): string {
  const url = parseUrl(text);
  if (url?.protocol === 'http:' && isLoopbackHost(url.hostname) && url.pathname === '/') {
    return url.origin;
  }
  throw new BadSetting(`"${text}" is not of the form http://127.0.0.1:PORT.`);
}
