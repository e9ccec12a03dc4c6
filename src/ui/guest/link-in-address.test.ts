import { describe, expect, it } from 'vitest';
import { linkInAddress, siteFolder } from './link-in-address.ts';

const OWNER = 'z59vuwzfFDp3ZA8ZpnnmHEuMtyA1q34m3Th49DYXQVJntWpxdGrRqXi';
const SECRET = `secret/${OWNER}/4711`;
const of = (address: string) => linkInAddress(new URL(address));
const NODE =
  '/ip4/192.0.2.7/udp/4001/webrtc-direct/certhash/uEiAkH5a4/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5';
const CAP = '6MkqGp/z59vuwzfFDp3ZA8/3Z9ko/7Yq1';

describe('the address of a page', () => {
  it.each([
    [`https://a.example/${SECRET}#pass`, `${SECRET}#pass`],
    [`https://a.example/${SECRET}/#pass`, `${SECRET}#pass`],
    [`https://a.example/some/where/${SECRET}#pass?open=true`, `${SECRET}#pass?open=true`],
    [`https://a.example/${SECRET}`, SECRET],
    [`https://a.example/#${SECRET}#pass`, `${SECRET}#pass`],
    [`https://a.example/#${SECRET}%23pass`, `${SECRET}#pass`],
    [`https://a.example/#https://b.example/${SECRET}#pass`, `https://b.example/${SECRET}#pass`],
    [`https://a.example/x/#${NODE}/${SECRET}#pass`, `${NODE}/${SECRET}#pass`],
    [`https://a.example/#${NODE}/${SECRET}%23pass`, `${NODE}/${SECRET}#pass`],
    [`https://a.example/#${CAP}`, `#${CAP}`],
    [`https://a.example/##${CAP}?open=true`, `#${CAP}?open=true`],
    [`https://a.example/#${CAP}/9aBc`, `#${CAP}/9aBc`],
    [
      'https://a.example/#{"secretLink":true,"link":"x"}',
      '#{%22secretLink%22:true,%22link%22:%22x%22}',
    ],
  ])('holds the link that is to be opened: %s', (address, link) => {
    expect(of(address)).toBe(link);
  });

  it.each([
    'https://a.example/',
    'https://a.example/#',
    'https://a.example/#%7B%22nonce%22:%22x%22%2c%22ciphertext%22:%22y%22%7D',
    'https://a.example/#main',
    `https://a.example/#node=${NODE}`,
    `https://a.example/#${NODE}`,
    `https://a.example/#/ip4/192.0.2.7/${SECRET}#pass`,
    `https://a.example/secret/${OWNER}/`,
    'https://a.example/secret/a-b/5#pass',
  ])('holds none: %s', (address) => {
    expect(of(address)).toBeUndefined();
  });

  it.each([
    ['https://a.example/', 'https://a.example/'],
    ['https://a.example/some/#x', 'https://a.example/some/'],
    ['https://a.example/some/index.html', 'https://a.example/some/'],
    [`https://a.example/${SECRET}#pass`, 'https://a.example/'],
    [`https://a.example/ipfs/bafy/${SECRET}/#pass`, 'https://a.example/ipfs/bafy/'],
    [`https://a.example/#https://b.example/${SECRET}#pass`, 'https://a.example/'],
  ])('says where the site lies: %s', (address, folder) => {
    expect(siteFolder(new URL(address))).toBe(folder);
  });
});
