/** Which calls go where: the table of B-1 §2 and §3, and what becomes of failures. */
import { beforeAll, describe, expect, test } from 'vitest';
import { Cid, CODEC, decodeBlock } from '#lib/codec/index.ts';
import { Bat, hashBlockNow } from '#lib/crypto/index.ts';
import { createBench, keyPair, seededRandom, TestAccount } from '#lib/node-local/testing.ts';
import type { StorageNode } from '#lib/node/index.ts';
import {
  claimChainFromCbor,
  createClaimLink,
  HomeServerAway,
  MalformedAnswer,
  NameTaken,
  NodeUnreachable,
  NotOffered,
  Unauthorised,
  UnknownUser,
  WrongHost,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { createForwardingNode } from './forwarding-node.ts';
import type { FetchPublic } from './forwarding.ts';
import type { NameDirectory } from './name-directory.ts';
import type { NodeTransport } from './node-transport.ts';

const ZERO_NODE = Cid.parse('zdvgq1QytJnbSZiAGiduxkd7hnhdnpHqBSfYGiCyG1YQjLEij');
const SUCCESSOR = Cid.parse('12D3KooWFv6ZcoUKyaDBB7nR5SQg6HpmEbDXad48WyFSyEk7xrSR');

type Answer = (part: string, method: string) => unknown;

/** A node of which every call is noted, as `part.method`, and answered by `answer`. */
function recordingNode(seen: string[], answer: Answer = () => undefined): StorageNode {
  const part = (name: string) =>
    new Proxy(
      {},
      {
        get: (_, method: string) => async () => {
          seen.push(`${name}.${method}`);
          return answer(name, method);
        },
      },
    );
  return new Proxy({} as StorageNode, { get: (_, name: string) => part(name) });
}

function directoryOf(chains: readonly (readonly UserPublicKeyLink[])[]): NameDirectory {
  const usernameOf = (link: UserPublicKeyLink) => link.claim.username;
  return {
    usernameOf: async (owner) =>
      chains
        .flat()
        .filter((link) => link.owner.equals(owner))
        .map(usernameOf)[0],
    chainOf: async (name) => chains.find((chain) => usernameOf(chain[0]!) === name),
    usernames: async () => chains.map((chain) => usernameOf(chain[0]!)),
  };
}

async function chainAt(username: string, nodeId: Cid): Promise<UserPublicKeyLink[]> {
  const claim = { username, expiry: '2099-01-01', storageProviders: [nodeId] };
  return [await createClaimLink(keyPair(`${username} identity`), claim)];
}

const { node: local } = createBench();
let home: Cid;
let bobsChain: readonly UserPublicKeyLink[];

beforeAll(async () => {
  await TestAccount.signUp(local, 'alice');
  home = await createBench({ random: seededRandom('home') }).node.blocks.nodeId();
  bobsChain = await chainAt('bob', home);
});

/** alice is here; bob's home is another node, which answers what `answer` says. */
async function neighbours(
  options: {
    readonly answer?: Answer;
    readonly admitsGuests?: boolean;
    readonly fetchPublic?: FetchPublic;
    readonly transport?: Partial<NodeTransport>;
    readonly chains?: readonly (readonly UserPublicKeyLink[])[];
  } = {},
) {
  const seen: string[] = [];
  const asked: string[] = [];
  const remote = recordingNode(seen, options.answer);
  const node = createForwardingNode({
    local,
    directory: directoryOf(options.chains ?? [bobsChain]),
    transport: {
      nodeOf: async (nodeId) => {
        asked.push(nodeId.toPeerId());
        return remote;
      },
      ...options.transport,
    },
    clock: () => 0,
    admitsGuests: options.admitsGuests ?? true,
    fetchPublic: options.fetchPublic,
  });
  return { node, seen, asked };
}

const ALICE = keyPair('alice identity').hash;
const BOB = keyPair('bob identity').hash;
const NONE = new Uint8Array();
const WORK = { prefix: NONE };
const KEY = keyPair('bob login');

/** Each call about `owner`, of the name `name`, that B-1 §2 marks P, and how it is made. */
const FORWARDED: Record<string, (node: StorageNode, owner: typeof BOB, name: string) => unknown> = {
  'blocks.startTransaction': (it, owner) => it.blocks.startTransaction(owner),
  'blocks.closeTransaction': (it, owner) => it.blocks.closeTransaction(owner, 'tid'),
  'blocks.put': (it, owner) => it.blocks.put(owner, owner, [], 'raw', 'tid'),
  'blocks.get': (it, owner) => it.blocks.get(owner, owner),
  'blocks.champLookup': (it, owner) => it.blocks.champLookup(owner, owner, []),
  'pointers.get': (it, owner) => it.pointers.get(owner, owner),
  'pointers.set': (it, owner) => it.pointers.set(owner, owner, NONE),
  'pointers.setMany': (it, owner) => it.pointers.setMany(owner, []),
  'bats.list': (it, owner) => it.bats.list(owner, NONE),
  'bats.add': (it, owner) => it.bats.add(owner, null as never, NONE),
  'inbox.send': (it, owner) => it.inbox.send(owner, NONE),
  'inbox.list': (it, owner) => it.inbox.list(owner, NONE),
  'inbox.remove': (it, owner) => it.inbox.remove(owner, NONE),
  'links.get': (it, owner) => it.links.get(owner, 1n),
  'links.host': (it, owner) => it.links.host(owner),
  'links.published': (it, _, name) => it.links.published(name, []),
  'space.usageBytes': (it, owner) => it.space.usageBytes(owner, NONE),
  'space.quotaBytes': (it, owner) => it.space.quotaBytes(owner, NONE),
  'accounts.getLogin': (it, _, name) => it.accounts.getLogin(name, KEY.publicKey, NONE),
  'accounts.setLogin': (it, _, name) => it.accounts.setLogin(name, NONE, NONE),
  'names.updateChain': (it, _, name) => it.names.updateChain(name, [], WORK, ''),
  'secondFactors.list': (it, _, name) => it.secondFactors.list(name, NONE),
  'secondFactors.addTotp': (it, _, name) => it.secondFactors.addTotp(name, NONE),
  'secondFactors.enableTotp': (it, _, name) => it.secondFactors.enableTotp(name, NONE, '', NONE),
  'secondFactors.addMount': (it, _, name) => it.secondFactors.addMount(name, '', NONE),
  'secondFactors.enableMount': (it, _, name) => it.secondFactors.enableMount(name, NONE, '', NONE),
  'secondFactors.generateBackupCodes': (it, _, name) =>
    it.secondFactors.generateBackupCodes(name, NONE),
  'secondFactors.startSecurityKey': (it, _, name) => it.secondFactors.startSecurityKey(name, NONE),
  'secondFactors.completeSecurityKey': (it, _, name) =>
    it.secondFactors.completeSecurityKey(name, '', { response: null }, NONE),
  'secondFactors.remove': (it, _, name) => it.secondFactors.remove(name, NONE, NONE),
};

/** Calls that stay at the node that is asked (B-1 §3.1). */
const KEPT_HERE: Record<string, (node: StorageNode) => unknown> = {
  'blocks.nodeId': (it) => it.blocks.nodeId(),
  'blocks.nodeIds': (it) => it.blocks.nodeIds(),
  'blocks.nodeRecord': (it) => it.blocks.nodeRecord(BOB),
  'blocks.properties': (it) => it.blocks.properties(),
  'blocks.peerAddresses': (it) => it.blocks.peerAddresses!(),
  'blocks.sizeBytes': (it) => it.blocks.sizeBytes(BOB, BOB),
  'blocks.authoriseWrites': (it) => it.blocks.authoriseWrites(BOB, BOB, [], 'tid'),
  'blocks.authoriseReads': (it) => it.blocks.authoriseReads(BOB, []),
  'names.publicKey': (it) => it.names.publicKey('bob'),
  'names.nameOf': (it) => it.names.nameOf(BOB),
  'names.chain': (it) => it.names.chain('bob'),
  'names.usernames': (it) => it.names.usernames(),
  'names.migrate': (it) => it.names.migrate({ username: 'bob' } as never),
  'names.mirror': (it) => it.names.mirror!({ username: 'bob' } as never),
  'names.migrateInSteps': (it) =>
    it.names.migrateInSteps!({ username: 'bob' } as never, { token: '', addresses: [] }),
  'accounts.signUp': (it) => it.accounts.signUp({ username: 'bob' } as never),
  'messages.retrieve': (it) => it.messages.retrieve('bob', NONE),
  'messages.send': (it) => it.messages.send('bob', NONE),
  'space.payment': (it) => it.space.payment(BOB, NONE, false),
  'space.request': (it) => it.space.request(BOB, NONE),
  'admin.pending': (it) => it.admin.pending(BOB, NONE),
  'admin.approve': (it) => it.admin.approve(BOB, NONE),
  'admin.version': (it) => it.admin.version(),
  'admin.openSignUps': (it) => it.admin.openSignUps(),
  'admin.joinWaitingList': (it) => it.admin.joinWaitingList(''),
};

const settled = async (work: unknown): Promise<void> => {
  await Promise.resolve(work).catch(() => undefined);
};

describe('a call', () => {
  test.each(Object.entries(FORWARDED))('%s goes to the home of its owner', async (name, call) => {
    const { node, seen, asked } = await neighbours();
    await settled(call(node, BOB, 'bob'));
    expect([seen, asked]).toEqual([[name], [home.toPeerId()]]);
    await settled(call(node, ALICE, 'alice'));
    await settled(call(node, keyPair('nobody').hash, 'nobody'));
    expect(seen).toEqual([name]);
  });

  test.each(Object.entries(KEPT_HERE))('%s stays here', async (_, call) => {
    const { node, seen, asked } = await neighbours();
    await settled(call(node));
    expect([seen, asked]).toEqual([[], []]);
  });

  test('of every kind is one of both', () => {
    const { node } = createBench();
    const { collect, operator, storedBytes, copies, ...parts } = node;
    expect([collect, operator, storedBytes, copies]).toHaveLength(4);
    const calls = Object.entries(parts).flatMap(([part, methods]) =>
      Object.keys(methods as object).map((method) => `${part}.${method}`),
    );
    const known = [...Object.keys(FORWARDED), ...Object.keys(KEPT_HERE)];
    expect(known.sort()).toEqual(calls.filter((it) => it !== 'blocks.parallelPuts').sort());
  });

  test('to an object store is for those alone whose home is here', async () => {
    const { node } = await neighbours();
    await expect(node.blocks.authoriseReads(BOB, [])).rejects.toThrow(NotOffered);
  });

  test('about an account whose claim names this node, or no node at all, is answered here', async () => {
    const chains = [
      await chainAt('bob', await local.blocks.nodeId()),
      await chainAt('carol', ZERO_NODE),
    ];
    const { node, asked } = await neighbours({ chains });
    for (const name of ['bob', 'carol']) {
      const owner = keyPair(`${name} identity`).hash;
      expect(await node.pointers.get(owner, owner)).toBeUndefined();
      await expect(node.accounts.getLogin(name, KEY.publicKey, NONE)).rejects.toThrow(UnknownUser);
    }
    expect(asked).toEqual([]);
  });
});

describe('names', () => {
  test('are those of this node, then those of the directory, and nobody else is asked', async () => {
    const { node } = await neighbours();
    expect(await node.names.publicKey('alice')).toEqual(ALICE);
    expect(await node.names.publicKey('bob')).toEqual(BOB);
    expect(await node.names.nameOf(BOB)).toBe('bob');
    expect((await node.names.usernames()).sort()).toEqual(['alice', 'bob']);
    const [link] = claimChainFromCbor(decodeBlock(await node.names.chain('bob')));
    expect(link?.claim.storageProviders[0]?.toString()).toBe(home.toString());
    expect(await node.names.chain('carol')).toEqual(Uint8Array.of(0x80));
  });

  test('of the directory take no name of this node, nor its calls', async () => {
    const other = keyPair('another alice');
    const claim = { username: 'alice', expiry: '2099-01-01', storageProviders: [SUCCESSOR] };
    const { node, asked } = await neighbours({ chains: [[await createClaimLink(other, claim)]] });
    expect(await node.names.publicKey('alice')).toEqual(ALICE);
    await settled(node.accounts.getLogin('alice', KEY.publicKey, NONE));
    expect(asked).toEqual([]);
  });
});

test('a name that is taken elsewhere is not given away here', async () => {
  const { node } = await neighbours();
  const request = { username: 'bob' } as never;
  await expect(node.accounts.signUp(request)).rejects.toBeInstanceOf(NameTaken);
});

test('guests may not sign in where the operator says so, and read all the same', async () => {
  const { node, seen } = await neighbours({ admitsGuests: false });
  const login = (name: string) => node.accounts.getLogin(name, KEY.publicKey, NONE);
  await expect(login('bob')).rejects.toThrow(WrongHost);
  await node.pointers.get(BOB, BOB);
  expect(seen).toEqual(['pointers.get']);
  await expect(login('alice')).rejects.not.toThrow(WrongHost);
});

const failing = (error: Error): Answer => {
  return () => {
    throw error;
  };
};

test('a block that needs no BAT may come from others while its home is away', async () => {
  const block = Uint8Array.of(7);
  const [known, other] = [7, 8].map((n) => hashBlockNow(Uint8Array.of(n), CODEC.raw)) as [Cid, Cid];
  const fetched: string[] = [];
  const fetchPublic = async (cid: Cid) => {
    fetched.push(cid.toString());
    return cid.equals(known) ? block : undefined;
  };
  const of = async (answer: Answer) => (await neighbours({ answer, fetchPublic })).node.blocks;
  const away = await of(failing(new NodeUnreachable()));
  expect(await away.get(BOB, known)).toEqual(block);
  await expect(away.get(BOB, other)).rejects.toThrow(HomeServerAway);
  expect(fetched.splice(0)).toEqual([known, other].map(String));
  const bat = new Bat(new Uint8Array(32)).withId();
  await expect(away.get(BOB, known, bat)).rejects.toThrow(HomeServerAway);
  // A home that answers has the last word, and accounts that are here ask nobody.
  expect(await (await of(() => undefined)).get(BOB, known)).toBeUndefined();
  await expect((await of(failing(new Unauthorised()))).get(BOB, known)).rejects.toThrow(
    Unauthorised,
  );
  expect(await away.get(ALICE, known)).toBeUndefined();
  expect(fetched).toEqual([]);
});

describe('a home', () => {
  test.each([
    ['cannot be reached', new NodeUnreachable()],
    ['answers something else', new MalformedAnswer('?')],
  ])('that %s is away: nothing is said to be absent', async (_, error) => {
    const { node } = await neighbours({ answer: failing(error) });
    await expect(node.pointers.get(BOB, BOB)).rejects.toBeInstanceOf(HomeServerAway);
    await expect(node.blocks.get(BOB, BOB)).rejects.toHaveProperty('kind', 'offline');
  });

  test('to which there is no way is away', async () => {
    const { node } = await neighbours({ transport: { nodeOf: async () => undefined } });
    await expect(node.pointers.get(BOB, BOB)).rejects.toBeInstanceOf(HomeServerAway);
  });

  test('that refuses is heard, and not asked again', async () => {
    const { node, seen } = await neighbours({ answer: failing(new Unauthorised()) });
    await expect(node.blocks.get(BOB, BOB)).rejects.toBeInstanceOf(Unauthorised);
    expect(seen).toEqual(['blocks.get']);
  });

  test('that another node took over from is left for that one, once and for good', async () => {
    const seen: string[] = [];
    const reached: string[] = [];
    let records = 0;
    const { node } = await neighbours({
      transport: {
        nodeOf: async (nodeId) => {
          reached.push(nodeId.toPeerId());
          const isOld = nodeId.toPeerId() !== SUCCESSOR.toPeerId();
          return recordingNode(seen, isOld ? failing(new WrongHost()) : () => undefined);
        },
        successorOf: async () => {
          records++;
          return SUCCESSOR;
        },
      },
    });
    await node.pointers.get(BOB, BOB);
    await node.pointers.get(BOB, BOB);
    expect(reached).toEqual([home, SUCCESSOR, SUCCESSOR].map((it) => it.toPeerId()));
    expect([records, seen.length]).toEqual([1, 3]);
  });

  test('that is known from before to have been taken over is not asked any more', async () => {
    const reached: string[] = [];
    let recalled = 0;
    const { node } = await neighbours({
      transport: {
        nodeOf: async (nodeId) => {
          reached.push(nodeId.toPeerId());
          return recordingNode([]);
        },
        knownSuccessorOf: async () => {
          recalled++;
          return SUCCESSOR;
        },
      },
    });
    await node.pointers.get(BOB, BOB);
    await node.pointers.get(BOB, BOB);
    expect(reached).toEqual([SUCCESSOR, SUCCESSOR].map((it) => it.toPeerId()));
    expect(recalled).toBe(1);
  });

  test('is looked for once by all who ask it at the same time', async () => {
    let records = 0;
    const { node } = await neighbours({
      transport: {
        nodeOf: async (nodeId) =>
          recordingNode(
            [],
            nodeId.toPeerId() === SUCCESSOR.toPeerId()
              ? () => undefined
              : failing(new NodeUnreachable()),
          ),
        successorOf: async () => {
          records++;
          return SUCCESSOR;
        },
      },
    });
    await Promise.all(Array.from({ length: 5 }, () => node.pointers.get(BOB, BOB)));
    expect(records).toBe(1);
  });
});
