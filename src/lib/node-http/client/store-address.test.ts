import { describe, expect, test } from 'vitest';
import { isStoreAddress } from './store-address.ts';

const mayAsk = (store: string, node = 'https://drive.example') =>
  isStoreAddress(new URL(store), new URL(node));

describe('of a node elsewhere', () => {
  test.each([
    'https://s3.example/bucket/',
    'https://drive.example:9000/bucket/',
    'https://DRIVE.example./bucket/',
    'https://203.0.113.7/',
    'https://172.32.0.1/',
    'https://[2606:4700::1]/',
    'https://[2002:cb00:7107::1]/',
    'https://[64:ff9b::cb00:7107]/',
  ])('a store at %s is asked', (store) => {
    expect(mayAsk(store)).toBe(true);
  });

  test.each([
    'http://s3.example/',
    'http://drive.example/',
    'ftp://s3.example/',
    'https://me@s3.example/',
    'https://me:secret@s3.example/',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://x.localhost/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://0.0.0.0/',
    'https://10.1.2.3/',
    'https://100.64.0.1/',
    'https://169.254.169.254/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.168.1.1/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::]/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:192.168.1.1]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::a00:1]/',
    'https://[2002:a00:1::1]/',
    'https://[fc00::1]/',
    'https://[fd12:3456::1]/',
    'https://[fe80::1]/',
    'https://[ff02::1]/',
    'https://router/',
    'https://printer.local/',
    'https://nas.lan/',
    'https://metadata.google.internal/',
    'https://x.home.arpa./',
  ])('%s is not asked', (store) => {
    expect(mayAsk(store)).toBe(false);
  });
});

test.each([
  ['https://192.168.1.5:9000/', 'https://192.168.1.5', true],
  ['https://192.168.1.6/', 'https://192.168.1.5', false],
  ['https://nas.lan:9000/', 'https://NAS.lan.', true],
  ['https://other.lan/', 'https://nas.lan', false],
  ['http://nas.lan:9000/', 'https://nas.lan', false],
  ['http://localhost:9000/', 'http://localhost:8000', true],
  ['http://127.0.0.1:9000/', 'http://localhost:8000', true],
  ['http://[::1]:9000/', 'http://localhost:8000', true],
  ['http://192.168.1.5:9000/', 'http://localhost:8000', false],
  ['http://s3.example/', 'http://localhost:8000', false],
  ['https://s3.example/', 'http://localhost:8000', true],
])('a store at %s of a node at %s: %s', (store, node, expected) => {
  expect(mayAsk(store, node)).toBe(expected);
});
