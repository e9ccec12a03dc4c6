/**
 * Addresses of links (C-4 §4.1, C-7 §7.4): a person pastes them, so all of it is hostile, and an error
 * repeats nothing. The part after `#` is the secret and never goes to a server.
 *
 * A node without a domain is named by its multiaddr, from which such an address begins; then all of it
 * stands behind the `#` of a copy of the app.
 *
 * Today's address names a label and a password; the two older ones hold a capability itself, which
 * cannot be taken back but by new keys.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { Cid } from '#lib/codec/index.ts';
import { toKeyHash, type KeyHash } from '#lib/crypto/index.ts';
import { capabilityFromLink, capabilityToLink, type Capability } from '#lib/cryptree/index.ts';
import {
  LINK_LABEL_MAX,
  LINK_LABEL_MIN,
  linkStateFrom,
  linkStateToFragment,
} from '#lib/protocol/index.ts';
import { formatMultiaddr, looksLikeMultiaddr, parseMultiaddr } from '#lib/webrtc/index.ts';
import { BadLinkAddress } from './errors.ts';

/** What the address asks for beside the item. */
export interface LinkWishes {
  /** Show the only file at once. */
  readonly open: boolean;
  /** Begin the download at once. */
  readonly download: boolean;
  /** The folder to show, with its owner's name first. */
  readonly path: string | undefined;
  /** The view to show it in. */
  readonly app: string | undefined;
  /** The file in that folder. */
  readonly filename: string | undefined;
}

export interface SecretLinkAddress {
  readonly kind: 'secret';
  /** `host[:port]`, or the canonical multiaddr of a node, where the address says it. */
  readonly host: string | undefined;
  readonly owner: KeyHash;
  readonly label: bigint;
  readonly linkPassword: string;
  readonly wishes: LinkWishes;
}

export interface CapabilityLinkAddress {
  readonly kind: 'capability';
  readonly host: string | undefined;
  readonly capability: Capability;
  readonly wishes: LinkWishes;
}

export type LinkAddress = SecretLinkAddress | CapabilityLinkAddress;

export const NO_WISHES: LinkWishes = {
  open: false,
  download: false,
  path: undefined,
  app: undefined,
  filename: undefined,
};

