/**
 * A person has an account of another node mirrored here, or ends that (B-2 §9, B-6 §8). The identity
 * signs for it, and is admitted like anybody who comes here. Everything in a request is hostile.
 */
import { decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { MirrorRequest, MirrorStatus } from '#lib/node/index.ts';
import {
  BadClaimChain,
  checkDetached,
  checkSignedRequest,
  claimChainFromCbor,
  claimChainToCbor,
  LOGIN_DATA_MAX_BYTES,
  loginDataFromCbor,
  loginRecordToBytes,
  MalformedRequest,
  MIRROR_END_PATH,
  MIRROR_PATH,
  parseRequest,
  verifyClaimChain,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { isCopyHere } from './account-copy.ts';
import { checkMirrorBat } from './bats.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { mirrorNoteToBytes, readMirrorNote } from './mirror-note.ts';
import { mirrorSoon, workOf } from './mirror.ts';
import { isOwnNodeId } from './node-id.ts';
import { replace, TABLE } from './records.ts';
import { requireFree } from './sign-up.ts';
import { admitMigration } from './sign-up-policy.ts';
import { requireMigratingName } from './users.ts';

/**
 * Begins, or says how far it is: the same request may be sent again.
 * @throws BadClaimChain, `SignUpClosed`, `NameTaken`, `WrongSignature`, `StaleClock`
 */
export async function mirror(deps: LocalNodeDeps, request: MirrorRequest): Promise<MirrorStatus> {
  const { username, bat, isEnded } = request;
  const links = parseRequest('The claim chain', () => claimChainFromCbor(request.chain));
  await verifyClaimChain(links, username);
  const last = await requireElsewhere(deps, links);
  const path = isEnded ? MIRROR_END_PATH : MIRROR_PATH;
  await checkSignedRequest(last.owner, request.auth, path, deps.clock());
  if (isEnded) return end(deps, last, username);
  checkMirrorBat(bat);
  requireMigratingName(deps, username);
  const login = await loginIn(request, last);
  await compareAndSet(deps.records, async () => {
    const note = await readMirrorNote(deps.records, username);
    const isKnown = note.value !== undefined || (await isCopyHere(deps, username, last.owner));
    if (!isKnown) await requireFree(deps, username, last.owner);
    else if (note.value !== undefined) requireSamePerson(note.value.chain, last);
    const { token, addresses } = request.extras;
    const admission = isKnown
      ? { writes: [] }
      : await admitMigration(deps, username, last.owner, token);
    const value = mirrorNoteToBytes({
      chain: note.value?.chain ?? encodeCbor(claimChainToCbor(links)),
      bat,
      addresses,
      login: login ?? note.value?.login,
      seenMs: note.value?.seenMs,
    });
    return {
      change: {
        expect: [note.entry, ...(admission.expect ?? [])],
        writes: [replace(note.entry, value), ...admission.writes],
      },
      result: undefined,
    };
  });
  mirrorSoon(deps, username);
  return statusOf(deps, username);
}

/** The login record goes with it: who sets the copy up again may have second factors by then. */
async function end(
  deps: LocalNodeDeps,
  { owner }: UserPublicKeyLink,
  username: string,
): Promise<MirrorStatus> {
  await compareAndSet(deps.records, async () => {
    const note = await readMirrorNote(deps.records, username);
    const login = { table: TABLE.logins, key: username, value: undefined };
    const isCopy = await isCopyHere(deps, username, owner);
    const writes = [replace(note.entry, undefined), ...(isCopy ? [login] : [])];
    return { change: { expect: [note.entry], writes }, result: undefined };
  });
  return { seenMs: undefined, doneBytes: 0, isBusy: false, failure: undefined };
}

async function statusOf(deps: LocalNodeDeps, username: string): Promise<MirrorStatus> {
  const note = await readMirrorNote(deps.records, username);
  return { seenMs: note.value?.seenMs, ...workOf(deps, username) };
}

async function requireElsewhere(
  deps: LocalNodeDeps,
  links: readonly UserPublicKeyLink[],
): Promise<UserPublicKeyLink> {
  const last = links.at(-1);
  const home = last?.claim.storageProviders[0];
  if (last !== undefined && home !== undefined && !(await isOwnNodeId(deps, home))) return last;
  throw new BadClaimChain('This account has its home here: there is nothing to mirror.');
}

function requireSamePerson(noted: Uint8Array, last: UserPublicKeyLink): void {
  const known = claimChainFromCbor(decodeCbor(noted)).at(-1);
  if (known?.owner.equals(last.owner) === true) return;
  throw new BadClaimChain('Another identity with this name is mirrored here.');
}

async function loginIn(
  { login, username }: MirrorRequest,
  { owner }: UserPublicKeyLink,
): Promise<Uint8Array | undefined> {
  if (login === undefined) return undefined;
  const { bytes, auth } = login;
  if (bytes.length > LOGIN_DATA_MAX_BYTES) throw new MalformedRequest('Login data are too long.');
  await checkDetached(owner, auth, bytes, 'The login data');
  const data = parseRequest('The login data', () => loginDataFromCbor(decodeCbor(bytes)));
  if (data.username !== username || data.change !== undefined) {
    throw new MalformedRequest('Login data are of another user.');
  }
  return loginRecordToBytes(data);
}
