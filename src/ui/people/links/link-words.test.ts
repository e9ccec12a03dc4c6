/** A link in words, and as a mail to write. */
import { describe, expect, it } from 'vitest';
import type { SecretLink } from '#lib/client/index.ts';
import { aboutLink, mailWith } from './link-words.ts';

const NOW = new Date(2026, 10, 23, 12).getTime();
const LINK: SecretLink = {
  path: ['anna', 'plan & more.txt'],
  label: '12',
  right: 'read',
  password: '',
  opens: false,
  address: 'https://host.example/secret/zabc/12#AbcDef123456',
  downloadAddress: 'https://host.example/secret/zabc/12#AbcDef123456?download=true',
};

describe('a link', () => {
  it('says that nothing limits it', () => {
    expect(aboutLink(LINK, NOW)).toBe('no password, no end');
  });

  it('says what limits it, each once', () => {
    const endsMs = new Date(2026, 10, 24, 23, 59, 59).getTime();
    const limited = { ...LINK, password: 'sesame', endsMs, uses: 1 };
    expect(aboutLink(limited, NOW)).toBe(
      'asks for a password · until Nov 24, 2026 · can be opened once',
    );
    expect(aboutLink({ ...LINK, uses: 1200 }, NOW)).toBe('can be opened 1,200 times');
  });

  it('says that its end has come', () => {
    const endsMs = new Date(2026, 10, 22).getTime();
    expect(aboutLink({ ...LINK, endsMs }, NOW)).toBe('ended on Nov 22, 2026');
  });

  it('goes into a mail whole, without its password', () => {
    const mail = new URL(mailWith({ ...LINK, password: 'sesame' }, 'plan & more.txt'));
    expect(mail.protocol).toBe('mailto:');
    expect(Object.fromEntries(mail.searchParams)).toEqual({
      subject: 'plan & more.txt',
      body: LINK.address,
    });
    expect(mail.href).not.toContain('sesame');
  });
});
