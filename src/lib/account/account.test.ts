import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import {
  asBytes,
  asList,
  asMap,
  Cid,
  CODEC,
  decodeBlock,
  encodeCbor,
  field,
  type CborMap,
  type CborValue,
} from '#lib/codec/index.ts';
import {
  algorithmFromCbor,
  asKeyHash,
  DamagedBlock,
  PublicSigningKey,
  sha256Now,
  startCrypto,
  verifyDetached,
  verifySigned,
  type ScryptAlgorithm,
} from '#lib/crypto/index.ts';
import {
  BadName,
  NameTaken,
  openPointer,
  UnknownUser,
  WrongPassword,
} from '#lib/protocol/index.ts';
import { changePassword } from './change-password.ts';
import { PasswordRefused, SignInAgain } from './errors.ts';
import { resumeSession, signIn } from './sign-in.ts';
import { signUp } from './sign-up.ts';
import { cheapAlgorithm, createPlace, Killed, killedAt, seededRandom } from './testing.ts';

const trace = JSON.parse(
  readFileSync(new URL('../../../tests/vectors/node/golden-trace.json', import.meta.url), 'utf8'),
) as { nodeId: string; signUp: { username: string; link: string; opLog: string } };
const GOOD = 'tvQ7-mellow-garnet-94';
const BETTER = 'plaster kiwi 88 orbit lemonade';

beforeAll(() => startCrypto());

/** The recorded client's account on a node that took its recorded sign-up. */
async function recordedPlace() {
  const place = createPlace('recorded', { nodeId: Cid.parse(trace.nodeId) });
  const { username, link, opLog } = trace.signUp;
  const chain = [decodeBlock(fromHex(link))];
  const work = { prefix: new Uint8Array(8) };
  await place.node.accounts.signUp({ username, chain, opLog: fromHex(opLog), work, token: '' });
  return place;
}

/** Signs up and keeps what was sent to the node. */
async function signUpRecorded(algorithm: ScryptAlgorithm) {
  const place = createPlace('fresh', { nodeId: Cid.parse(trace.nodeId) });
  let sent: { chain: CborValue; opLog: Uint8Array } | undefined;
  const { node } = place;
  const accounts = {
    ...node.accounts,
    signUp: (request: Parameters<typeof node.accounts.signUp>[0]) => {
      sent = request;
      return node.accounts.signUp(request);
    },
  };
  const deps = { ...place, node: { ...node, accounts } };
  const session = await signUp(deps, { username: 'alice', password: GOOD, algorithm });
  return { session, chain: sent!.chain, opLog: asMap(decodeBlock(sent!.opLog), 'sent') };
}

const operationsOf = (opLog: CborMap) =>
  asList(field(opLog, 'ops', 'op log'), 'ops').map((op) => asMap(op, 'op'));
const blockOf = (op: CborMap) => asBytes(op.get('b'), 'block');

/** Shape of a block: the fields of a map, or the length of a list. */
function shapeOf(block: Uint8Array): string {
  const value = decodeBlock(block);
  if (value instanceof Map) return `{${[...value.keys()].join(' ')}}`;
  return Array.isArray(value) ? `[${value.length}]` : typeof value;
}

/** What an op log looks like, apart from the order of blocks within a writer, which is free. */
function summary(operations: readonly CborMap[]) {
  const owner = String(operations.find((op) => !op.has('b'))?.get('w'));
  const writers = operations.map((op) => {
    const who = String(op.get('w')) === owner ? 'identity' : 'home writer';
    return `${who} ${[...op.keys()].join(' ')} ${asBytes(op.get('s'), 's').length}`;
  });
  const all = operations.filter((op) => op.has('b')).map(blockOf);
  const isNode = (block: Uint8Array) => shapeOf(block) === '{b d p v bats}';
  const nodeSizes = all.filter(isNode).map((block) => block.length);
  const others = all.filter((block) => !isNode(block));
  // The bit field of the data map's node is cut after its last bit, which random map keys set.
  const sizeOf = ({ length }: Uint8Array) => (length > 300 && length <= 325 ? '≈ 309' : length);
  const blocks = others.map((block) => `${shapeOf(block)} ${sizeOf(block)}`).sort();
  return { writers, blocks, nodeSizes };
}

