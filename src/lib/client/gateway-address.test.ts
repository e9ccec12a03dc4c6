import { describe, expect, it } from 'vitest';
import { addressIn, isAddressOfOneVersion, isSharedOrigin } from './gateway-address.ts';

const CID = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';
const NAME = 'k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8';

describe('the address of the page', () => {
  it.each([
    [`https://dweb.example/ipfs/${CID}/`, true],
    [`https://dweb.example/ipfs/${CID}`, true],
    ['https://dweb.example/ipns/drive.example.org/_app/immutable/workers/engine.js', true],
    [`https://example.org/gateway/ipfs/${CID}/`, true],
    [`https://${CID}.ipfs.dweb.example/`, false],
    [`https://${NAME}.ipns.dweb.example/`, false],
    ['https://drive.example.org/ipfs', false],
    ['https://drive.example.org/files/ipfs.html', false],
    ['http://localhost:7420/any/prefix/', false],
  ])('%s: whether other sites share its origin is %s', (address, isShared) => {
    expect(isSharedOrigin(new URL(address))).toBe(isShared);
  });

  it.each([
    [`https://${CID}.ipfs.dweb.example/`, true],
    [`http://${CID}.ipfs.localhost:8080/`, true],
    [`https://${NAME}.ipns.dweb.example/`, false],
    [`https://dweb.example/ipfs/${CID}/`, false],
    ['https://drive.ipfs.example.org/', false],
    ['http://localhost:7420/', false],
  ])('%s: whether it is of one version alone is %s', (address, isOfOne) => {
    expect(isAddressOfOneVersion(new URL(address))).toBe(isOfOne);
  });
});

describe('the address that stays', () => {
  const page = new URL(`http://${CID}.ipfs.localhost:8080/`);

  it('is that of the key at the same gateway', () => {
    const address = `http://${NAME}.ipns.localhost:8080/`;
    expect(addressIn(JSON.stringify({ ipns: NAME }), page)).toBe(address);
  });

  it.each([
    '{}',
    'null',
    '{"ipns":1}',
    '{"ipns":"k51"}',
    `{"ipns":"${NAME}.example"}`,
    `{"ipns":"k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjon/@evil.example"}`,
    JSON.stringify({ ipns: NAME, more: 'x'.repeat(1_000) }),
  ])('is not known from %s', (text) => {
    expect(addressIn(text, page)).toBeUndefined();
  });

  it('is of no use to a page from elsewhere', () => {
    expect(addressIn(JSON.stringify({ ipns: NAME }), new URL('https://example.org/'))).toBe(
      undefined,
    );
  });
});
