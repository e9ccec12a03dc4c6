import { describe, expect, it } from 'vitest';
import { generatePassphrase } from './passphrase.ts';
import { requireGoodPassword, JUDGED_UNITS, judgePassword } from './password-rules.ts';
import { PasswordRefused } from './errors.ts';
import { WORDS } from './passphrase-words.ts';

describe('passwords', () => {
  it.each([
    ['', 'alice'],
    ['alice', 'alice'],
    ['Alice', 'alice'],
    ['password', 'alice'],
    ['P@ssw0rd1', 'alice'],
    ['qwertyuiop', 'alice'],
    ['alice1', 'alice'],
    ['christopher', 'christopher'],
  ])('%j is refused for %s', async (password, username) => {
    const judgement = await judgePassword(password, username);
    expect(judgement.ok).toBe(false);
    expect(judgement.reason).toBeTruthy();
    await expect(requireGoodPassword(password, username)).rejects.toThrow(PasswordRefused);
  });

  it('a strong one is accepted with its score', async () => {
    expect(await judgePassword('tvQ7-mellow-garnet-94', 'alice')).toEqual({ ok: true, score: 4 });
  });

  it('only the beginning of a very long one is judged, so that no length makes it slow', async () => {
    const beginning = 'a'.repeat(JUDGED_UNITS);
    const judgement = await judgePassword(beginning, 'alice');
    expect(judgement.ok).toBe(false);
    expect(await judgePassword(`${beginning}tvQ7-mellow-garnet-94`, 'alice')).toEqual(judgement);
  });
});

describe('suggested passphrases', () => {
  it('the list holds 2,048 different lower-case words', () => {
    expect(new Set(WORDS).size).toBe(2048);
    for (const word of WORDS) expect(word).toMatch(/^[a-z]{3,8}$/);
  });

  it('are seven words from the list and pass the password rule', async () => {
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
    const passphrase = await generatePassphrase(random);
    const words = passphrase.split(' ');
    expect(words).toHaveLength(7);
    for (const word of words) expect(WORDS).toContain(word);
    expect(await judgePassword(passphrase, 'alice')).toEqual({ ok: true, score: 4 });
    expect(await generatePassphrase(random)).not.toBe(passphrase);
  });

  it('use the random bytes as little-endian indexes', async () => {
    const bytes = [0, 0, 1, 0, 0xff, 0x07, 0, 0x08, 2, 0, 3, 0, 4, 0];
    let at = 0;
    const passphrase = await generatePassphrase((length) =>
      Uint8Array.from(bytes.slice(at, (at += length))),
    );
    expect(passphrase).toBe('abandon ability zoo abandon able about above');
  });
});
