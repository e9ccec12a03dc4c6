/**
 * Sign-up (B-2 §6): name, claim, every signature and every rule are checked on paper before
 * anything is stored; then the blocks are stored, and last all records in one transaction. A crash
 * before that leaves blocks nobody reaches and the name free.
 *
 * Tighter than the reference, which registers the name first: login record and signed mirror BAT
 * are verified.
 */
import { encodeCbor } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { utf8 } from '#lib/bytes/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { SignedPointer, SignUpRequest } from '#lib/node/index.ts';
import {
  BadClaimChain,
  BATS_ADD_PATH,
  checkBlock,
  checkDetached,
  claimChainFromCbor,
  claimChainToCbor,
  loginRecordToBytes,
  MalformedRequest,
  NameTaken,
  openPointerUpdate,
  openSignedRequest,
  opLogFromBytes,
  parseRequest,
  pointerStateOf,
  REQUEST_WINDOW_MS,
  verifyClaimChain,
  WrongHost,
} from '#lib/protocol/index.ts';
import type { CheckedBlock, Operation, OpLog, UserPublicKeyLink } from '#lib/protocol/index.ts';
import type { RecordEntry } from '#lib/stores/index.ts';
import { uncounted } from './accounting.ts';
import { admit, isOperatorsToken, requireWork } from './sign-up-policy.ts';
import { batsToBytes, checkMirrorBat } from './bats.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { admitPointer } from './pointers.ts';
import type { Admission } from './pointers.ts';
import { ownNodeId } from './node-id.ts';
import { requireFreeAtRegistry } from './registered-names.ts';
import { Registry } from './writer-registry.ts';
import { usedRequest } from './signed-times.ts';
import { changedOwner, GRACE_BYTES, storeBlocks } from './usage.ts';
import { readOwner, replace, TABLE } from './records.ts';
import { requireNewName } from './users.ts';

const SIGN_UP_TRANSACTION = 'sign-up';

export async function signUp(deps: LocalNodeDeps, request: SignUpRequest): Promise<void> {
  const { username, token } = request;
  requireNewName(deps, username, await isOperatorsToken(deps, token));
  const link = await checkClaim(deps, request);
  await requireFree(deps, username, link.owner);
  await requireFreeAtRegistry(deps, username, request.chain);
  await admit(deps, username, link.owner, token);
  await requireWork(deps, request.chain, request.work);
  const opLog = parseRequest('The sign-up', () => opLogFromBytes(request.opLog));
  const used = await checkLogin(deps, opLog, username, link.owner);
  const { blocks } = await rehearse(deps, link.owner, opLog);
  const announcement = { owner: link.owner, tid: SIGN_UP_TRANSACTION, graceBytes: GRACE_BYTES };
  const announced = await storeBlocks(deps, announcement, blocks);
  await deps.registry?.register(username, request.chain, request.work, token);
  await compareAndSet(deps.records, async () => {
    await requireFree(deps, username, link.owner);
    const { pointers, registry } = await rehearse(deps, link.owner, opLog);
    const ownerRead = await readOwner(deps.records, link.owner);
    const admission = await admit(deps, username, link.owner, token);
    const created = [...createdRecords(username, link, opLog, pointers), ...used];
    const absent = created.map((entry) => ({ ...entry, value: undefined }));
    return {
      change: {
        expect: [
          ownerRead.entry,
          announced,
          ...absent,
          ...registry.expectations(),
          ...(admission.expect ?? []),
        ],
        writes: [
          ...created,
          ...admission.writes,
          ...registry.writes(),
          changedOwner(ownerRead),
          uncounted(deps, link.owner),
          replace(announced, undefined),
        ],
      },
      result: undefined,
    };
  });
}

/** A valid chain of one link that names this very node as home. */
async function checkClaim(
  deps: LocalNodeDeps,
  { username, chain }: SignUpRequest,
): Promise<UserPublicKeyLink> {
  const links = parseRequest('The claim', () => claimChainFromCbor(chain));
  const [link] = links;
  if (link === undefined || links.length !== 1) {
    throw new BadClaimChain('A sign-up has not exactly one claim.');
  }
  await verifyClaimChain(links, username);
  const nodeId = await ownNodeId(deps);
  if (link.claim.storageProviders[0]?.equals(nodeId) !== true) {
    throw new WrongHost('The sign-up is meant for another server.');
  }
  return link;
}

/** The records of signed requests that came with the sign-up and must not be sent again by others. */
async function checkLogin(
  deps: LocalNodeDeps,
  opLog: OpLog,
  username: string,
  identity: KeyHash,
): Promise<RecordEntry[]> {
  const { login, mirrorBat } = opLog;
  if (login !== undefined) {
    if (login.data.username !== username || login.data.change !== undefined) {
      throw new MalformedRequest('The login record of a sign-up is of another user.');
    }
    await checkDetached(identity, login.authorisation, login.bytes, 'The login record');
  }
  if (mirrorBat === undefined) return [];
  checkMirrorBat(mirrorBat.bat);
  const timeMs = await openSignedRequest(identity, mirrorBat.authorisation, BATS_ADD_PATH);
  // The clock of who signs up may be wrong; a time far off would shut him out.
  const isRecent = Math.abs(deps.clock() - timeMs) <= REQUEST_WINDOW_MS;
  return isRecent ? [usedRequest(identity, timeMs, BATS_ADD_PATH)] : [];
}

