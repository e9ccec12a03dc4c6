/** Accounts of other clients moved from node to node. */
import { describe, expect, it } from 'vitest';
import { exportOwnAccount, moveAccount, signIn } from '#lib/account/index.ts';
import { blobPieces, importAccount } from '#lib/archive/index.ts';
import { decodeBlock } from '#lib/codec/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import { Drive, type DriveDeps } from '#lib/drive/index.ts';
import { createHttpNode, handleRequest } from '#lib/node-http/index.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import type { LocalNode } from '#lib/node-local/index.ts';
import { type StorageNode } from '#lib/node/index.ts';
import { claimChainFromCbor } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { deviceOn, loadSet, readTree, type Row } from '../../scripts/interop-read.ts';
import { setUsers, type SetUser } from './sets.ts';

const NOW_MS = 1_795_430_467_852;
const carol = setUsers.find(({ username }) => username === 'carol')!;

function emptyNode(): LocalNode {
  return createLocalNode({ ...createMemoryStores(), clock: () => NOW_MS, random: systemRandom });
}

function deviceAt(node: DriveDeps['node'], username: string): DriveDeps {
  return deviceOn({ username, node: node as LocalNode, clock: () => NOW_MS });
}

async function placesOf({ folder, username }: SetUser) {
  const set = await loadSet(folder, username, failOnDamage);
  const newNode = emptyNode();
  return { from: deviceOn(set), to: deviceAt(newNode, username), newNode };
}

function failOnDamage(sentence: string): never {
  throw new Error(sentence);
}

/** What a device that knows nothing yet sees there. */
async function rowsAt(node: LocalNode, { username, password }: SetUser): Promise<Row[]> {
  const device = deviceAt(node, username);
  const session = await signIn(device, { username, password });
  const rows: Row[] = [];
  for await (const row of readTree(device, session, failOnDamage)) rows.push(row);
  return rows;
}

async function homeOf({ node }: DriveDeps, username: string): Promise<string | undefined> {
  const chain = claimChainFromCbor(decodeBlock(await node.names.chain(username)));
  return chain.at(-1)?.claim.storageProviders[0]?.toString();
}

const movable = setUsers.filter(({ username }) => username !== 'peergos');

describe.each(movable)('$username of $folder', (user) => {
  it('moves with everything there is', { timeout: 240_000 }, async () => {
    const { from, to, newNode } = await placesOf(user);
    const phases = new Set<string>();
    const session = await moveAccount(from, to, user, {
      onProgress: ({ phase, doneBytes, totalBytes }) => {
        expect(doneBytes).toBeLessThanOrEqual(totalBytes);
        phases.add(phase);
      },
    });
    expect(session.username).toBe(user.username);
    expect([...phases]).toEqual(['copying', 'checking']);
    expect(await rowsAt(newNode, user)).toEqual(user.expected);
    const newHome = (await newNode.blocks.nodeId()).toString();
    expect(await homeOf(from, user.username)).toBe(newHome);
    expect(await homeOf(to, user.username)).toBe(newHome);
    const drive = new Drive(to, session.home);
    await drive.makeDirectory(await drive.home(), 'at the new place');
    expect(await rowsAt(newNode, user)).toHaveLength(user.expected.length + 1);
  });
});

/** A server as a client sees it: everything goes through requests and responses. */
function served(node: LocalNode, host: string): StorageNode {
  const clock = () => NOW_MS;
  const handle = handleRequest(node, { hosts: [host], isPublic: true, pageOrigins: [], clock });
  return createHttpNode(`http://${host}`, { fetch: handle, clock });
}

it(
  'an account goes to a server, on to another one, and leaves in files',
  { timeout: 120_000 },
  async () => {
    const { from } = await placesOf(carol);
    const [first, second] = [emptyNode(), emptyNode()];
    const [atFirst, atSecond] = [served(first, 'first.test'), served(second, 'second.test')];
    await moveAccount(from, deviceAt(atFirst, 'carol'), carol);
    expect(await rowsAt(first, carol)).toEqual(carol.expected);
    await moveAccount(deviceAt(atFirst, 'carol'), deviceAt(atSecond, 'carol'), carol);
    expect(await rowsAt(second, carol)).toEqual(carol.expected);
    const exported = await exportOwnAccount(
      deviceAt(served(second, 'second.test'), 'carol'),
      carol,
    );
    const pieces: Uint8Array[] = [];
    for await (const piece of exported.blocks) pieces.push(piece);
    const deps = { ...createMemoryStores(), clock: () => NOW_MS, random: systemRandom };
    const blocks = new Blob(pieces as BlobPart[]);
    const description = exported.description();
    await importAccount(deps, { description, blocks: blobPieces(blocks) });
    expect(await rowsAt(createLocalNode(deps), carol)).toEqual(carol.expected);
  },
);

describe('a move that must not be', () => {
  it('is refused with a wrong password, and tells the new place nothing', async () => {
    const { from, to, newNode } = await placesOf(carol);
    const credentials = { ...carol, password: 'another' };
    await expect(moveAccount(from, to, credentials)).rejects.toMatchObject({
      name: 'WrongPassword',
    });
    expect(await newNode.names.usernames()).toEqual([]);
  });

  it('is refused for the operator, whose login is part of the public state', async () => {
    const operator = setUsers.find(({ username }) => username === 'peergos')!;
    const { from, to } = await placesOf(operator);
    await expect(moveAccount(from, to, operator)).rejects.toMatchObject({ name: 'MoveRefused' });
  });

  it('is not done twice', async () => {
    const { from, to } = await placesOf(carol);
    await moveAccount(from, to, carol);
    await expect(moveAccount(from, to, carol)).rejects.toThrow();
  });
});
