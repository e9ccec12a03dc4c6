/** Requests on their way: into a person's inbox, and out of ours (C-1 §1.3). */
import { PyrgosError, toHex } from '#lib/bytes/index.ts';
import { decodeBlock } from '#lib/codec/index.ts';
import { PublicBoxingKey, sign, signTime, type KeyHash } from '#lib/crypto/index.ts';
import { Snapshot } from '#lib/writers/index.ts';
import { FollowRefused, InboxFull } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import { openFollowRequest, sealFollowRequest, type FollowRequest } from './follow-request.ts';

/** A request that came, and the bytes it is removed by. */
export interface Received {
  readonly request: FollowRequest;
  readonly bytes: Uint8Array;
}

/** The key that requests to an identity are boxed for. @throws FollowRefused if it takes none */
export async function inboxKeyOf(
  { driveDeps }: Pick<SocialDeps, 'driveDeps'>,
  owner: KeyHash,
  signal?: AbortSignal,
): Promise<PublicBoxingKey> {
  const snapshot = new Snapshot(driveDeps, owner);
  const { data } = await snapshot.state(owner, signal);
  if (data?.inbound === undefined) throw new FollowRefused('This account takes no requests.');
  const block = await snapshot.block(data.inbound, undefined, signal);
  return PublicBoxingKey.fromCbor(decodeBlock(block));
}

/** Sends a request. @throws FollowRefused, InboxFull */
export async function sendRequest(
  deps: SocialDeps,
  username: string,
  request: FollowRequest,
  signal?: AbortSignal,
): Promise<void> {
  const owner = await deps.identityOf(username, signal);
  const key = await inboxKeyOf(deps, owner, signal);
  const bytes = sealFollowRequest(request, key, deps.random);
  if (!(await deps.node.inbox.send(owner, bytes))) throw new InboxFull(username);
}

/** What waits in our inbox and can be opened, each once; what cannot stays where it is. */
export async function receiveRequests({ node, person, clock }: SocialDeps): Promise<Received[]> {
  const { identity, boxing } = person;
  if (boxing === undefined) return [];
  const waiting = await node.inbox.list(identity.hash, await signTime(identity, clock()));
  const received: Received[] = [];
  const seen = new Set<string>();
  for (const bytes of waiting) {
    const key = toHex(bytes);
    if (seen.has(key)) continue;
    seen.add(key);
    try {
      received.push({ request: openFollowRequest(bytes, boxing), bytes });
    } catch (error) {
      if (!(error instanceof PyrgosError)) throw error; // somebody else's, or nobody's
    }
  }
  return received;
}

export async function removeRequest(
  { node, person }: SocialDeps,
  { bytes }: Pick<Received, 'bytes'>,
): Promise<void> {
  const { identity } = person;
  await node.inbox.remove(identity.hash, await sign(identity, bytes));
}