describe('signing up, beside the recorded sign-up of another client', () => {
  it('sends the same blocks and pointers in the same order and sizes', async () => {
    const recorded = asMap(decodeBlock(fromHex(trace.signUp.opLog)), 'recorded');
    const identityState = decodeBlock(blockOf(operationsOf(recorded)[1]!));
    const algorithm = algorithmFromCbor(asMap(identityState, 'state').get('algorithm'));
    const { opLog } = await signUpRecorded(algorithm as ScryptAlgorithm);
    expect([...opLog.keys()]).toEqual([...recorded.keys()]);

    const theirs = operationsOf(recorded);
    const ours = operationsOf(opLog);
    expect(ours).toHaveLength(13);
    const [mine, recordedOnes] = [summary(ours), summary(theirs)];
    expect(mine.writers).toEqual(recordedOnes.writers);
    expect(mine.blocks).toEqual(recordedOnes.blocks);
    // The four directories; B-4 gives the range of their sizes.
    for (const size of [...mine.nodeSizes, ...recordedOnes.nodeSizes]) {
      expect(size).toBeGreaterThanOrEqual(4697);
      expect(size).toBeLessThanOrEqual(4778);
    }
    expect(encodeCbor(field(opLog, 'login', 'l')).length).toBe(
      encodeCbor(field(recorded, 'login', 'l')).length,
    );
    expect(asBytes(opLog.get('a'), 'a')).toHaveLength(101);
  });

  it('signs everything with the right key', async () => {
    const { opLog, session } = await signUpRecorded(cheapAlgorithm());
    for (const op of operationsOf(opLog)) {
      const writer = asKeyHash(op.get('w'), 'writer');
      const signed = asBytes(op.get('s'), 'signed');
      if (op.has('b')) {
        const digest = await verifySigned(PublicSigningKey.fromHash(writer)!, signed);
        expect(toHex(digest)).toBe(toHex(sha256Now(blockOf(op))));
      } else {
        expect(await openPointer(writer, signed)).toMatchObject({ sequence: 1 });
      }
    }
    const login = encodeCbor(field(opLog, 'login', 'login'));
    const auth = asBytes(opLog.get('loginAuth'), 'auth');
    await verifyDetached(session.identity.publicKey, login, auth);
  });

  it('is refused for a bad name, a weak password and a taken name', async () => {
    const place = createPlace();
    const algorithm = cheapAlgorithm();
    for (const username of ['', 'Alice', 'a--b', 'constructor', 'a'.repeat(33), 'a/b']) {
      await expect(signUp(place, { username, password: GOOD, algorithm })).rejects.toThrow(BadName);
    }
    for (const password of ['bob', 'password1']) {
      await expect(signUp(place, { username: 'bob', password, algorithm })).rejects.toThrow(
        PasswordRefused,
      );
    }
    await signUp(place, { username: 'bob', password: GOOD, algorithm });
    await expect(signUp(place, { username: 'bob', password: BETTER, algorithm })).rejects.toThrow(
      NameTaken,
    );
  });

  it('gives two accounts with one password different keys', async () => {
    const place = createPlace();
    const salts = seededRandom('salts');
    const first = await signUp(place, {
      username: 'ann',
      password: GOOD,
      algorithm: cheapAlgorithm(salts),
    });
    const second = await signUp(place, {
      username: 'ben',
      password: GOOD,
      algorithm: cheapAlgorithm(salts),
    });
    expect(first.rootKey.equals(second.rootKey)).toBe(false);
    expect(first.identity.hash.equals(second.identity.hash)).toBe(false);
  });
});

describe('signing in', () => {
  it('opens the account that another client made', async () => {
    const place = await recordedPlace();
    const session = await signIn(place, { username: 'alice', password: 'alicepassword' });
    expect(session.home.username).toBe('alice');
    expect(session.boxing?.publicKey.type).toBe(2);
    const owner = await place.node.names.publicKey('alice');
    expect(session.identity.hash.equals(owner!)).toBe(true);
    expect(session.home.signer.hash.equals(session.home.capability.writer)).toBe(true);
  });

  it('refuses a wrong password and an unknown name, with different sentences', async () => {
    const place = await recordedPlace();
    await expect(signIn(place, { username: 'alice', password: 'alicepasswore' })).rejects.toThrow(
      WrongPassword,
    );
    await expect(signIn(place, { username: 'alicf', password: GOOD })).rejects.toThrow(UnknownUser);
  });

  it('finds the same keys again after signing up', async () => {
    const place = createPlace();
    const algorithm = cheapAlgorithm();
    const made = await signUp(place, { username: 'carol', password: GOOD, algorithm });
    const opened = await signIn(place, { username: 'carol', password: GOOD });
    expect(toHex(opened.identity.secret)).toBe(toHex(made.identity.secret));
    expect(toHex(opened.home.capability.mapKey)).toBe(toHex(made.home.capability.mapKey));
    expect(opened.home.mirrorBatId?.equals(made.home.mirrorBatId!)).toBe(true);
    const resumed = await resumeSession(place, opened);
    expect(toHex(resumed.home.signer.secret)).toBe(toHex(made.home.signer.secret));
  });

  it('fails closed when the node alters the record', async () => {
    const place = createPlace();
    const algorithm = cheapAlgorithm();
    await signUp(place, { username: 'dave', password: GOOD, algorithm });
    const accounts = {
      ...place.node.accounts,
      getLogin: async (...args: Parameters<typeof place.node.accounts.getLogin>) => {
        const answer = asMap(await place.node.accounts.getLogin(...args), 'answer');
        const [nonce, sealed] = asList(answer.get('r'), 'record');
        const flipped = asBytes(sealed, 'sealed').slice();
        flipped[100]! ^= 1;
        return new Map([...answer, ['r', [nonce!, flipped]]]) as CborValue;
      },
    };
    const tampered = { ...place, node: { ...place.node, accounts } };
    await expect(signIn(tampered, { username: 'dave', password: GOOD })).rejects.toThrow(
      WrongPassword,
    );
  });

  it.each([
    ['salt', 's', 'another salt'],
    ['cost', 'm', 16],
  ])('believes no altered %s', async (_what, key, value) => {
    const place = createPlace();
    await signUp(place, { username: 'dora', password: GOOD, algorithm: cheapAlgorithm() });
    let altered = 0;
    const blocks: typeof place.node.blocks = {
      ...place.node.blocks,
      get: async (...question) => {
        const block = await place.node.blocks.get(...question);
        if (block === undefined || question[1].codec !== CODEC.dagCbor) return block;
        const state = decodeBlock(block);
        const algorithm = state instanceof Map ? state.get('algorithm') : undefined;
        if (!(state instanceof Map) || !(algorithm instanceof Map)) return block;
        altered++;
        const other = new Map([...algorithm, [key, value]]) as CborValue;
        return encodeCbor(new Map([...state, ['algorithm', other]]) as CborValue) as typeof block;
      },
    };
    const tampered = { ...place, node: { ...place.node, blocks } };
    await expect(signIn(tampered, { username: 'dora', password: GOOD })).rejects.toThrow(
      DamagedBlock,
    );
    expect(altered).toBe(1);
  });
});

