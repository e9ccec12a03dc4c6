/**
 * Every option of the node: how it is written, what it means, how its text becomes a setting.
 * The same names serve the command line (`--public-host`), the environment (`PYRGOS_PUBLIC_HOST`)
 * and the configuration file (`"public-host"`). A secret is never taken from the command line,
 * where every other program of the machine could read it.
 */
import { isIP } from 'node:net';
import { parseUrl, PyrgosError } from '#lib/bytes/index.ts';
import { resolve } from 'node:path';
import { Cid, MalformedCid } from '#lib/codec/index.ts';
import { PublicSigningKey, toKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { canonicalHost, canonicalOrigin, isLoopbackHost } from '#lib/node-http/index.ts';
import { parseBytes, parseDuration } from './amounts.ts';
import { integer, one, oneOf } from './option.ts';
import type { Option } from './option.ts';
import { PEER_OPTIONS } from './peer-options.ts';
import { BadSetting, LOG_LEVELS } from './settings.ts';
import type { NodeSettings } from './settings.ts';

function secret(name: string, what: string, read: Option['read']): Option {
  return { name, value: 'SECRET', what, isSecret: true, read };
}

export const OPTIONS: readonly Option[] = [
  one('data', 'DIR', 'folder for everything the node keeps', (text) => ({
    dataFolder: resolve(text),
  })),
  one('config', 'FILE', 'configuration file (default: node.json in the data folder)', () => ({})),
  one('host', 'ADDRESS', 'address to listen at (127.0.0.1; 0.0.0.0 or :: for all)', (host) => ({
    host,
  })),
  one('port', 'N', 'port to listen at (8000; 0 takes a free one)', (text) => ({
    port: integer(text, 0, 65_535),
  })),
  {
    name: 'public-host',
    value: 'HOST[:PORT]',
    isList: true,
    what: 'name others reach the node by; without one it serves this machine only',
    read: (texts) => ({ publicHosts: texts.map(publicHost) }),
  },
  one(
    'gateway-domain',
    'DOMAIN',
    'domain of websites: alice.DOMAIN is the one of alice',
    (text) => ({
      gatewayDomain: wildcardDomain(text),
    }),
  ),
  one(
    'app-origins',
    'DOMAIN',
    'domain of origins of apps: each app runs at a name below it',
    (text) => ({
      appOrigins: wildcardDomain(text),
    }),
  ),
  {
    name: 'page-origin',
    value: 'ORIGIN',
    isList: true,
    what: 'origin of a page from elsewhere that may use this node, such as https://example.org',
    read: (texts) => ({ pageOrigins: texts.map(pageOrigin) }),
  },
  one('webrtc-port', 'N', 'UDP port for pages that know the node by its address alone', (text) => ({
    webrtcPort: integer(text, 1, 65_535),
  })),
  one('webrtc-host', 'ADDRESS', 'IP address to listen at there (0.0.0.0: all)', (text) => ({
    webrtcHost: ipAddress(text),
  })),
  {
    name: 'webrtc-address',
    value: 'ADDRESS',
    isList: true,
    what: 'IP address others reach that port by (default: those of this machine)',
    read: (texts) => ({ webrtcAddresses: texts.map(ipAddress) }),
  },
  one('sign-ups', 'WHO', 'who may sign up: open, token (default) or closed', (text) => ({
    signUps: oneOf(text, ['open', 'token', 'closed']),
  })),
  one('max-users', 'N', 'accounts at most (0: any number)', (text) => ({
    maxUsers: integer(text, 0, 1e9),
  })),
  one('sign-up-work', 'BITS', 'work that a new name costs, 0 to 30 bits (0: none)', (text) => ({
    signUpWorkBits: integer(text, 0, 30),
  })),
  one('quota', 'SIZE', 'space of a new account (1GiB)', (text) => ({
    quotaBytes: parseBytes(text),
  })),
  one('upload-limit', 'SIZE', 'what an account may upload in a day (0: any amount)', (text) => ({
    uploadLimitBytes: parseBytes(text),
  })),
  one(
    'site',
    'FOLDER',
    'the built site to serve (default: dist/ if built; none: no site)',
    (text) => ({
      siteFolder: text === 'none' ? undefined : resolve(text),
    }),
  ),
  {
    name: 'operator',
    value: 'NAME',
    isList: true,
    what: 'user name that may approve requests for space',
    read: (texts) => ({ operators: texts }),
  },
  ...PEER_OPTIONS,
  one(
    'registry',
    'WHERE',
    'where all names are: self, the URL or the id (of a peer) of another node (none: names of this node)',
    (text) => ({ registry: registryPlace(text) }),
  ),
  one(
    'registry-key',
    'KEY',
    'identity of the registry elsewhere, z59…; "check" there says it',
    (text) => ({ registryKey: keyOf(text) }),
  ),
  one(
    'blocks',
    'URL',
    's3://BUCKET[/FOLDER]?endpoint=…&region=…: blocks on an object store',
    (text) => ({
      blocksUrl: urlOf(text, 's3:'),
    }),
  ),
  one(
    'records',
    'URL',
    'postgres://USER@HOST[:PORT]/DATABASE[?schema=…]: records in PostgreSQL',
    (text) => ({
      recordsUrl: urlOf(text, 'postgres:'),
    }),
  ),
  {
    name: 'trust-proxy',
    value: 'ADDRESS[/BITS]',
    isList: true,
    what: 'reverse proxy whose X-Forwarded-For is believed, such as 127.0.0.1',
    read: (texts) => ({ trustedProxies: texts }),
  },
  {
    name: 'tls-only',
    what: 'tell browsers to use only https from now on (Strict-Transport-Security)',
    read: (texts) => ({ isTlsOnly: oneOf(texts.at(-1) ?? '', ['true', 'false']) === 'true' }),
  },
  one('log', 'LEVEL', `how much is logged: ${LOG_LEVELS.join(', ')} (info)`, (text) => ({
    logLevel: oneOf(text, LOG_LEVELS),
  })),
  one('collect-every', 'TIME', 'how often garbage is collected (12h; 0: never)', (text) => ({
    collectEveryMs: parseDuration(text),
  })),
  one('max-connections', 'N', 'connections at a time (4096)', (text) => ({
    maxConnections: integer(text, 1, 1e6),
  })),
  one('stop-within', 'TIME', 'how long requests may go on after a stop (20s)', (text) => ({
    stopWithinMs: parseDuration(text),
  })),
  secret(
    'basic-auth',
    'user:password asked of everybody by HTTP basic authentication',
    (texts) => ({
      basicAuth: basicAuth(texts.at(-1) ?? ''),
    }),
  ),
  secret('metrics-token', 'bearer token that opens /metrics from elsewhere', (texts) => ({
    metricsToken: texts.at(-1),
  })),
  secret('s3-access-key', 'access key of the object store', (texts) => ({
    s3AccessKey: texts.at(-1),
  })),
  secret('s3-secret-key', 'its secret key', (texts) => ({ s3SecretKey: texts.at(-1) })),
  secret('records-password', 'password of the database user', (texts) => ({
    recordsPassword: texts.at(-1),
  })),
];

function ipAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new BadSetting(`"${text}" is not an IP address such as 192.0.2.7 or 2001:db8::7.`);
}

