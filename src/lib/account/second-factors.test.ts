import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import { changePassword } from './change-password.ts';
import { SecondFactorNeeded } from './errors.ts';
import type { SecondFactorChallenge, SecondFactorProof } from '#lib/protocol/index.ts';
import { SecondFactors } from './second-factors.ts';
import { signIn } from './sign-in.ts';
import { signUp } from './sign-up.ts';
import { cheapAlgorithm, createPlace, seededRandom } from './testing.ts';

const GOOD = 'tvQ7-mellow-garnet-94';
const STEP_MS = 30_000;

beforeAll(() => startCrypto());

/** An account on a node whose clock the test moves. */
async function account() {
  const place = createPlace('factors');
  let nowMs = 1_795_423_041_900;
  const clock = (): number => nowMs;
  const { createLocalNode } = await import('#lib/node-local/index.ts');
  const node = createLocalNode({ ...place.stores, clock, random: seededRandom('node') });
  const deps = { ...place, node, clock };
  const algorithm = cheapAlgorithm();
  const session = await signUp(deps, { username: 'alice', password: GOOD, algorithm });
  const wait = (ms: number): void => void (nowMs += ms);
  const factors = new SecondFactors(deps, session);
  return { deps, session, factors, clock, wait };
}

/** RFC 6238 with another implementation of HMAC than the one under test. */
function codeAt(secretBase32: string, nowMs: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secretBase32]
    .map((unit) => alphabet.indexOf(unit).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/gu) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / STEP_MS)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function withAuthenticator() {
  const made = await account();
  const { factors, clock } = made;
  const added = await factors.addAuthenticator();
  const isOn = await factors.confirmAuthenticator(added.credential, codeAt(added.secret, clock()));
  expect(isOn).toBe(true);
  return { ...made, added };
}