describe('changing the password', () => {
  it('makes the new one good and the old one bad, and keeps the keys', async () => {
    const place = createPlace();
    const algorithm = cheapAlgorithm();
    const before = await signUp(place, { username: 'erin', password: GOOD, algorithm });
    const kept = await changePassword(place, {
      username: 'erin',
      oldPassword: GOOD,
      newPassword: BETTER,
    });
    await expect(signIn(place, { username: 'erin', password: GOOD })).rejects.toThrow(
      WrongPassword,
    );
    const after = await signIn(place, { username: 'erin', password: BETTER });
    expect(toHex(after.identity.secret)).toBe(toHex(before.identity.secret));
    expect(after.rootKey.equals(kept.rootKey)).toBe(true);
    await resumeSession(place, kept);
    await expect(resumeSession(place, before)).rejects.toThrow(SignInAgain);
  });

  it('refuses a weak password, the same password and a wrong old one', async () => {
    const place = createPlace();
    const username = 'finn';
    await signUp(place, { username, password: GOOD, algorithm: cheapAlgorithm() });
    const change = (oldPassword: string, newPassword: string) =>
      changePassword(place, { username, oldPassword, newPassword });
    await expect(change(GOOD, GOOD)).rejects.toThrow(PasswordRefused);
    await expect(change(GOOD, 'finn')).rejects.toThrow(PasswordRefused);
    await expect(change(GOOD, 'letmein')).rejects.toThrow(PasswordRefused);
    await expect(change(BETTER, 'another strong one 4411')).rejects.toThrow(WrongPassword);
    await signIn(place, { username, password: GOOD });
  });

  it.each(['stores', 'node'] as const)(
    'leaves exactly one password good at whichever call to the %s it is killed',
    { timeout: 120_000 },
    async (what) => {
      const place = createPlace();
      const username = 'gus';
      await signUp(place, { username, password: GOOD, algorithm: cheapAlgorithm() });
      let [current, next] = [GOOD, BETTER];
      const works = (password: string) =>
        signIn(createPlace('check', { stores: place.stores }), { username, password }).then(
          () => true,
          (error: unknown) => {
            if (error instanceof WrongPassword) return false;
            throw error;
          },
        );
      let finished = 0;
      let switched = 0;
      // To die before a call is also to die after the one before it.
      for (let at = 1; finished < 2; at++) {
        const stores = what === 'stores' ? killedAt(place.stores, at) : place.stores;
        // Not the keys of the attempt before; keys of earlier ones need not be derived again.
        const sound = createPlace(`attempt ${at % 3}`, { stores });
        const dying = what === 'node' ? { ...sound, node: killedAt(sound.node, at) } : sound;
        const outcome = await changePassword(dying, {
          username,
          oldPassword: current,
          newPassword: next,
        }).then(
          () => 'done',
          (error: unknown) => (isKill(error) ? 'killed' : error),
        );
        expect(['done', 'killed']).toContain(outcome);
        const good = await Promise.all([works(current), works(next)]);
        expect(good.filter(Boolean)).toHaveLength(1);
        if (outcome === 'done') {
          expect(good[1]).toBe(true);
          finished++;
        }
        if (good[1]) {
          [current, next] = [next, current];
          switched++;
        }
      }
      expect(switched).toBeGreaterThanOrEqual(finished);
    },
  );
});

function isKill(error: unknown): boolean {
  return error instanceof Killed || (error instanceof Error && isKill(error.cause));
}
