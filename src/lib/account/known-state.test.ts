/** A hostile node before anything that comes of the password was sent to it, and Unicode's two forms. */
import { beforeAll, describe, expect, it } from 'vitest';
import { algorithmToCbor, startCrypto, type ScryptAlgorithm } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { changePassword } from './change-password.ts';
import { asInSession, knownStateOf, type AccountChanged } from './known-state.ts';
import { signIn } from './sign-in.ts';
import { signUp } from './sign-up.ts';
import { cheapAlgorithm, createOldestAccount, createPlace, seededRandom } from './testing.ts';

const GOOD = 'tvQ7-mellow-garnet-94';
const BETTER = 'wR4-quiet-lantern-68';

beforeAll(() => startCrypto());

/** An account; a node that counts what it is told of the password. */
async function account(seed = 'known', algorithm: ScryptAlgorithm = cheapAlgorithm()) {
  const place = createPlace(seed);
  const session = await signUp(place, { username: 'alice', password: GOOD, algorithm });
  let logins = 0;
  const getLogin: StorageNode['accounts']['getLogin'] = (...asked) => {
    logins++;
    return place.node.accounts.getLogin(...asked);
  };
  const node = { ...place.node, accounts: { ...place.node.accounts, getLogin } };
  const deps = { ...place, node };
  return { deps, session, logins: () => logins };
}

const credentials = { username: 'alice', password: GOOD };
const otherSalt = () => cheapAlgorithm(seededRandom('other'));

describe('the parameters a node shows for a login', () => {
  it.each([
    ['a cheaper N', { m: 16 }],
    ['a smaller r', { m: 18, c: 4 }],
    ['no salt', { s: '' }],
    ['a short salt', { s: '00112233445566778899aabbccddee' }],
    ['the length of the oldest accounts without being one', { o: 96, s: '' }],
  ] as const)('with %s are refused before anything is sent', async (_, change) => {
    const weak: ScryptAlgorithm = { ...cheapAlgorithm(), ...change };
    const { deps, logins } = await account(`weak ${_}`, weak);
    await expect(signIn(deps, credentials)).rejects.toMatchObject({ name: 'HarshAlgorithm' });
    expect(logins()).toBe(0);
  });

  it('may lack a salt for accounts of the oldest kind, which send nothing to sign in', async () => {
    const place = createPlace('oldest');
    await createOldestAccount(place, credentials);
    expect((await signIn(place, credentials)).username).toBe('alice');
  });
});

describe('an account that was opened before', () => {
  it('opens as it was', async () => {
    const { deps, session } = await account();
    const known = knownStateOf(session);
    expect((await signIn(deps, { ...credentials, known })).username).toBe('alice');
  });

  it('of another identity is named before anything is sent, and opens when that is meant', async () => {
    const { session } = await account('first');
    const hostile = await account('second');
    const asked = { ...credentials, known: knownStateOf(session) };
    await expect(signIn(hostile.deps, asked)).rejects.toMatchObject({ name: 'IdentityReplaced' });
    const other = { ...asked, accepts: 'PasswordReplaced' } as const;
    await expect(signIn(hostile.deps, other)).rejects.toMatchObject({ name: 'IdentityReplaced' });
    expect(hostile.logins()).toBe(0);
    const opened = await signIn(hostile.deps, { ...asked, accepts: 'IdentityReplaced' });
    expect(opened.identity.hash.equals(session.identity.hash)).toBe(false);
  });

  it('is asked about before anything is sent, and who gives up then has sent nothing', async () => {
    const { session } = await account('first');
    const hostile = await account('second');
    const asked = { ...credentials, known: knownStateOf(session) };
    const questions: string[] = [];
    const giveUp = (change: AccountChanged): Promise<void> => {
      questions.push(change.name);
      return Promise.reject(change);
    };
    const refused = signIn(hostile.deps, { ...asked, agree: giveUp });
    await expect(refused).rejects.toMatchObject({ name: 'IdentityReplaced' });
    expect(hostile.logins()).toBe(0);
    const agree = async (change: AccountChanged): Promise<void> => {
      questions.push(change.name);
      expect(hostile.logins()).toBe(0);
    };
    await signIn(hostile.deps, { ...asked, agree });
    await signIn(hostile.deps, { ...asked, accepts: 'IdentityReplaced', agree: giveUp });
    expect(questions).toEqual(['IdentityReplaced', 'IdentityReplaced']);
  });

  it('whose password was changed on another device says so', async () => {
    const { deps, session, logins } = await account();
    const change = { username: 'alice', oldPassword: GOOD, newPassword: BETTER };
    await changePassword(deps, change);
    const before = logins();
    const asked = { username: 'alice', password: BETTER, known: knownStateOf(session) };
    await expect(signIn(deps, asked)).rejects.toMatchObject({ name: 'PasswordReplaced' });
    expect(logins()).toBe(before);
    const opened = await signIn(deps, { ...asked, accepts: 'PasswordReplaced' });
    expect(opened.identity.hash.equals(session.identity.hash)).toBe(true);
    // An open session may go on: its identity signed the change.
    const again = { username: 'alice', oldPassword: BETTER, newPassword: GOOD };
    await changePassword(deps, { ...again, ...asInSession(session) });
  });

  it('whose password would be easier to guess than before is named as that', async () => {
    const { deps, session } = await account('strong');
    const stronger = algorithmToCbor({ ...otherSalt(), m: 18 });
    const known = knownStateOf({ ...session, algorithm: stronger });
    const asked = { ...credentials, known };
    await expect(signIn(deps, asked)).rejects.toMatchObject({ name: 'PasswordWeakened' });
  });
});

describe('a password with accents', () => {
  const composed = 'gr\u00fcn-T\u00fcr-94-Lampe';
  const decomposed = composed.normalize('NFD');

  it.each([
    [composed, decomposed],
    [decomposed, composed],
  ])('opens in the form that was not typed, too (%j)', async (chosen, typed) => {
    const place = createPlace('accents');
    await signUp(place, { username: 'alice', password: chosen, algorithm: cheapAlgorithm() });
    expect((await signIn(place, { username: 'alice', password: typed })).username).toBe('alice');
    const change = { username: 'alice', oldPassword: typed, newPassword: BETTER };
    await changePassword(place, change);
    await signIn(place, { username: 'alice', password: BETTER });
  });

  it('that is wrong is tried in each form once, and one without accents once', async () => {
    const { deps, logins } = await account();
    const wrong = (password: string) => signIn(deps, { username: 'alice', password });
    await expect(wrong(composed)).rejects.toMatchObject({ name: 'WrongPassword' });
    expect(logins()).toBe(2);
    await expect(wrong('plain and wrong')).rejects.toMatchObject({ name: 'WrongPassword' });
    expect(logins()).toBe(3);
  });
});