describe('second factors', () => {
  it('count from the moment a code was confirmed', async () => {
    const { deps, factors, clock } = await account();
    const added = await factors.addAuthenticator();
    expect(added.otpauthUrl).toBe(
      `otpauth://totp/peergos:alice@peergos?secret=${added.secret}&issuer=peergos`,
    );
    expect(await factors.confirmAuthenticator(added.credential, '000000')).toBe(false);
    await signIn(deps, { username: 'alice', password: GOOD });
    await factors.confirmAuthenticator(added.credential, codeAt(added.secret, clock()));
    await expect(signIn(deps, { username: 'alice', password: GOOD })).rejects.toThrow(
      SecondFactorNeeded,
    );
    expect(await factors.list()).toMatchObject([{ kind: 'totp', isEnabled: true }]);
  });

  it('let in with a fresh code, and not with a wrong or used one', async () => {
    const { deps, clock, wait, added } = await withAuthenticator();
    wait(2 * STEP_MS);
    const seen: SecondFactorChallenge[] = [];
    const enter = (code: string, device = deps) =>
      signIn(device, {
        username: 'alice',
        password: GOOD,
        secondFactor: async (asked) => {
          seen.push(asked);
          if (asked.refusal !== undefined) throw asked.refusal;
          return { code };
        },
      });
    const code = codeAt(added.secret, clock());
    const wrong = code === '123456' ? '654321' : '123456';
    await expect(enter(wrong)).rejects.toMatchObject({ name: 'SecondFactorRefused' });
    expect((await enter(code)).username).toBe('alice');
    const elsewhere = { ...deps, node: { ...deps.node } };
    await expect(enter(code, elsewhere)).rejects.toMatchObject({ reason: 'used' });
    expect(seen[0]?.factors.map(({ kind }) => kind)).toEqual(['totp']);
    expect(seen[0]?.challenge).toHaveLength(32);
  });

  it('let a password be changed with the code that signed in, by the same program', async () => {
    const { deps, clock, added, wait } = await withAuthenticator();
    wait(2 * STEP_MS);
    const code = codeAt(added.secret, clock());
    const secondFactor = async ({ refusal }: SecondFactorChallenge) => {
      if (refusal !== undefined) throw refusal;
      return { code };
    };
    await signIn(deps, { username: 'alice', password: GOOD, secondFactor });
    const newPassword = 'wR4-quiet-lantern-68';
    const change = { username: 'alice', oldPassword: GOOD, newPassword, secondFactor };
    const elsewhere = { ...deps, node: { ...deps.node } };
    await expect(changePassword(elsewhere, change)).rejects.toMatchObject({ reason: 'used' });
    await changePassword(deps, change);
    const credentials = { username: 'alice', password: newPassword, secondFactor };
    expect((await signIn(deps, credentials)).username).toBe('alice');
  });

  it('are managed twice in one millisecond, and beside a device whose clock is ahead', async () => {
    const { deps, session, factors, clock } = await withAuthenticator();
    await factors.generateBackupCodes();
    await factors.generateBackupCodes();
    const ahead = new SecondFactors({ ...deps, clock: () => clock() + 200_000 }, session);
    await ahead.generateBackupCodes();
    const { codes } = await factors.generateBackupCodes();
    expect(codes).toHaveLength(10);
  });

  it('are asked for again after a wrong answer', async () => {
    const { deps, clock, wait, added } = await withAuthenticator();
    wait(2 * STEP_MS);
    const right = codeAt(added.secret, clock());
    const answers = [right === '123456' ? '654321' : '123456', '22222-33333', right];
    const refusals: (string | undefined)[] = [];
    let begun = 0;
    const publicKey = (name: string) => {
      begun++;
      return deps.node.names.publicKey(name);
    };
    const node = { ...deps.node, names: { ...deps.node.names, publicKey } };
    const session = await signIn(
      { ...deps, node },
      {
        username: 'alice',
        password: GOOD,
        secondFactor: async ({ refusal }) => {
          refusals.push(refusal?.message);
          return { code: answers.shift() ?? '' };
        },
      },
    );
    // The password is read, stretched and forgotten once.
    expect(begun).toBe(1);
    expect(session.username).toBe('alice');
    expect(refusals).toEqual([
      undefined,
      'This code is wrong or no longer valid.',
      'This code is wrong or no longer valid.',
    ]);
  });

  it('ask nobody who does not know the password', async () => {
    const { deps } = await withAuthenticator();
    let asked = 0;
    const secondFactor = async (): Promise<SecondFactorProof> => {
      asked++;
      return { code: '000000' };
    };
    await expect(
      signIn(deps, { username: 'alice', password: 'not it', secondFactor }),
    ).rejects.toMatchObject({ name: 'WrongPassword' });
    expect(asked).toBe(0);
  });

  it('may be replaced by a backup code, once each', async () => {
    const { deps, factors } = await withAuthenticator();
    const { codes } = await factors.generateBackupCodes();
    expect(new Set(codes).size).toBe(10);
    const enter = (code: string) =>
      signIn(deps, {
        username: 'alice',
        password: GOOD,
        secondFactor: async ({ refusal }) => {
          if (refusal !== undefined) throw refusal;
          return { code: `${code.slice(0, 5)}-${code.slice(5).toUpperCase()}` };
        },
      });
    const [first = '', second = ''] = codes;
    expect((await enter(first)).username).toBe('alice');
    await expect(enter(first)).rejects.toMatchObject({ name: 'SecondFactorRefused' });
    expect((await enter(second)).username).toBe('alice');
    const left = (await factors.list()).find(({ kind }) => kind === 'backup-codes');
    expect(left?.name).toBe('8');
  });

  it('are asked for when the password changes, too', async () => {
    const { deps, added, clock, wait } = await withAuthenticator();
    wait(2 * STEP_MS);
    const change = {
      username: 'alice',
      oldPassword: GOOD,
      newPassword: 'plaster kiwi 88 orbit lemonade',
    };
    await expect(changePassword(deps, change)).rejects.toThrow(SecondFactorNeeded);
    const code = codeAt(added.secret, clock());
    const secondFactor = async () => ({ code });
    await changePassword(deps, { ...change, secondFactor });
  });

  it('can be removed, and then the password is enough', async () => {
    const { deps, factors, added } = await withAuthenticator();
    await factors.generateBackupCodes();
    await factors.remove(added.credential);
    // Backup codes stand in for something; with it they go.
    expect(await factors.list()).toEqual([]);
    await signIn(deps, { username: 'alice', password: GOOD });
  });
});