/** Throws {@link NameTaken}. */
export async function requireFree(
  deps: LocalNodeDeps,
  username: string,
  identity: KeyHash,
): Promise<void> {
  const name = await deps.records.get(TABLE.names, username);
  const known = await deps.records.get(TABLE.identities, identity.toString());
  const state = await deps.records.get(TABLE.pointers, identity.toString());
  if (name !== undefined) throw new NameTaken('This user name is taken.');
  if (known !== undefined || state !== undefined) {
    throw new NameTaken('This identity has a name already.');
  }
}

interface Rehearsal {
  readonly blocks: CheckedBlock[];
  readonly pointers: SignedPointer[];
  readonly registry: Registry;
}

/**
 * Goes through the operations as if the node held nothing else of this owner. Some clients send what
 * a writer writes before the state that lists the writer, and move one pointer several times; all of
 * it takes effect at once, so only the order within a writer matters. Each round takes what the
 * writers that are listed by now have sent.
 */
async function rehearse(deps: LocalNodeDeps, owner: KeyHash, opLog: OpLog): Promise<Rehearsal> {
  const registry = new Registry(deps.records);
  if ((await registry.get(owner)) !== undefined) throw new NameTaken('This identity is known.');
  registry.set(owner, { owner, parent: undefined, removedMs: undefined });
  const blocks = new Map<string, CheckedBlock>();
  const load = async (cid: Cid) => blocks.get(cid.toString())?.bytes;
  const moment = { nowMs: deps.clock(), nextChange: 0 };
  const pointers = new PointerRehearsal({ owner, registry, load, moment });
  let waiting = opLog.operations;
  while (waiting.length > 0) {
    const { ready, later } = await splitByPlace(registry, owner, waiting);
    // Says of the first that has no place why not.
    if (ready.length === 0) await registry.requireLive(owner, later[0]!.write.writer);
    for (const { kind, write } of ready) {
      if (kind !== 'block') continue;
      const checked = await checkBlock(write.writer, write, write.isRaw ? 'raw' : 'dag-cbor');
      blocks.set(checked.cid.toString(), checked);
    }
    for (const { kind, write } of ready) {
      if (kind === 'pointer') await pointers.move(write);
    }
    waiting = later;
  }
  if (pointers.last.get(owner.toString()) === undefined) {
    throw new MalformedRequest('A sign-up lacks the state of its identity.');
  }
  return { blocks: [...blocks.values()], pointers: [...pointers.last.values()], registry };
}

/** The operations of writers that have a place by now, and the others. */
async function splitByPlace(
  registry: Registry,
  owner: KeyHash,
  operations: readonly Operation[],
): Promise<{ ready: Operation[]; later: Operation[] }> {
  const ready: Operation[] = [];
  const later: Operation[] = [];
  for (const operation of operations) {
    const isLive = await registry.isLive(owner, operation.write.writer);
    (isLive ? ready : later).push(operation);
  }
  return { ready, later };
}

/** The pointers as they move, each from where it was left. */
class PointerRehearsal {
  /** The last update of each writer. */
  readonly last = new Map<string, SignedPointer>();
  readonly #admission: Admission;

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  async move(pointer: SignedPointer): Promise<void> {
    const key = pointer.writer.toString();
    const update = await openPointerUpdate(pointer.writer, pointer.signed);
    const current = pointerStateOf(this.last.get(key)?.signed);
    await admitPointer(this.#admission, pointer.writer, current, update);
    this.last.set(key, pointer);
  }
}

/** The records that must all be absent and appear together. */
function createdRecords(
  username: string,
  link: UserPublicKeyLink,
  opLog: OpLog,
  pointers: readonly SignedPointer[],
): RecordEntry[] {
  const identity = link.owner.toString();
  const created: RecordEntry[] = [
    { table: TABLE.names, key: username, value: encodeCbor(claimChainToCbor([link])) },
    { table: TABLE.identities, key: identity, value: utf8(username) },
    ...pointers.map(({ writer, signed }) => ({
      table: TABLE.pointers,
      key: writer.toString(),
      value: signed,
    })),
  ];
  if (opLog.login !== undefined) {
    const value = loginRecordToBytes(opLog.login.data);
    created.push({ table: TABLE.logins, key: username, value });
  }
  if (opLog.mirrorBat !== undefined) {
    created.push({ table: TABLE.bats, key: identity, value: batsToBytes([opLog.mirrorBat.bat]) });
  }
  return created;
}
