/** Two people who compare their numbers, and what becomes of it when keys change. */
import { describe, expect, it } from 'vitest';
import { changePassword } from '#lib/account/index.ts';
import { createOldestAccount } from '#lib/account/testing.ts';
import { BoxingKeyPair, Signer, SigningKeyPair, systemRandom } from '#lib/crypto/index.ts';
import { Commit } from '#lib/writers/index.ts';
import { createTown, settle, type TestPerson } from '../testing.ts';
import { Verification } from './verification.ts';

async function two() {
  const town = createTown();
  return { town, alice: await settle(town, 'alice'), bob: await settle(town, 'bob') };
}

/** What a device that knows nothing says of a friend. */
const stateOf = (who: TestPerson, username: string) => who.another().verification.stateOf(username);

/** Gives somebody another boxing key, signed by his identity. */
async function showBoxing({ deps, session }: TestPerson, pair: BoxingKeyPair): Promise<void> {
  const signer = Signer.of(session.identity);
  const commit = new Commit(deps.driveDeps, session.identity.hash);
  commit.putCbor(signer, pair.publicKey.toCbor());
  const inbound = pair.publicKey.hash();
  await commit.changeWriterData(signer, (data) => data.with({ inbound }));
  await commit.commit();
}

describe('two people who compare', () => {
  it('see one number, and codes that fit each other', async () => {
    const { alice, bob } = await two();
    const [hers, his] = [await alice.verification.of('bob'), await bob.verification.of('alice')];
    expect(hers.safetyNumber).toMatch(/^\d{60}$/u);
    expect(his.safetyNumber).toBe(hers.safetyNumber);
    expect(hers.state).toEqual({ kind: 'not-verified' });
    expect(await alice.verification.compare('bob', his.qrText)).toBe(true);
    expect(await stateOf(alice, 'bob')).toEqual({ kind: 'verified' });
    expect(await stateOf(bob, 'alice')).toEqual({ kind: 'not-verified' });
  });

  it('have verified nobody where the code is that of another', async () => {
    const { town, alice, bob } = await two();
    const carol = await settle(town, 'carol');
    await alice.verification.compare('bob', (await bob.verification.of('alice')).qrText);
    await alice.verification.mark('carol', true);
    const other = await carol.verification.of('alice');
    expect(await alice.verification.compare('bob', other.qrText)).toBe(false);
    expect(await stateOf(alice, 'bob')).toEqual({ kind: 'not-verified' });
    expect(await stateOf(alice, 'carol')).toEqual({ kind: 'verified' });
    expect(await alice.verification.marked()).toEqual(['carol']);
  });

  it('change nothing with a code that is none', async () => {
    const { alice } = await two();
    await alice.verification.mark('bob', true);
    await expect(alice.verification.compare('bob', 'hello')).rejects.toMatchObject({
      name: 'UnreadableCode',
    });
    expect(await stateOf(alice, 'bob')).toEqual({ kind: 'verified' });
  });

  it('may say so without a camera, and take it back', async () => {
    const { alice } = await two();
    await alice.verification.mark('bob', true);
    expect(await stateOf(alice, 'bob')).toEqual({ kind: 'verified' });
    await alice.verification.mark('bob', false);
    expect(await stateOf(alice, 'bob')).toEqual({ kind: 'not-verified' });
  });
});

describe('keys that changed since', () => {
  it('are told from the upgrade that the verified identity signed', async () => {
    const { alice, bob } = await two();
    await showBoxing(bob, BoxingKeyPair.fromCurveSecret(systemRandom(32)));
    await alice.verification.mark('bob', true);
    await showBoxing(bob, BoxingKeyPair.random(systemRandom));
    expect(await stateOf(alice, 'bob')).toEqual({
      kind: 'keys-changed',
      change: 'boxing-upgrade',
    });
  });

  it('are no upgrade where the new boxing key is of the former kind', async () => {
    const { alice, bob } = await two();
    await alice.verification.mark('bob', true);
    await showBoxing(bob, BoxingKeyPair.fromCurveSecret(systemRandom(32)));
    expect(await stateOf(alice, 'bob')).toEqual({ kind: 'keys-changed', change: 'unexplained' });
  });

  it('are told from an identity that the verified one signed', async () => {
    const { town, alice } = await two();
    const credentials = { username: 'olga', password: 'olga was here early' };
    await createOldestAccount(town, credentials);
    await alice.verification.mark('olga', true);
    expect(await stateOf(alice, 'olga')).toEqual({ kind: 'verified' });
    const change = { username: 'olga', oldPassword: credentials.password };
    await changePassword(town, { ...change, newPassword: 'olga stays a long while' });
    expect(await stateOf(alice, 'olga')).toEqual({
      kind: 'keys-changed',
      change: 'signed-identity',
    });
  });

  it('are unexplained where no chain leads from the verified identity', async () => {
    const { alice } = await two();
    const stranger = SigningKeyPair.random(systemRandom).hash;
    await alice.verification.mark('bob', true);
    const identitiesOf = () => Promise.resolve([stranger, alice.session.identity.hash]);
    const deceived = new Verification({ ...alice.deps, identitiesOf });
    expect(await deceived.stateOf('bob')).toEqual({
      kind: 'keys-changed',
      change: 'unexplained',
    });
  });

  it('do not count for a mark of the number that was on the screen', async () => {
    const { alice, bob } = await two();
    await alice.verification.of('bob');
    await showBoxing(bob, BoxingKeyPair.random(systemRandom));
    await alice.verification.mark('bob', true);
    expect(await stateOf(alice, 'bob')).toMatchObject({ kind: 'keys-changed' });
  });
});
