import { expect, test } from 'vitest';
import { serverName } from '../text/server-name.ts';
import { isInPrivateNetwork, nodeIn } from './named-node.ts';

const NODE = '/ip4/192.0.2.7/udp/4001/webrtc-direct/certhash/uEiA/p2p/12D3';
const TOKEN = '0123456789abcdef'.repeat(4);

test('a node is found in a fragment, and in a link that was pasted', () => {
  expect(nodeIn(`node=${NODE}`)).toEqual({ multiaddr: NODE });
  expect(nodeIn(`https://drive.example.org/#node=${NODE}`)).toEqual({ multiaddr: NODE });
  const encoded = new URLSearchParams({ node: NODE, token: TOKEN }).toString();
  expect(nodeIn(encoded)).toEqual({ multiaddr: NODE, token: TOKEN });
});

test('what names no node is passed over', () => {
  for (const text of [
    '',
    NODE,
    'invite=anna',
    'node=',
    'node=https://drive.example.org',
    `node=/${'x'.repeat(300)}`,
  ]) {
    expect(nodeIn(text)).toBeUndefined();
  }
  expect(nodeIn(`node=${NODE}&token=short`)).toEqual({ multiaddr: NODE });
});

test('addresses of private networks are known', () => {
  const addresses = ['ip4/10.0.0.1', 'ip4/192.168.1.5', 'ip4/172.20.0.1', 'ip4/127.0.0.1'];
  for (const it of [...addresses, 'ip6/::1', 'ip6/fd00::1', 'ip6/fe80::1']) {
    expect(isInPrivateNetwork(`/${it}/udp/1`), it).toBe(true);
  }
  for (const it of ['ip4/192.0.2.7', 'ip4/172.32.0.1', 'ip4/100.1.1.1', 'ip6/2001:db8::1']) {
    expect(isInPrivateNetwork(`/${it}/udp/1`), it).toBe(false);
  }
});

test('a server is named by host and port', () => {
  expect(serverName('https://drive.example.org:8443')).toBe('drive.example.org:8443');
  expect(serverName(NODE)).toBe('192.0.2.7:4001');
  expect(serverName('/ip6/2001:db8::1/udp/4001/webrtc-direct')).toBe('[2001:db8::1]:4001');
});
