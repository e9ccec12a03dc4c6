import { beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import {
  Bat,
  BatWithId,
  codeStepAt,
  oneTimeCode,
  signRequest,
  signTime,
  startCrypto,
} from '#lib/crypto/index.ts';
import type { NewCodeFactor, NodeSecondFactors } from '#lib/node/index.ts';
import {
  BATS_ADD_PATH,
  NotOffered,
  RateLimited,
  RequestRepeated,
  SecondFactorRefused,
  StaleClock,
  WrongPassword,
  WrongSignature,
} from '#lib/protocol/index.ts';
import { createBench, keyPair, NOW_MS, TestAccount } from './testing.ts';
import { createLocalNode } from './local-node.ts';
import type { SecurityKeyVerifier } from './webauthn.ts';

beforeAll(() => startCrypto());

const WRONG = '000000';
type Factors = NodeSecondFactors;

async function createAccount(webauthn?: SecurityKeyVerifier) {
  const bench = createBench(webauthn === undefined ? {} : { webauthn });
  const account = await TestAccount.signUp(bench.node);
  const { secondFactors, accounts } = bench.node;
  let signedMs = 0;
  const auth = (method: string) => {
    signedMs = Math.max(bench.time.nowMs, signedMs + 1);
    return signRequest(account.identity, `peergos/v0/login/${method}`, signedMs);
  };
  const signIn = async (answer?: CborValue, login = account.login, session?: Uint8Array) =>
    accounts.getLogin(
      'alice',
      login.publicKey,
      await signTime(login, bench.time.nowMs),
      answer === undefined ? undefined : { response: answer, ...(session && { session }) },
    ) as Promise<CborMap>;
  const code = ({ secret }: NewCodeFactor, stepsAgo = 0) =>
    oneTimeCode(secret, codeStepAt(bench.time.nowMs) - stepsAgo);
  const list = async () => (await secondFactors.list('alice', await auth('listMfa'))) as CborMap[];
  const addTotp = async () => {
    const factor = await secondFactors.addTotp('alice', await auth('addTotp'));
    await secondFactors.enableTotp(
      'alice',
      factor.credential,
      code(factor),
      await auth('enableTotp'),
    );
    return factor;
  };
  const backupCodes = async () => {
    const answer = await secondFactors.generateBackupCodes('alice', await auth('genBackupCodes'));
    const map = answer as CborMap;
    return { credential: map.get('i') as Uint8Array, codes: map.get('c') as string[] };
  };
  return { ...bench, account, secondFactors, auth, signIn, code, list, addTotp, backupCodes };
}

const answer = (credential: Uint8Array, proof: CborValue) =>
  cborMap([
    ['i', credential],
    ['r', proof],
  ]);
const typesOf = (methods: CborMap[]) => methods.map((method) => method.get('t'));

describe('an authenticator app', () => {
  test('is asked for only once a code of it was seen', async () => {
    const bench = await createAccount();
    const factor = await bench.secondFactors.addTotp('alice', await bench.auth('addTotp'));
    expect((await bench.signIn()).get('a')).toBe(true);
    const enable = async (code: string) =>
      bench.secondFactors.enableTotp(
        'alice',
        factor.credential,
        code,
        await bench.auth('enableTotp'),
      );
    expect(await enable(WRONG)).toBe(false);
    expect(await bench.list()).toEqual([]);
    expect(await enable(bench.code(factor))).toBe(true);
    const asked = await bench.signIn();
    expect(asked.get('a')).toBe(false);
    const request = asked.get('r') as CborMap;
    expect(typesOf(request.get('m') as CborMap[])).toEqual([1]);
    expect(request.get('c')).toHaveLength(32);
    const open = await bench.signIn(answer(factor.credential, bench.code(factor)));
    expect(open.get('a')).toBe(true);
  });

  test('gives codes that sign in once, of this step or the one before', async () => {
    const bench = await createAccount();
    const factor = await bench.addTotp();
    const tryCode = (stepsAgo: number) =>
      bench.signIn(answer(factor.credential, bench.code(factor, stepsAgo)));
    await expect(tryCode(2)).rejects.toBeInstanceOf(SecondFactorRefused);
    await expect(tryCode(-1)).rejects.toBeInstanceOf(SecondFactorRefused);
    await tryCode(1);
    await expect(tryCode(1)).rejects.toMatchObject({ reason: 'used', waitSeconds: 0 });
    await tryCode(0);
    await expect(tryCode(0)).rejects.toMatchObject({ reason: 'used' });
    bench.time.nowMs += 30_000;
    await tryCode(0);
  });

  test('says of a used code when the next one comes', async () => {
    const bench = await createAccount();
    const factor = await bench.addTotp();
    bench.time.nowMs = Math.ceil(bench.time.nowMs / 30_000) * 30_000 + 10_500;
    const tryCode = () => bench.signIn(answer(factor.credential, bench.code(factor)));
    await tryCode();
    await expect(tryCode()).rejects.toThrow('The next one comes in 20 seconds.');
    bench.time.nowMs += 19_000;
    await expect(tryCode()).rejects.toThrow('The next one comes in 1 second.');
    bench.time.nowMs += 500;
    await tryCode();
  });

  test('lets the client that used a code go on with it, and no other one', async () => {
    const bench = await createAccount();
    const factor = await bench.addTotp();
    const own = new Uint8Array(32).fill(1);
    const tryCode = (session?: Uint8Array, stepsAgo = 0) =>
      bench.signIn(answer(factor.credential, bench.code(factor, stepsAgo)), undefined, session);
    await tryCode(own);
    await tryCode(own);
    for (const other of [new Uint8Array(32), new Uint8Array(0), undefined]) {
      await expect(tryCode(other)).rejects.toMatchObject({ reason: 'used' });
    }
    await expect(tryCode(own, 1)).rejects.toMatchObject({ reason: 'used' });
    bench.time.nowMs += 30_000;
    await tryCode(); // a client that says nothing of itself
    await expect(tryCode()).rejects.toMatchObject({ reason: 'used' });
    await expect(tryCode(own)).rejects.toMatchObject({ reason: 'used' });
  });

  test('of one code from two devices at once signs in one of them', async () => {
    const bench = await createAccount();
    const factor = await bench.addTotp();
    const both = [bench.code(factor), bench.code(factor)].map((code) =>
      bench.signIn(answer(factor.credential, code)),
    );
    const outcomes = (await Promise.allSettled(both)).map(({ status }) => status);
    expect(outcomes.sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('cannot be guessed: wrong codes are limited, and waiting helps', async () => {
    const bench = await createAccount();
    const factor = await bench.addTotp();
    const tryWrong = () => bench.signIn(answer(factor.credential, WRONG));
    for (let i = 0; i < 10; i++) await expect(tryWrong()).rejects.toThrow(SecondFactorRefused);
    await expect(tryWrong()).rejects.toBeInstanceOf(RateLimited);
    const right = () => bench.signIn(answer(factor.credential, bench.code(factor)));
    await expect(right()).rejects.toBeInstanceOf(RateLimited);
    bench.time.nowMs += 11 * 60_000;
    expect((await right()).get('a')).toBe(true);
  });

  test('is shown to nobody who does not know the password', async () => {
    const bench = await createAccount();
    await bench.addTotp();
    const stranger = bench.signIn(undefined, keyPair('mallory'));
    await expect(stranger).rejects.toBeInstanceOf(WrongPassword);
  });

  test('replaces the one before when it is enabled, and an abandoned one goes', async () => {
    const bench = await createAccount();
    const first = await bench.addTotp();
    await bench.secondFactors.addTotp('alice', await bench.auth('addTotp'));
    const second = await bench.addTotp();
    expect((await bench.list()).map((method) => method.get('i'))).toEqual([second.credential]);
    bench.time.nowMs += 60_000;
    const old = bench.signIn(answer(first.credential, bench.code(first)));
    await expect(old).rejects.toMatchObject({ reason: 'unknown' });
  });
});

describe('backup codes', () => {
  test('need another factor, sign in once each, in any writing', async () => {
    const bench = await createAccount();
    await expect(bench.backupCodes()).rejects.toMatchObject({ reason: 'first-needed' });
    await bench.addTotp();
    const { credential, codes } = await bench.backupCodes();
    expect(codes).toHaveLength(10);
    for (const code of codes) expect(code).toMatch(/^[a-z2-7]{10}$/u);
    const [first = '', second = ''] = codes;
    const written = ` ${first.slice(0, 5).toUpperCase()}-${first.slice(5)} `;
    await bench.signIn(answer(credential, written));
    const again = bench.signIn(answer(credential, first));
    await expect(again).rejects.toMatchObject({ reason: 'backup-code' });
    await bench.signIn(answer(credential, second));
    expect((await bench.list()).map((method) => method.get('n'))).toEqual(['', '8']);
  });

  test('are listed no longer when all of them were used', async () => {
    const bench = await createAccount();
    await bench.addTotp();
    const { credential, codes } = await bench.backupCodes();
    for (const code of codes) await bench.signIn(answer(credential, code));
    expect(typesOf(await bench.list())).toEqual([1]);
    await expect(bench.signIn(answer(credential, codes[0] ?? ''))).rejects.toThrow(
      SecondFactorRefused,
    );
    await bench.backupCodes();
    expect((await bench.list()).map((method) => method.get('n'))).toEqual(['', '10']);
  });

  test('are replaced by a new set, and go with the last factor they stand in for', async () => {
    const bench = await createAccount();
    const totp = await bench.addTotp();
    const old = await bench.backupCodes();
    await bench.backupCodes();
    const used = bench.signIn(answer(old.credential, old.codes[0] ?? ''));
    await expect(used).rejects.toMatchObject({ reason: 'unknown' });
    const remove = async () =>
      bench.secondFactors.remove('alice', totp.credential, await bench.auth('deleteMfa'));
    expect(await remove()).toBe(true);
    expect(await bench.list()).toEqual([]);
    expect(await remove()).toBe(false);
    expect((await bench.signIn()).get('a')).toBe(true);
  });
});

describe('a mounted device', () => {
  test('never asks and is never offered, but answers', async () => {
    const bench = await createAccount();
    const mount = await bench.secondFactors.addMount('alice', 'desk', await bench.auth('addMount'));
    const enable = async (code: string) =>
      bench.secondFactors.enableMount(
        'alice',
        mount.credential,
        code,
        await bench.auth('enableMount'),
      );
    expect(await enable(bench.code(mount))).toBe(true);
    expect((await bench.signIn()).get('a')).toBe(true);
    await bench.addTotp();
    const request = (await bench.signIn()).get('r') as CborMap;
    expect(typesOf(request.get('m') as CborMap[])).toEqual([1]);
    const open = await bench.signIn(answer(mount.credential, bench.code(mount)));
    expect(open.get('a')).toBe(true);
  });

  test('has a short name', async () => {
    const bench = await createAccount();
    const long = bench.secondFactors.addMount(
      'alice',
      'x'.repeat(33),
      await bench.auth('addMount'),
    );
    await expect(long).rejects.toMatchObject({ reason: 'name' });
  });

  test('may sign in several times in one step: nobody reads its codes, or can wait', async () => {
    const bench = await createAccount();
    await bench.addTotp();
    const mount = await bench.secondFactors.addMount('alice', 'desk', await bench.auth('addMount'));
    const auth = await bench.auth('enableMount');
    await bench.secondFactors.enableMount('alice', mount.credential, bench.code(mount), auth);
    for (let i = 0; i < 3; i++) {
      const open = await bench.signIn(answer(mount.credential, bench.code(mount)));
      expect(open.get('a')).toBe(true);
    }
    const old = bench.signIn(answer(mount.credential, bench.code(mount, 2)));
    await expect(old).rejects.toBeInstanceOf(SecondFactorRefused);
  });
});

describe('security keys', () => {
  const verifier: SecurityKeyVerifier = {
    register: async ({ credential, clientDataJson }, challenge) =>
      String(clientDataJson) === String(challenge)
        ? { credential, publicKey: utf8('key'), counter: 5 }
        : undefined,
    verify: async ({ publicKey, counter }, { clientDataJson }, challenge) =>
      String(clientDataJson) === String(challenge) && String(publicKey) === String(utf8('key'))
        ? counter + 1
        : undefined,
  };
  const keyAnswer = (credential: Uint8Array, challenge: Uint8Array) =>
    answer(
      credential,
      cborMap([
        ['a', new Uint8Array(1)],
        ['c', challenge],
        ['s', new Uint8Array(0)],
      ]),
    );

  async function createKeyAccount() {
    const bench = await createAccount(verifier);
    const { secondFactors, auth } = bench;
    const start = async () =>
      secondFactors.startSecurityKey('alice', await auth('registerWebauthnStart'));
    const complete = async (response: CborValue) =>
      secondFactors.completeSecurityKey(
        'alice',
        'blue key',
        { response },
        await auth('registerWebauthnComplete'),
      );
    return { ...bench, start, complete };
  }

  test('register and sign in with the challenge of the moment, which serves once', async () => {
    const bench = await createKeyAccount();
    const credential = utf8('credential');
    expect(await bench.complete(keyAnswer(credential, await bench.start()))).toBe(true);
    const challengeOf = async () =>
      ((await bench.signIn()).get('r') as CborMap).get('c') as Uint8Array;
    const response = keyAnswer(credential, await challengeOf());
    expect((await bench.signIn(response)).get('a')).toBe(true);
    await expect(bench.signIn(response)).rejects.toMatchObject({ reason: 'challenge' });
    const late = keyAnswer(credential, await challengeOf());
    bench.time.nowMs += 6 * 60_000;
    await expect(bench.signIn(late)).rejects.toMatchObject({ reason: 'challenge' });
    const replaced = keyAnswer(credential, await challengeOf());
    await challengeOf();
    await expect(bench.signIn(replaced)).rejects.toMatchObject({ reason: 'security-key' });
    await expect(bench.signIn(answer(credential, '123456'))).rejects.toMatchObject({
      reason: 'kind',
    });
  });

  test('are refused without a verifier, without a challenge and with another one', async () => {
    const plain = await createAccount();
    const start = plain.secondFactors.startSecurityKey(
      'alice',
      await plain.auth('registerWebauthnStart'),
    );
    await expect(start).rejects.toBeInstanceOf(NotOffered);
    const bench = await createKeyAccount();
    const early = bench.complete(keyAnswer(utf8('c'), new Uint8Array(32)));
    await expect(early).rejects.toMatchObject({ reason: 'challenge' });
    await bench.start();
    expect(await bench.complete(keyAnswer(utf8('c'), new Uint8Array(32)))).toBe(false);
    expect(await bench.list()).toEqual([]);
  });
});

describe('calls about second factors', () => {
  test('are the signed requests of the identity for exactly that call; a list for a day', async () => {
    const bench = await createAccount();
    const { secondFactors } = bench;
    const wrongPath = secondFactors.list('alice', await bench.auth('addTotp'));
    await expect(wrongPath).rejects.toBeInstanceOf(WrongSignature);
    const stranger = signRequest(keyPair('mallory'), 'peergos/v0/login/listMfa', bench.time.nowMs);
    await expect(secondFactors.list('alice', await stranger)).rejects.toThrow(WrongSignature);
    const signed = await bench.auth('listMfa');
    bench.time.nowMs += 23 * 3_600_000;
    await secondFactors.list('alice', signed);
    bench.time.nowMs += 2 * 3_600_000;
    await expect(secondFactors.list('alice', signed)).rejects.toBeInstanceOf(StaleClock);
  });

  test('keep at most ten, of which none is out of sight', async () => {
    const bench = await createAccount();
    const { secondFactors, auth } = bench;
    const add = async () => secondFactors.addMount('alice', 'device', await auth('addMount'));
    const enable = async (mount: NewCodeFactor) =>
      secondFactors.enableMount(
        'alice',
        mount.credential,
        bench.code(mount),
        await auth('enableMount'),
      );
    for (let i = 0; i < 12; i++) await add(); // each given up before its first code
    for (let i = 0; i < 10; i++) await enable(await add());
    expect(await bench.list()).toHaveLength(10);
    await expect(add()).rejects.toMatchObject({ reason: 'too-many' });
  });
});

describe('a signed change of second factors', () => {
  test('counts once, also with other parameters, and not after a newer one', async () => {
    const bench = await createAccount();
    const { secondFactors, time } = bench;
    const sign = (method: string, atMs: number) =>
      signRequest(bench.account.identity, `peergos/v0/login/${method}`, atMs);
    const first = await sign('addTotp', time.nowMs);
    const factor = await secondFactors.addTotp('alice', first);
    const enabling = await sign('enableTotp', time.nowMs);
    await secondFactors.enableTotp('alice', factor.credential, bench.code(factor), enabling);
    const listed = await bench.list();
    // An attacker who saw the requests replaces the owner's authenticator with his own.
    await expect(secondFactors.addTotp('alice', first)).rejects.toThrow(RequestRepeated);
    const again = secondFactors.enableTotp(
      'alice',
      factor.credential,
      bench.code(factor),
      enabling,
    );
    await expect(again).rejects.toBeInstanceOf(RequestRepeated);
    const older = await sign('deleteMfa', time.nowMs - 1);
    const removal = secondFactors.remove('alice', factor.credential, older);
    await expect(removal).rejects.toMatchObject({ newestMs: time.nowMs });
    expect(await bench.list()).toEqual(listed);
  });

  test.each([
    ['addTotp', (f: Factors, auth: Uint8Array) => f.addTotp('alice', auth)],
    ['addMount', (f: Factors, auth: Uint8Array) => f.addMount('alice', 'desk', auth)],
    ['genBackupCodes', (f: Factors, auth: Uint8Array) => f.generateBackupCodes('alice', auth)],
    ['deleteMfa', (f: Factors, auth: Uint8Array) => f.remove('alice', new Uint8Array(32), auth)],
    [
      'registerWebauthnComplete',
      (f: Factors, auth: Uint8Array) =>
        f.completeSecurityKey('alice', 'blue', { response: null }, auth),
    ],
    ['registerWebauthnStart', (f: Factors, auth: Uint8Array) => f.startSecurityKey('alice', auth)],
    [
      'enableTotp',
      (f: Factors, auth: Uint8Array) => f.enableTotp('alice', new Uint8Array(32), WRONG, auth),
    ],
    [
      'enableMount',
      (f: Factors, auth: Uint8Array) => f.enableMount('alice', new Uint8Array(32), WRONG, auth),
    ],
  ])('%s is good for five minutes, at every process of the node', async (method, call) => {
    const bench = await createAccount();
    const path = `peergos/v0/login/${method}`;
    const signed = (atMs: number) => signRequest(bench.account.identity, path, atMs);
    const { nowMs } = bench.time;
    const old = await signed(nowMs - 300_001);
    await expect(call(bench.secondFactors, old)).rejects.toBeInstanceOf(StaleClock);
    const early = await signed(nowMs + 300_001);
    await expect(call(bench.secondFactors, early)).rejects.toBeInstanceOf(StaleClock);
    const fresh = await signed(nowMs);
    await call(bench.secondFactors, fresh).catch((error: unknown) => {
      expect(error).not.toBeInstanceOf(RequestRepeated);
      expect(error).not.toBeInstanceOf(StaleClock);
    });
    const otherProcess = createLocalNode(bench.deps).secondFactors;
    await expect(call(otherProcess, fresh)).rejects.toBeInstanceOf(RequestRepeated);
  });

  test('does not come out of a sign-up for a second time', async () => {
    const bench = createBench();
    const account = new TestAccount(bench.node, 'alice');
    const auth = await signRequest(account.identity, BATS_ADD_PATH, NOW_MS);
    const request = await account.signUpRequest();
    const parts = (await account.opLogParts()).set('a', auth);
    await bench.node.accounts.signUp({ ...request, opLog: encodeCbor(cborMap(parts)) });
    const bat = new Bat(new Uint8Array(32).fill(9));
    const added = bench.node.bats.add(account.owner, new BatWithId(bat, bat.secretHashId()), auth);
    await expect(added).rejects.toBeInstanceOf(RequestRepeated);
  });
});