const ADDRESS_MAX_UNITS = 16_384;
const ABSOLUTE = /^https?:\/\/([^/?#\s]+)\/?/iu;
/** Up to the key of the node, which ends its address. */
const AT_NODE = /^(\/ip[46]\/[^#?\s]{1,280}?\/p2p\/[1-9A-HJ-NP-Za-km-z]{1,100})\/(?=secret\/)/u;
/** Of a copy of the app in which the whole address of a link stands behind the `#`. */
const BEHIND_A_SITE = /^https?:\/\/[^#\s]*#(?=https?:\/\/|\/ip[46]\/)/iu;
const SECRET_PATH = /^secret\/([^/?]+)\/([1-9]\d{0,9})\/?(?:\?.*)?$/u;
const LINK_PASSWORD = /^[A-Za-z0-9]{1,64}$/u;
/** The view that is a folder's own: any other means that something is to be opened. */
const FOLDER_VIEW = 'Drive';

/** Reads an address, with or without its host. @throws BadLinkAddress */
export function parseLinkAddress(text: string): LinkAddress {
  if (text.length > ADDRESS_MAX_UNITS) throw new BadLinkAddress();
  try {
    return parse(text.trim());
  } catch (error) {
    if (error instanceof PyrgosError) throw new BadLinkAddress(); // its cause may quote the secret
    throw error;
  }
}

function parse(whole: string): LinkAddress {
  const text = whole.replace(BEHIND_A_SITE, '');
  const node = AT_NODE.exec(text)?.[1];
  const host =
    node === undefined ? ABSOLUTE.exec(text)?.[1] : formatMultiaddr(parseMultiaddr(node));
  const rest = text.replace(node === undefined ? ABSOLUTE : AT_NODE, '').replace(/^\//u, '');
  const hash = rest.indexOf('#');
  const isBare = hash < 0 && host === undefined;
  const path = isBare ? '' : rest.slice(0, hash < 0 ? undefined : hash);
  const fragment = isBare ? rest : hash < 0 ? '' : rest.slice(hash + 1);
  if (path === '') return capabilityAddress(host, fragment);
  const [, ownerText, label] = SECRET_PATH.exec(path) ?? [];
  if (ownerText === undefined || label === undefined) throw new BadLinkAddress();
  const number = Number(label);
  if (number < LINK_LABEL_MIN || number > LINK_LABEL_MAX) throw new BadLinkAddress();
  const owner = toKeyHash(Cid.parse(ownerText), 'The owner of a link');
  return { kind: 'secret', host, owner, label: BigInt(label), ...secretPart(fragment) };
}

/** `password[?wishes]`, or the state that a page wrote there once it was open. */
function secretPart(fragment: string): { linkPassword: string; wishes: LinkWishes } {
  const state = linkStateFrom(fragment);
  const [typed, wishes] =
    state === undefined ? split(fragment) : ([state.get('linkpassword'), state] as const);
  if (typeof typed !== 'string' || !LINK_PASSWORD.test(typed)) throw new BadLinkAddress();
  return { linkPassword: typed, wishes: wishesFrom(wishes) };
}

function capabilityAddress(host: string | undefined, fragment: string): CapabilityLinkAddress {
  const state = linkStateFrom(fragment);
  if (state === undefined) {
    const [link, wishes] = split(fragment);
    const capability = capabilityFromLink(link);
    return { kind: 'capability', host, capability, wishes: wishesFrom(wishes) };
  }
  const link = state.get('link');
  if (typeof link !== 'string' || state.get('secretLink') !== true) throw new BadLinkAddress();
  const capability = capabilityFromLink(link);
  return { kind: 'capability', host, capability, wishes: wishesFrom(state) };
}

/** What stands before the question mark, and what after it by name. */
function split(fragment: string): [secret: string, wishes: ReadonlyMap<string, unknown>] {
  const at = fragment.indexOf('?');
  if (at < 0) return [fragment, new Map()];
  const wishes = new Map<string, unknown>();
  for (const part of fragment.slice(at + 1).split('&')) {
    const equals = part.indexOf('=');
    if (equals > 0) wishes.set(part.slice(0, equals), unescaped(part.slice(equals + 1)));
  }
  return [fragment.slice(0, at), wishes];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function wishesFrom(wishes: ReadonlyMap<string, unknown>): LinkWishes {
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' ? value : undefined;
  const isWished = (name: string): boolean =>
    wishes.get(name) === true || wishes.get(name) === 'true';
  const app = text(wishes.get('app'));
  return {
    open: isWished('open') || (app !== undefined && app !== FOLDER_VIEW),
    download: isWished('download'),
    path: text(wishes.get('path')),
    app,
    filename: text(argumentsFrom(wishes.get('args'))?.get('filename')),
  };
}

/** `args` is JSON in an address and a value of its own in a page's state. */
function argumentsFrom(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value === 'string') return linkStateFrom(value);
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value));
}

/**
 * `https://host/secret/owner/label#password[?wishes]`; without a host from `secret/` on, of a node from
 * its multiaddr on.
 */
export function secretLinkAddress({
  host,
  owner,
  label,
  linkPassword,
  wishes,
}: Omit<SecretLinkAddress, 'kind'>): string {
  const path = `secret/${owner.toString()}/${label.toString()}`;
  return `${originOf(host)}${path}#${linkPassword}${suffixOf(wishes)}`;
}

/** The older address that holds the capability itself, as published files are shown by. */
export function capabilityLinkAddress({
  host,
  capability,
  wishes,
}: Omit<CapabilityLinkAddress, 'kind'>): string {
  const state = new Map<string, unknown>([
    ['secretLink', true],
    ['link', capabilityToLink(capability)],
    ...stateOf(wishes),
  ]);
  return `${originOf(host)}#${linkStateToFragment(state)}`;
}

/** Only a node on this very computer is asked without encryption. */
function originOf(host: string | undefined): string {
  if (host === undefined) return '';
  if (looksLikeMultiaddr(host)) return `${host}/`;
  return `${host.startsWith('localhost:') ? 'http' : 'https'}://${host}/`;
}

function suffixOf(wishes: LinkWishes): string {
  const parts = stateOf(wishes).map(([name, value]) => {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return `${name}=${encodeURIComponent(text)}`;
  });
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function stateOf({ open, download, path, app, filename }: LinkWishes): [string, unknown][] {
  const all: [string, unknown][] = [
    ['open', open || undefined],
    ['download', download || undefined],
    ['path', path],
    ['app', app],
    ['args', filename === undefined ? undefined : { filename }],
  ];
  return all.filter(([, value]) => value !== undefined);
}
