/** Operations that the password alone does not open: each asks the page, and waits for its answer. */
import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import { closingTabs, createBrowser, GOOD, openTab, type Browser, type Tab } from './testing.ts';
import type { Asking, SecondFactorQuestion } from './types.ts';

const ALICE = { username: 'alice', password: GOOD, staySignedIn: false };
const BETTER = 'plaster kiwi 88 orbit lemonade';
/** The embedded node's clock in these tests. */
const NOW_MS = 1_795_423_041_900;

beforeAll(() => startCrypto());

const tabs = closingTabs();

async function tabIn(browser: Browser): Promise<Tab> {
  const tab = await openTab(browser);
  tabs.push(tab);
  return tab;
}

/** RFC 6238; `stepsAgo` half minutes before now. */
function codeOf(secret: string, stepsAgo: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((unit) => alphabet.indexOf(unit).toString(2).padStart(5, '0'));
  const bytes = bits.join('').match(/.{8}/gu) ?? [];
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(NOW_MS / 30_000) - stepsAgo));
  const key = Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Alice, signed in, with an authenticator app and backup codes. */
async function guarded() {
  const browser = createBrowser();
  const { client } = await tabIn(browser);
  await client.signUp(ALICE);
  const { credential, secret } = await client.addAuthenticator();
  expect(await client.confirmAuthenticator(credential, codeOf(secret, 1))).toBe(true);
  const backups = [...(await client.generateBackupCodes())];
  return { browser, client, code: codeOf(secret, 0), backups };
}

/** Answers one question after the other with these, and notes what was asked. */
function answering(...codes: string[]) {
  const questions: SecondFactorQuestion[] = [];
  const asking: Asking = {
    async prove(question) {
      questions.push(question);
      const code = codes.shift();
      if (code === undefined) throw new DOMException('Enough.', 'AbortError');
      return { code };
    },
  };
  return { asking, questions };
}

describe('a second factor', () => {
  it('is asked for once the password was right, and again while the answer is wrong', async () => {
    const { browser, code, backups } = await guarded();
    const { client } = await tabIn(browser);
    const nobody = answering();
    const wrong = { ...ALICE, password: `${GOOD}!` };
    await expect(client.signIn(wrong, nobody.asking)).rejects.toMatchObject({
      name: 'WrongPassword',
    });
    expect(nobody.questions).toEqual([]);
    const { asking, questions } = answering('000000', 'aaaaa-bbbbb', code);
    await client.signIn(ALICE, asking);
    expect(client.state).toEqual({ kind: 'signed-in', username: 'alice' });
    expect(questions.map(({ refusal }) => refusal?.name)).toEqual([
      undefined,
      'SecondFactorRefused',
      'SecondFactorRefused',
    ]);
    expect(new Set(questions.map(({ id }) => id)).size).toBe(3);
    expect(questions[0]?.factors.map(({ kind }) => kind)).toEqual(['totp', 'backup-codes']);
    expect(questions[0]?.challenge).toHaveLength(32);
    await client.signOut();
    await client.signIn(ALICE, answering(backups[0]!.toUpperCase()).asking);
  });

  it('ends the operation when nobody answers', async () => {
    const { browser } = await guarded();
    const { client } = await tabIn(browser);
    await expect(client.signIn(ALICE)).rejects.toMatchObject({ name: 'AbortError' });
    const { asking } = answering();
    await expect(client.signIn(ALICE, asking)).rejects.toMatchObject({ name: 'AbortError' });
    const stop = new AbortController();
    const never = () => {
      setTimeout(() => stop.abort());
      return new Promise<never>(() => undefined);
    };
    const calledOff = client.signIn(ALICE, { prove: never, signal: stop.signal });
    await expect(calledOff).rejects.toMatchObject({ name: 'AbortError' });
    expect(client.state.kind).toBe('signed-out');
  });

  it('is asked for by a change of the password and an export', async () => {
    const { client, code, backups } = await guarded();
    const change = { oldPassword: GOOD, newPassword: BETTER };
    await expect(client.changePassword(change)).rejects.toMatchObject({ name: 'AbortError' });
    await client.changePassword(change, answering('000000', backups[0]!).asking);
    const { asking, questions } = answering(code);
    // What is saved goes through the page, which a test does not have.
    const saved = client.exportAccount({ password: BETTER }, () => undefined, asking);
    await expect(saved).rejects.toThrow();
    expect(questions).toHaveLength(1);
    await expect(
      client.exportAccount({ password: GOOD }, () => undefined, asking),
    ).rejects.toMatchObject({ name: 'WrongPassword' });
    expect(questions).toHaveLength(1);
  });
});
