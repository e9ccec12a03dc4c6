import { describe, expect, it } from 'vitest';
import { invitationAddress, inviterIn, shownInvitationIn } from './invitation.ts';

describe('an invitation', () => {
  it.each(['anna', 'a', '7', 'anna-maria', 'old_name', 'x'.repeat(32)])(
    'of %s names who invites',
    (name) => {
      const { hash } = new URL(invitationAddress('https://drive.example/app/', name));
      expect(inviterIn(hash.slice(1))).toBe(name);
    },
  );

  it('holds the address of the site and the name, and nothing else', () => {
    expect(invitationAddress('https://drive.example/app/', 'anna')).toBe(
      'https://drive.example/app/#invite=anna',
    );
  });

  it('names the node of an account that has no domain', () => {
    const node = '/ip4/192.0.2.7/udp/4001/webrtc-direct/certhash/uEiAk-_4/p2p/12D3KooW';
    const address = invitationAddress('https://drive.example/', 'anna', undefined, node);
    expect(address).toBe(`https://drive.example/#invite=anna&node=${node}`);
    expect(inviterIn(new URL(address).hash.slice(1))).toBe('anna');
    expect(invitationAddress('https://a.example/', 'anna', undefined, 'https://b.example')).toBe(
      'https://a.example/#invite=anna',
    );
  });

  it.each([
    '',
    'invite',
    'invite=',
    'invite=Anna',
    'invite=anna ',
    'invite=anna%20',
    'invite=%61nna',
    'invite=anna&then=delete',
    'invite=anna/../boris',
    'invite=-anna',
    'invite=<img src=x onerror=alert(1)>',
    'invite=javascript:alert(1)',
    'invite=\u0430nna',
    'invite=anna\n',
    `invite=${'x'.repeat(33)}`,
    `invite=anna.${'ab'.repeat(31)}`,
    `invite=anna.${'AB'.repeat(32)}`,
    `invite=anna.${'ab'.repeat(32)}.x`,
    'invite=anna.',
    'secret/anna/1#password',
    'x&invite=anna',
  ])('is not what stands in %j', (fragment) => {
    expect(inviterIn(fragment)).toBeUndefined();
  });
});

describe('an invitation on a screen', () => {
  const code = 'ab'.repeat(32);

  it.each(['https://drive.example/app/', 'http://localhost:8000/'])(
    'at %s names who shows it, and a code',
    (site) => {
      const shown = invitationAddress(site, 'anna', code);
      expect(shownInvitationIn(shown)).toEqual({ username: 'anna', code });
      expect(inviterIn(new URL(shown).hash.slice(1))).toBe('anna');
    },
  );

  it.each([
    '',
    code,
    `invite=anna.${code}`,
    'https://drive.example/#invite=anna',
    `https://drive.example/#invite=Anna.${code}`,
    `https://drive.example/#invite=anna.${code}#`,
    `https://drive.example/?${'x'.repeat(5000)}#invite=anna.${code}`,
  ])('is not %j', (text) => {
    expect(shownInvitationIn(text)).toBeUndefined();
  });
});
