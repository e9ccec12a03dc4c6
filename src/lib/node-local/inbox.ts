/**
 * Follow requests waiting for the local node's users (B-1 §2.4, B-6 §6). Anybody may send one, so
 * what is kept is limited; nobody but the target can read who sent it. Hostile.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { asBytes, asList, asMap, decodeBlock, decodeCborPrefix } from '#lib/codec/index.ts';
import { encodeCbor, MalformedCbor } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodeInbox } from '#lib/node/index.ts';
import {
  checkSignedTime,
  MalformedRequest,
  openSignedBy,
  parseRequest,
  REQUEST_WINDOW_MS,
  WrongSignature,
} from '#lib/protocol/index.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { partitionOf } from './owner-partition.ts';
import { publicKeyOf } from './public-keys.ts';
import { read, replace, TABLE } from './records.ts';
import { requireCurrentUser, requireUser } from './users.ts';

const REQUEST_MAX_BYTES = 4096;
const MAX_WAITING = 100;

export function createLocalInbox(deps: LocalNodeDeps): NodeInbox {
  return {
    send: (target, request) => send(deps, target, request),
    list: async (owner, auth) => {
      await requireCurrentUser(deps, owner);
      await checkSignedTime(await publicKeyOf(deps, owner), auth, deps.clock(), REQUEST_WINDOW_MS);
      return [...(await waitingFor(deps, owner)).value];
    },
    remove: (owner, signed) => remove(deps, owner, signed),
  };
}

/** A request that waits already is not kept twice: it is answered and removed once anyway. */
async function send(deps: LocalNodeDeps, target: KeyHash, request: Uint8Array): Promise<boolean> {
  await requireUser(deps, target);
  checkFollowRequest(request);
  return compareAndSet(deps.records, async () => {
    const { entry, value } = await waitingFor(deps, target);
    if (value.length > MAX_WAITING) return { result: false };
    if (value.some((known) => equalBytes(known, request))) return { result: true };
    const writes = [replace(entry, encodeCbor([...value, request]))];
    return { change: { expect: [entry], writes }, result: true };
  });
}

/** Size and form of a BlindFollowRequest; only its target can see the sender. */
export function checkFollowRequest(request: Uint8Array): void {
  if (request.length > REQUEST_MAX_BYTES) {
    throw new MalformedRequest(`A follow request has ${request.length} bytes.`);
  }
  parseRequest('The follow request', () => checkForm(request));
}

/** It is served inside a list, so it has to be one whole item (B-1 §2.4). */
function checkForm(request: Uint8Array): void {
  const { value, next } = decodeCborPrefix(request);
  asMap(value, 'A follow request');
  if (next !== request.length) throw new MalformedCbor('A follow request has bytes after its end.');
}

async function remove(deps: LocalNodeDeps, owner: KeyHash, signed: Uint8Array): Promise<boolean> {
  await requireCurrentUser(deps, owner);
  const key = await publicKeyOf(deps, owner);
  const request = await openSignedBy(key, signed, 'The removal').catch(ignoreForged);
  if (request === undefined) return false;
  return compareAndSet(deps.records, async () => {
    const { entry, value } = await waitingFor(deps, owner);
    const left = value.filter((known) => !equalBytes(known, request));
    if (left.length === value.length) return { result: true };
    const writes = [replace(entry, left.length === 0 ? undefined : encodeCbor(left))];
    return { change: { expect: [entry], writes }, result: true };
  });
}

/** A removal that somebody else signed is answered with "no", not with an error. */
function ignoreForged(error: unknown): undefined {
  if (error instanceof WrongSignature) return undefined;
  throw error;
}

/** Oldest first. */
export async function waitingFor(deps: LocalNodeDeps, identity: KeyHash) {
  const owner = await partitionOf(deps, identity);
  const stored = await read(deps.records, TABLE.inbox, owner.toString(), (bytes) =>
    asList(decodeBlock(bytes), 'The inbox').map((request) => asBytes(request, 'A follow request')),
  );
  return { entry: stored.entry, value: stored.value ?? [] };
}
