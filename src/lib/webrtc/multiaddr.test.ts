import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '#lib/bytes/index.ts';
import { BadMultiaddr } from './errors.ts';
import { formatMultiaddr, parseMultiaddr } from './multiaddr.ts';

/** As Kubo and js-libp2p print theirs. */
const CERTHASH = 'uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ';
const HASH = '241f96b80cf18a52e3818d8c340a0c23bdc24224c0f62bfd5a96e291feda5ebd';
const PEER = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5';
const address = (ip = '/ip4/192.0.2.7', port = '4001', hash = CERTHASH, peer = PEER): string =>
  `${ip}/udp/${port}/webrtc-direct/certhash/${hash}/p2p/${peer}`;

test('an address is read into its parts and written back as it was', () => {
  const read = parseMultiaddr(address());
  expect([read.family, read.ip, read.port]).toEqual([4, '192.0.2.7', 4001]);
  expect(toHex(read.certificateHash)).toBe(HASH);
  expect(read.peer.toPeerId()).toBe(PEER);
  expect(formatMultiaddr(read)).toBe(address());
});

test('an address of version 6 is written in the shortest form', () => {
  const read = parseMultiaddr(address('/ip6/2001:DB8:0:0::1'));
  expect([read.family, read.ip]).toEqual([6, '2001:db8::1']);
  expect(formatMultiaddr(read)).toBe(address('/ip6/2001:db8::1'));
});

test('what is not exactly of this form is refused', () => {
  const others = [
    '',
    '/',
    'https://drive.example.org',
    ` ${address()}`,
    `${address()}/`,
    `${address()}/p2p-circuit`,
    address('/dns4/example.org'),
    address('/ip4/256.1.1.1'),
    address('/ip4/01.1.1.1'),
    address('/ip4/1.1.1'),
    address('/ip4/::1'),
    address('/ip6/1.2.3.4'),
    address('/ip6/fe80::1%eth0'),
    address('/ip6/::1]:80/[::1'),
    address('/ip6/:::'),
    address(undefined, '0'),
    address(undefined, '04001'),
    address(undefined, '65536'),
    address(undefined, '4e3'),
    address(undefined, undefined, `m${CERTHASH.slice(1)}`),
    address(undefined, undefined, CERTHASH.slice(0, -1)),
    address(undefined, undefined, CERTHASH.replace('uEiA', 'uEyA')),
    address(undefined, undefined, undefined, 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'),
    address(undefined, undefined, undefined, `${PEER}1`),
    address(undefined, undefined, undefined, '1'.repeat(52)),
    address().replace('/webrtc-direct', '/webrtc'),
    address().replace('/udp', '/tcp'),
    address('/ip4/1.2.3.4\r\na=candidate:1'),
    '/'.repeat(100_000),
  ];
  for (const text of others) expect(() => parseMultiaddr(text), text).toThrow(BadMultiaddr);
});

test('any change of an address gives another address or is refused', () => {
  const characters = fc.string({ unit: fc.constantFrom(...'/:.aAzZ09-_ \n'), maxLength: 3 });
  fc.assert(
    fc.property(fc.nat(address().length), fc.nat(3), characters, (at, cut, put) => {
      const text = address().slice(0, at) + put + address().slice(at + cut);
      try {
        const read = parseMultiaddr(text);
        expect(parseMultiaddr(formatMultiaddr(read))).toEqual(read);
        if (text !== address()) expect(formatMultiaddr(read)).not.toBe(address());
      } catch (error) {
        expect(error).toBeInstanceOf(BadMultiaddr);
      }
    }),
  );
});
