/**
 * Claims and claim chains: which identity a user name stands for (B-2 §3, §4). The last link is the
 * current identity; each earlier one signed the key that follows it. Expiry is never compared with
 * today (§3), only with the expiry it replaces. Chains come from nodes and requests: hostile.
 */
import { concat, equalBytes, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import {
  asBytes,
  asLink,
  asList,
  asMap,
  asText,
  cborMap,
  Cid,
  decodeBlock,
  encodeCbor,
  field,
  MalformedCbor,
  optional,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { asKeyHash, sign } from '#lib/crypto/index.ts';
import type { KeyHash, KeyLookup, Signer, SigningKeyPair } from '#lib/crypto/index.ts';
import { openSignedBy } from './authorisation.ts';
import { BadClaimChain, UnknownUser } from './refusals.ts';

/** The expiry of every claim but the last. */
export const NEVER_EXPIRES = '+999999999-12-31';
const MAX_NAME_UNITS = 64;
const MAX_EXPIRY_UNITS = 16;
/** Each change of an identity adds one, and costs work from the eleventh on (B-2 §5). */
const MAX_LINKS = 200;
/** One more than a valid claim names, so that it is refused as such. */
const MAX_PROVIDERS = 2;

export interface Claim {
  readonly username: string;
  /** ISO date `YYYY-MM-DD`, or {@link NEVER_EXPIRES}. */
  readonly expiry: string;
  /** Node ids; exactly one in the last claim of a chain, none in the others. */
  readonly storageProviders: readonly Cid[];
  /** The same three, framed and signed by the identity. */
  readonly signed: Uint8Array;
}

export interface UserPublicKeyLink {
  readonly owner: KeyHash;
  readonly claim: Claim;
  /** `cbor(link to the next owner)` signed by this one. */
  readonly keyChange?: Uint8Array;
}

/** A link signed by `identity`; with `next` it hands the name over to that key. */
export async function createClaimLink(
  identity: SigningKeyPair | Signer,
  content: Omit<Claim, 'signed'>,
  next?: KeyHash,
): Promise<UserPublicKeyLink> {
  const signed = await sign(identity, claimPayload(content));
  const link = { owner: identity.hash, claim: { ...content, signed } };
  return next === undefined ? link : { ...link, keyChange: await sign(identity, encodeCbor(next)) };
}

/** Writes one link of a claim chain (B-2 §3). */
export function claimLinkToCbor({ owner, claim, keyChange }: UserPublicKeyLink): CborValue {
  const providers = claim.storageProviders.map((id) => id.bytes);
  return cborMap([
    ['owner', owner],
    ['claim', [claim.username, claim.expiry, providers, claim.signed]],
    ['keychange', keyChange],
  ]);
}

export function claimLinkFromCbor(value: CborValue | undefined): UserPublicKeyLink {
  const what = 'A link of a claim chain';
  const map = asMap(value, what);
  const claim = asList(field(map, 'claim', what), 'A claim');
  if (claim.length !== 4) throw new MalformedCbor('A claim has the wrong number of elements.');
  const keyChange = optional(map, 'keychange');
  return {
    owner: asKeyHash(asLink(field(map, 'owner', what), 'The identity'), 'The identity'),
    claim: {
      username: asText(claim[0], 'The name in a claim'),
      expiry: asText(claim[1], 'The expiry of a claim'),
      storageProviders: asList(claim[2], 'The storage providers')
        .slice(0, MAX_PROVIDERS)
        .map((id) => Cid.fromBytes(asBytes(id, 'A storage provider'))),
      signed: asBytes(claim[3], 'The signature of a claim'),
    },
    ...(keyChange === undefined ? {} : { keyChange: asBytes(keyChange, 'A key change') }),
  };
}

/** Reads a claim chain; {@link verifyClaimChain} says whether it counts. Throws `MalformedCbor`. */
export function claimChainFromCbor(value: CborValue | undefined): UserPublicKeyLink[] {
  const links = asList(value, 'A claim chain');
  if (links.length > MAX_LINKS) throw new MalformedCbor('A claim chain is too long.');
  return links.map(claimLinkFromCbor);
}

/**
 * The chain that a node shows for a name, verified. Throws {@link UnknownUser}, {@link BadClaimChain},
 * `MalformedCbor`.
 */
export async function openClaimChain(
  shown: Uint8Array,
  username: string,
): Promise<UserPublicKeyLink[]> {
  const chain = claimChainFromCbor(decodeBlock(shown));
  if (chain.length === 0) throw new UnknownUser(`There is no user ${username}.`);
  await verifyClaimChain(chain, username);
  return chain;
}

/** Writes a claim chain, oldest link first (B-2 §3). */
export function claimChainToCbor(chain: readonly UserPublicKeyLink[]): CborValue {
  return chain.map(claimLinkToCbor);
}

/**
 * Throws {@link BadClaimChain} unless the chain is valid for this name (B-2 §3). `lookup` finds the
 * keys of old identities, whose names do not contain them.
 */
export async function verifyClaimChain(
  chain: readonly UserPublicKeyLink[],
  username: string,
  lookup?: KeyLookup,
): Promise<void> {
  if (chain.length === 0) throw new BadClaimChain('There is no claim to this name.');
  for (const [i, link] of chain.entries()) {
    await verifyClaim(link, username, lookup);
    const next = chain[i + 1];
    const providers = link.claim.storageProviders.length;
    if (next !== undefined) {
      await verifyKeyChange(link, next.owner, lookup);
      if (providers !== 0) throw new BadClaimChain('A former identity claims a home.');
    } else if (providers !== 1) {
      throw new BadClaimChain('A claim does not name exactly one home.');
    }
  }
}

/** What an update makes of a registered chain. Throws {@link BadClaimChain} (B-2 §4). */
export async function mergeClaimChains(
  existing: readonly UserPublicKeyLink[],
  update: readonly UserPublicKeyLink[],
  username: string,
  lookup?: KeyLookup,
): Promise<readonly UserPublicKeyLink[]> {
  const last = existing.at(-1);
  const equalLinks = update.findIndex((link, i) => !sameLink(link, existing[i]));
  const tail = equalLinks < 0 ? [] : update.slice(equalLinks);
  const [first] = tail;
  const newLast = tail.at(-1);
  if (last === undefined || first === undefined || newLast === undefined) {
    await verifyClaimChain(update, username, lookup);
    if (last !== undefined && update.length < existing.length) {
      throw new BadClaimChain('A claim chain may not become shorter.');
    }
    return update;
  }
  if (compareExpiry(first.claim.expiry, last.claim.expiry) < 0) {
    throw new BadClaimChain('New claim chain expiry before existing!');
  }
  if (!first.owner.equals(last.owner)) {
    const isAttempt = tail.length === 1;
    throw new BadClaimChain(
      isAttempt
        ? 'User already exists: Invalid key change attempt!'
        : 'Different keys in merge chains intersection!',
    );
  }
  if (existing.slice(0, -1).some((link) => link.owner.equals(newLast.owner))) {
    throw new BadClaimChain('You cannot reuse a previous password!');
  }
  const merged = [...existing.slice(0, -1), ...tail];
  await verifyClaimChain(merged, username, lookup);
  return merged;
}

async function verifyClaim(
  { owner, claim }: UserPublicKeyLink,
  username: string,
  lookup: KeyLookup | undefined,
): Promise<void> {
  const isName = username.length <= MAX_NAME_UNITS && !/[ \t\n]/u.test(username);
  if (claim.username !== username || !isName) {
    throw new BadClaimChain('A claim is to another name.');
  }
  if (claim.expiry.length > MAX_EXPIRY_UNITS) throw new BadClaimChain('A claim has a bad expiry.');
  expiryParts(claim.expiry);
  const payload = await opened(owner, claim.signed, 'A claim', lookup);
  if (!equalBytes(payload, claimPayload(claim))) {
    throw new BadClaimChain('A claim says something else than what was signed.');
  }
}

async function verifyKeyChange(
  link: UserPublicKeyLink,
  next: KeyHash,
  lookup: KeyLookup | undefined,
): Promise<void> {
  if (link.keyChange === undefined) throw new BadClaimChain('A key change is not signed.');
  const message = await opened(link.owner, link.keyChange, 'A key change', lookup);
  if (!equalBytes(message, encodeCbor(next))) {
    throw new BadClaimChain('A key change leads to another key.');
  }
}

async function opened(
  owner: KeyHash,
  signed: Uint8Array,
  what: string,
  lookup: KeyLookup | undefined,
): Promise<Uint8Array> {
  try {
    const found = owner.isIdentity ? undefined : await lookup?.(owner);
    return await openSignedBy(found ?? owner, signed, what);
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    throw new BadClaimChain(`${what} is not signed by its identity.`, { cause: error });
  }
}

/** `F(username) F(expiry) i32 n { F(node id) }`: framed binary, not CBOR. */
function claimPayload(claim: Omit<Claim, 'signed'>): Uint8Array {
  return concat(
    framed(utf8(claim.username)),
    framed(utf8(claim.expiry)),
    i32(claim.storageProviders.length),
    ...claim.storageProviders.map((id) => framed(id.bytes)),
  );
}

function framed(bytes: Uint8Array): Uint8Array {
  return concat(i32(bytes.length), bytes);
}

function i32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

function sameLink(a: UserPublicKeyLink, b: UserPublicKeyLink | undefined): boolean {
  return (
    b !== undefined && equalBytes(encodeCbor(claimLinkToCbor(a)), encodeCbor(claimLinkToCbor(b)))
  );
}

function compareExpiry(a: string, b: string): number {
  const [left, right] = [expiryParts(a), expiryParts(b)];
  return left.year - right.year || left.month - right.month || left.day - right.day;
}

/** `YYYY-MM-DD`; years past 9999 are written with a plus and up to nine digits. */
function expiryParts(text: string): { year: number; month: number; day: number } {
  const parts = /^(?:\d{4}|\+\d{5,9})-(\d{2})-(\d{2})$/u.exec(text);
  const [month, day] = [Number(parts?.[1]), Number(parts?.[2])];
  if (parts === null || month < 1 || month > 12 || day < 1 || day > 31) {
    throw new BadClaimChain('A claim has a bad expiry.');
  }
  return { year: Number.parseInt(text, 10), month, day };
}
