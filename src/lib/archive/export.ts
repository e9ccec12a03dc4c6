/**
 * An account out of any storage node, into files: the blocks that its writers' present states lead
 * to, each verified on the way, and the description of what lies beside them. Blocks are streamed;
 * what is held are their names.
 *
 * The archive opens with the account's password alone. Without the password one sees
 * what the node sees: sealed blocks, their access tokens, and the name.
 */
import { carHeader, carSection } from '#lib/car/index.ts';
import { decodeBlock } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { signRequest, signTime } from '#lib/crypto/index.ts';
import type { SigningKeyPair } from '#lib/crypto/index.ts';
import { reachableBlocks } from '#lib/node/index.ts';
import { BATS_LIST_PATH, claimChainFromCbor, verifyClaimChain } from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { Snapshot } from '#lib/writers/index.ts';
import type { SpaceDeps } from '#lib/writers/index.ts';
import { formatDescription } from './description.ts';
import type { DescribedLogin, DescribedUser } from './description.ts';
import { AccountChanging, BlocksLost, NotTheOwner } from './errors.ts';
import { readBlockUnlessLost } from './blocks.ts';
import { isSameState, readPointers } from './pointers.ts';
import type { VerifiedPointer } from './pointers.ts';

/** Whose account, and what only a sign-in with the password knows of it. */
export interface AccountToExport {
  readonly username: string;
  readonly identity: SigningKeyPair;
  /** Absent: the account keeps its entry points in its public state (B-3 §7). */
  readonly login: DescribedLogin | undefined;
}

export interface ExportProgress {
  readonly doneBytes: number;
  /** What the node says the account uses: near what there will be. */
  readonly totalBytes: number;
}

export interface ExportOptions {
  /** Name and version of the program, for the description. */
  readonly software?: string;
  readonly onProgress?: (progress: ExportProgress) => void;
  readonly signal?: AbortSignal;
}

export interface AccountExport {
  /** `blocks.car`, once, piece by piece. */
  readonly blocks: AsyncGenerator<Uint8Array, void, void>;
  /** `node.json`, when all blocks have been taken. */
  description(): string;
}

/**
 * Reads what the account consists of at this moment; its blocks follow as they are taken.
 * @throws NotTheOwner, and what the node refuses with; while blocks are taken AccountChanging, BlocksLost
 */
export async function exportAccount(
  deps: SpaceDeps,
  account: AccountToExport,
  options: ExportOptions = {},
): Promise<AccountExport> {
  const { node, clock } = deps;
  const user = await describeAccount(deps, account, options.signal);
  const serverId = await node.blocks.nodeId();
  let written: { count: number; bytes: number } | undefined;
  const blocks = async function* (): AsyncGenerator<Uint8Array, void, void> {
    written = yield* writeBlocks(deps, user, options);
  };
  return {
    blocks: blocks(),
    description() {
      if (written === undefined) throw new RangeError('the blocks have not all been taken');
      const { software = 'pyrgos' } = options;
      const { described } = user;
      const capturedAtMs = clock();
      return formatDescription({
        serverId,
        capturedAtMs,
        software,
        blocks: written,
        users: [described],
      });
    },
  };
}

interface AccountNow {
  readonly described: DescribedUser;
  readonly pointers: readonly VerifiedPointer[];
}

async function describeAccount(
  deps: SpaceDeps,
  { username, identity, login }: AccountToExport,
  signal: AbortSignal | undefined,
): Promise<AccountNow> {
  const { node, clock } = deps;
  const owner = identity.hash;
  const chain = await verifiedChain(deps, username, identity);
  const auth = (): Promise<Uint8Array> => signTime(identity, clock());
  const pointers = await readPointers(deps, owner, signal);
  const bats = await node.bats.list(owner, await signRequest(identity, BATS_LIST_PATH, clock()));
  const described = {
    username,
    identity: owner,
    chain,
    login,
    pointers,
    bats,
    followRequests: await node.inbox.list(owner, await auth()),
    linkCounts: [], // only the node itself knows them
    quotaBytes: await node.space.quotaBytes(owner, await auth()),
    usageBytes: await node.space.usageBytes(owner, await auth()),
  };
  return { described, pointers };
}

async function verifiedChain(
  { node }: SpaceDeps,
  username: string,
  identity: SigningKeyPair,
): Promise<readonly UserPublicKeyLink[]> {
  const chain = claimChainFromCbor(decodeBlock(await node.names.chain(username)));
  await verifyClaimChain(chain, username);
  if (chain.at(-1)?.owner.equals(identity.hash) === true) return chain;
  throw new NotTheOwner('The storage says that this name belongs to somebody else.');
}

async function* writeBlocks(
  deps: SpaceDeps,
  { described, pointers }: AccountNow,
  { onProgress, signal }: ExportOptions,
): AsyncGenerator<Uint8Array, { count: number; bytes: number }, void> {
  const roots = pointers.flatMap(({ target }) => target ?? []);
  const snapshot = new Snapshot(deps, described.identity);
  const lost: Cid[] = [];
  const load = (cid: Cid) => readBlockUnlessLost(lost, snapshot, cid, described.bats, signal);
  const totalBytes = described.usageBytes ?? 0;
  yield carHeader(roots);
  let count = 0;
  let bytes = 0;
  for await (const block of reachableBlocks(roots, load, signal)) {
    // Without all blocks there is no archive: the others are read to learn which are lost.
    if (lost.length === 0) yield carSection(block.cid, block.bytes);
    count++;
    bytes += block.bytes.length;
    onProgress?.({ doneBytes: bytes, totalBytes: Math.max(totalBytes, bytes) });
  }
  if (lost.length > 0) {
    const now = await readPointers(deps, described.identity, signal);
    throw isSameState(pointers, now) ? new BlocksLost(lost) : new AccountChanging();
  }
  return { count, bytes };
}