/** `host` or `host:port`, without scheme and path, as others will spell it. */
function publicHost(text: string): string {
  const host = canonicalHost(text);
  // Without a port it is a name that a proxy with TLS answers for; 80 says that there is none.
  if (host !== undefined) return /:80$/u.test(text) ? `${host}:80` : host;
  throw new BadSetting(
    `"${text}" is not a host. Give it as in a browser's address bar without https:// and path, ` +
      'such as drive.example.org or 192.168.1.5:8000.',
  );
}

/** A name of at least two labels, without port: a proxy with TLS answers for all names below it. */
function wildcardDomain(text: string): string {
  const domain = canonicalHost(text);
  const isName =
    domain !== undefined && /^[a-z0-9-]+(?:\.[a-z0-9-]*[a-z][a-z0-9-]*)+$/u.test(domain);
  if (isName) return domain;
  throw new BadSetting(
    `"${text}" is not a domain. Give it without https://, port and path, such as sites.example.org.`,
  );
}

/** As browsers write it in `Origin`: scheme, host and port only. */
function pageOrigin(text: string): string {
  const origin = canonicalOrigin(text);
  const url = parseUrl(text);
  const isAlone = url !== undefined && `${url.pathname}${url.search}${url.hash}` === '/';
  if (origin !== undefined && isAlone && !/[/?#]$/u.test(text) && url.username === '') {
    return origin;
  }
  const hint = origin === undefined ? '' : ` Did you mean ${origin}?`;
  throw new BadSetting(
    `"${text}" is not an origin such as https://example.org (scheme and host, no path).${hint}`,
  );
}

function registryPlace(text: string): NodeSettings['registry'] {
  if (text === 'none') return undefined;
  if (text === 'self') return { at: 'self' };
  const url = safeOrigin(text);
  if (url !== undefined) return { at: 'url', url };
  const nodeId = cidOf(text);
  if (nodeId !== undefined) return { at: 'node', nodeId };
  throw new BadSetting(`"${text}" is none of self, https://host, or the id of a peer.`);
}

function keyOf(text: string): KeyHash {
  const cid = cidOf(text);
  try {
    // The key itself is in the id, so that nobody has to be asked for it.
    const key = cid?.isIdentity === true ? toKeyHash(cid, 'The key') : undefined;
    if (key !== undefined && PublicSigningKey.fromHash(key) !== undefined) return key;
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
  }
  throw new BadSetting(`"${text}" is not the identity of a registry, which begins with z59.`);
}

function cidOf(text: string): Cid | undefined {
  try {
    return Cid.parse(text);
  } catch (error) {
    if (error instanceof MalformedCid) return undefined;
    throw error;
  }
}

/** An origin by TLS or on this machine; what comes from there is verified, the way must not be open. */
function safeOrigin(address: string): string | undefined {
  const url = parseUrl(address);
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  const isOrigin = url?.pathname === '/' && url.search === '' && url.username === '';
  return isSafe && isOrigin ? canonicalOrigin(address) : undefined;
}

function urlOf(text: string, scheme: string): string {
  const url = parseUrl(text);
  const isKnown =
    url?.protocol === scheme || (scheme === 'postgres:' && url?.protocol === 'postgresql:');
  if (url === undefined || !isKnown) {
    throw new BadSetting(`"${redacted(text)}" does not begin with ${scheme}// as it should.`);
  }
  if (url.password !== '' || url.searchParams.has('password')) {
    throw new BadSetting(
      `"${redacted(text)}" contains a password, which other programs could read. Give it as ` +
        (scheme === 's3:' ? 'PYRGOS_S3_SECRET_KEY' : 'PYRGOS_RECORDS_PASSWORD') +
        ' or in a file.',
    );
  }
  return text;
}

/** A password may contain what ends one; so all up to the last `@` goes, and every parameter. */
function redacted(text: string): string {
  return text.replace(/\/\/.*@/su, '//…@').replace(/\?.*/su, '?…');
}

function basicAuth(text: string): NodeSettings['basicAuth'] {
  const at = text.indexOf(':');
  if (at > 0 && at < text.length - 1) {
    return { user: text.slice(0, at), password: text.slice(at + 1) };
  }
  throw new BadSetting('What is given for basic-auth is not of the form user:password.');
}
