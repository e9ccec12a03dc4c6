import { beforeAll, describe, expect, test } from 'vitest';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import { signTime, solveProofOfWork, startCrypto } from '#lib/crypto/index.ts';
import { BadName, SignUpClosed, WorkRequired } from '#lib/protocol/index.ts';
import { createBench, TestAccount } from './testing.ts';
import { createLocalNode } from './local-node.ts';
import type { LocalNode } from './local-node.ts';

beforeAll(() => startCrypto());

async function signUp(node: LocalNode, username: string, token = ''): Promise<TestAccount> {
  const account = new TestAccount(node, username);
  await node.accounts.signUp({ ...(await account.signUpRequest()), token });
  return account;
}

const quotaOf = async (account: TestAccount, nowMs: number) =>
  account.node.space.quotaBytes(account.owner, await signTime(account.identity, nowMs));

describe('who may sign up', () => {
  test('anybody, with no quota, where there is no policy', async () => {
    const { node, time } = createBench();
    const account = await signUp(node, 'alice', 'whatever');
    expect(await quotaOf(account, time.nowMs)).toBe(Number.MAX_SAFE_INTEGER);
    expect(await node.admin.openSignUps()).toEqual({ free: true, paid: false });
  });

  test('as many as the node takes; an invitation still admits', async () => {
    const { node, time } = createBench({
      signUps: { admits: 'anyone', maxUsers: 2, quotaBytes: 5_000_000 },
    });
    expect(await quotaOf(await signUp(node, 'alice'), time.nowMs)).toBe(5_000_000);
    expect((await node.admin.openSignUps()).free).toBe(true);
    await signUp(node, 'bob');
    expect((await node.admin.openSignUps()).free).toBe(false);
    await expect(signUp(node, 'carol')).rejects.toMatchObject({ reason: 'closed' });
    await expect(signUp(node, 'carol', 'no token')).rejects.toMatchObject({ reason: 'token' });
    const token = await node.operator.createInvitation({ quotaBytes: 7_000_000 });
    expect(token).toMatch(/^[0-9a-f]{64}$/u);
    expect(await quotaOf(await signUp(node, 'carol', token), time.nowMs)).toBe(7_000_000);
  });

  test('only so many even if all come at once, to several processes', async () => {
    const { node, deps } = createBench({ signUps: { admits: 'anyone', maxUsers: 3 } });
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const outcomes = await Promise.allSettled(
      names.map((name) => signUp(createLocalNode(deps), name)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await node.names.usernames()).toHaveLength(3);
  });

  test('the holder of an invitation, once', async () => {
    const { node, deps } = createBench({ signUps: { admits: 'invited' } });
    await expect(signUp(node, 'alice')).rejects.toBeInstanceOf(SignUpClosed);
    const token = await node.operator.createInvitation();
    expect(await node.operator.invitations()).toHaveLength(1);
    const both = await Promise.allSettled([
      signUp(createLocalNode(deps), 'alice', token),
      signUp(createLocalNode(deps), 'bob', token),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await node.operator.invitations()).toEqual([]);
    await expect(signUp(node, 'carol', token)).rejects.toMatchObject({ reason: 'token' });
  });

  test('only a future operator where the node is closed', async () => {
    const { node } = createBench({ signUps: { admits: 'nobody' } });
    const plain = await node.operator.createInvitation();
    await expect(signUp(node, 'alice', plain)).rejects.toMatchObject({ reason: 'token' });
    const special = await node.operator.createInvitation({ makesOperator: true });
    await signUp(node, 'alice', special);
    expect(await node.operator.operators()).toEqual(['alice']);
  });

  test('a withdrawn invitation admits nobody, and no record shows a token', async () => {
    const { node, deps } = createBench({ signUps: { admits: 'invited' } });
    const token = await node.operator.createInvitation();
    const [invitation] = await node.operator.invitations();
    const records = await deps.records.list('tokens', '');
    expect(JSON.stringify(records.map(({ key }) => key))).not.toContain(token);
    await node.operator.removeInvitation(invitation?.id ?? '');
    await expect(signUp(node, 'alice', token)).rejects.toBeInstanceOf(SignUpClosed);
  });
});

test('the name whose files clients take for recommendations is the operator’s', async () => {
  const { node } = createBench({ signUps: { admits: 'anyone' } });
  await expect(signUp(node, 'peergos')).rejects.toMatchObject({ reason: 'operator' });
  const plain = await node.operator.createInvitation();
  await expect(signUp(node, 'peergos', plain)).rejects.toMatchObject({ reason: 'operator' });
  await expect(signUp(node, 'no/name')).rejects.toBeInstanceOf(BadName);
  await signUp(createBench({ operators: ['peergos'] }).node, 'peergos');
});

test('an operator’s invitation makes that account, once, as the oldest kind too', async () => {
  const { node } = createBench({ signUps: { admits: 'nobody' } });
  const token = await node.operator.createInvitation({ makesOperator: true });
  const account = new TestAccount(node, 'peergos');
  const parts = await account.opLogParts();
  for (const key of ['login', 'loginAuth']) parts.delete(key);
  const request = await account.signUpRequest();
  await node.accounts.signUp({ ...request, opLog: encodeCbor(cborMap(parts)), token });
  expect(await node.operator.operators()).toEqual(['peergos']);
  expect(await node.operator.invitations()).toEqual([]);
});

test('where an invitation is wanted the refusal says so', async () => {
  const { node } = createBench({ signUps: { admits: 'invited' } });
  await expect(signUp(node, 'alice')).rejects.toMatchObject({ reason: 'invitation' });
  await expect(signUp(node, 'alice', 'x')).rejects.toMatchObject({ reason: 'token' });
  const open = createBench({ signUps: { admits: 'anyone', reserved: ['boss'] } }).node;
  await expect(signUp(open, 'boss')).rejects.toMatchObject({ reason: 'invitation' });
});

describe('work', () => {
  test('is required for a new name as the policy says, and accepted', async () => {
    const { node, deps } = createBench({
      signUps: { admits: 'anyone', difficultyBits: () => 9 },
    });
    const account = new TestAccount(node, 'alice');
    const request = await account.signUpRequest();
    const prefix = await solveProofOfWork(9, encodeCbor(request.chain));
    const refused = node.accounts.signUp({ ...request, work: { prefix: Uint8Array.of(1) } });
    await expect(refused).rejects.toMatchObject({ difficultyBits: 9 });
    await expect(node.accounts.signUp(request)).rejects.toBeInstanceOf(WorkRequired);
    expect(await deps.blocks.list('')).toEqual([]);
    await node.accounts.signUp({ ...request, work: { prefix } });
  });
});
