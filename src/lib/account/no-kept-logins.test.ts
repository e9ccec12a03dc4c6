import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { SymmetricKey, systemRandom } from '#lib/crypto/index.ts';
import { keepNoLogins } from './no-kept-logins.ts';
import { openSavedLogins } from './saved-logins.ts';

describe('an origin that other sites share', () => {
  it('knows accounts and keeps nothing that opens them, not even of an earlier version', async () => {
    const logins = await openSavedLogins('no-kept-logins', systemRandom, () => 1);
    const login = {
      username: 'alice',
      rootKey: SymmetricKey.random(systemRandom),
      sealedSecrets: [systemRandom(24)],
      algorithm: new Map([['m', 17]]),
    };
    await logins.keep(login);
    const careful = keepNoLogins(logins);
    expect(await careful.list()).toEqual([{ username: 'alice', staysSignedIn: false }]);
    expect(await logins.load(login)).toBeUndefined();
    await careful.keep(login, 'https://drive.example.org');
    expect(await logins.list()).toContainEqual({
      username: 'alice',
      server: 'https://drive.example.org',
      staysSignedIn: false,
    });
    expect(await careful.load(login)).toBeUndefined();
  });
});
