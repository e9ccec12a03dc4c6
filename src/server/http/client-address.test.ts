import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ClientAddresses } from './client-address.ts';

/** What a connection from `peer` brings. */
function requestFrom(peer: string, headers: Readonly<Record<string, string>> = {}) {
  return { socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage;
}

const forwarded = (text: string) => ({ 'x-forwarded-for': text });

describe('the address of a client', () => {
  const behind = new ClientAddresses(['10.0.0.0/8', '2001:db8:ffff::/48']);

  test.each([
    ['192.0.2.1', '203.0.113.1', '192.0.2.1', 'anybody may write the header'],
    ['10.1.2.3', '203.0.113.1', '203.0.113.1', 'a proxy named it'],
    ['::ffff:10.1.2.3', '203.0.113.1', '203.0.113.1', 'the proxy in IPv6 dress'],
    ['2001:db8:ffff::1', '2001:db8::7', '2001:db8::7', 'both by IPv6'],
    ['10.1.2.3', '198.51.100.9, 203.0.113.1', '203.0.113.1', 'the client wrote the left part'],
    ['10.1.2.3', '198.51.100.9, 203.0.113.1, 10.9.9.9', '203.0.113.1', 'two proxies'],
    ['10.1.2.3', '198.51.100.9, 203.0.113.1:50123', '203.0.113.1', 'with a port'],
    ['10.1.2.3', '198.51.100.9, [2001:db8::7]:50123', '2001:db8::7', 'with a port, by IPv6'],
    ['10.1.2.3', '198.51.100.9, unknown', '10.1.2.3', 'what stands left of no address is forged'],
    ['10.1.2.3', '198.51.100.9, unknown, 10.9.9.9', '10.9.9.9', 'the same behind two proxies'],
    ['10.1.2.3', '', '10.1.2.3', 'the proxy says nothing'],
    ['10.1.2.3', '10.5.5.5', '10.5.5.5', 'a client among the proxies'],
  ])('%s saying "%s" is %s: %s', (peer, header, expected) => {
    expect(behind.of(requestFrom(peer, forwarded(header)))).toBe(expected);
  });
});

describe('clients are told apart', () => {
  const named = new ClientAddresses(['10.0.0.0/8']);
  const unnamed = new ClientAddresses([]);

  test('by their address, those of one IPv6 network as one', () => {
    expect(unnamed.clientOf(requestFrom('192.0.2.1'))).toBe('192.0.2.1');
    expect(unnamed.clientOf(requestFrom('127.0.0.1'))).toBe('127.0.0.1');
    expect(unnamed.clientOf(requestFrom('2001:db8::1'))).toBe(
      unnamed.clientOf(requestFrom('2001:db8::2')),
    );
  });

  test('not behind a proxy that is not named, or says nothing', () => {
    expect(unnamed.clientOf(requestFrom('127.0.0.1', forwarded('192.0.2.1')))).toBeUndefined();
    expect(unnamed.clientOf(requestFrom('::1', { via: '1.1 proxy' }))).toBeUndefined();
    expect(named.clientOf(requestFrom('10.1.2.3'))).toBeUndefined();
    expect(named.clientOf(requestFrom('10.1.2.3', forwarded('192.0.2.1')))).toBe('192.0.2.1');
  });

  test('not behind a proxy that hides itself: who knows the public name is no neighbour', () => {
    const addresses = new ClientAddresses([], ['drive.example.org', 'localhost:8000']);
    const by = (host: string) => requestFrom('127.0.0.1', { host });
    expect(addresses.isThisMachine(by('drive.example.org'))).toBe(false);
    expect(addresses.clientOf(by('drive.example.org'))).toBeUndefined();
    expect(addresses.isThisMachine(by('localhost:8000'))).toBe(true);
    expect(addresses.isThisMachine(by('127.0.0.1:8000'))).toBe(true);
  });

  test('and proxies may connect as often as their clients need', () => {
    expect(named.isShared('10.1.2.3')).toBe(true);
    expect(unnamed.isShared('127.0.0.1')).toBe(true);
    expect(unnamed.isShared('192.0.2.1')).toBe(false);
    expect(named.isShared(undefined)).toBe(false);
  });
});
