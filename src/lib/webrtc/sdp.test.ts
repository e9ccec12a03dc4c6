import { expect, test } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { noisePrologue } from './handshake.ts';
import { parseMultiaddr } from './multiaddr.ts';
import { answerOf, icePassword, sdpFingerprint } from './sdp.ts';

test('the prologue is that of the published vector', () => {
  // libp2p's specification of WebRTC-direct, "Test vectors".
  const client = '3e79af40d6059617a0d83b83a52ce73b0c1f37a72c6043ad2969e2351bdca870';
  const server = '30fc9f469c207419dfdd0aab5f27a86c973c94e40548db9375cca2e915973b99';
  expect(toHex(noisePrologue(fromHex(client), fromHex(server)))).toBe(
    '6c69627032702d7765627274632d6e6f6973653a' + `1220${client}` + `1220${server}`,
  );
});

test('password and fingerprint are found in what a browser offers', () => {
  const fingerprint = 'AB:'.repeat(31) + '0C';
  const sdp = `v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 ${fingerprint}\r\n`;
  expect(icePassword(sdp)).toBe('abcdefghijklmnopqrstuvwx');
  expect(toHex(sdpFingerprint(sdp))).toBe(`${'ab'.repeat(31)}0c`);
  expect(() => icePassword('a=ice-pwd:short\r\n')).toThrow('password');
  expect(() => sdpFingerprint('a=fingerprint:sha-1 AB\r\n')).toThrow('certificate');
});

test('the answer that is made up names the node, its certificate and the password of the page', () => {
  const address = parseMultiaddr(
    '/ip6/2001:db8::1/udp/4001/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ' +
      '/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5',
  );
  const lines = answerOf(address, 'secret+/Password0123456').split('\r\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'c=IN IP6 2001:db8::1',
      'a=ice-lite',
      'a=setup:passive',
      'a=ice-ufrag:libp2p+webrtc+v2/secret+/Password0123456',
      'a=ice-pwd:libp2p+webrtc+v2/secret+/Password0123456',
      'a=max-message-size:16384',
    ]),
  );
  expect(lines.find((it) => it.startsWith('a=fingerprint:'))).toMatch(
    /^a=fingerprint:sha-256 24:1F:96:.*:BD$/u,
  );
});
