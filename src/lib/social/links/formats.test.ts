import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { secretLinkChampKey } from '#lib/champ/index.ts';
import { Cid, CODEC, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import { hashBlockNow, startCrypto } from '#lib/crypto/index.ts';
import { capabilityFromCbor, capabilityToCbor, capabilityToLink } from '#lib/cryptree/index.ts';
import { secretLinkTargetFromCbor, secretLinkTargetToCbor } from '#lib/protocol/index.ts';
import { vectorsOf } from '../../../../tests/vectors/load.ts';
import { linkPropertiesFromCbor, linkToCbor } from '../share/shared-with.ts';
import {
  decryptCapability,
  encryptCapability,
  encryptedCapabilityFromCbor,
  encryptedCapabilityToCbor,
} from './encrypted-capability.ts';
import {
  capabilityLinkAddress,
  NO_WISHES,
  parseLinkAddress,
  secretLinkAddress,
} from './link-address.ts';
import { drawLabel, drawLinkPassword } from './secrets.ts';

void startCrypto();

interface LinkLine {
  readonly url: string;
  readonly owner: string;
  readonly label: string;
  readonly linkPassword: string;
  readonly userPassword: string;
  readonly nonce: string;
  readonly capability: string;
  readonly encryptedCapability: string;
  readonly target: string;
  readonly targetCid: string;
  readonly champKey: string;
}

const LINKS = vectorsOf<LinkLine>('secretLink');
const [PLAIN] = LINKS;
const NODE =
  '/ip4/192.0.2.7/udp/4001/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ' +
  '/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5';
const CAPABILITY = capabilityFromCbor(decodeCbor(fromHex(PLAIN!.capability)));

describe.each(LINKS)('the secret link $name', (line) => {
  const secrets = { ...line, label: BigInt(line.label) };

  it('is sealed as the reference seals it, and opens', async () => {
    const capability = capabilityFromCbor(decodeCbor(fromHex(line.capability)));
    const made = await encryptCapability(capability, secrets, () => fromHex(line.nonce));
    expect(toHex(encodeCbor(encryptedCapabilityToCbor(made)))).toBe(line.encryptedCapability);
    const read = encryptedCapabilityFromCbor(decodeCbor(fromHex(line.encryptedCapability)));
    const opened = await decryptCapability(read, secrets);
    expect(toHex(encodeCbor(capabilityToCbor(opened)))).toBe(line.capability);
  });

  it('has the target, and the place in the tree, that the reference gives it', () => {
    const target = secretLinkTargetFromCbor(decodeCbor(fromHex(line.target)));
    const block = encodeCbor(secretLinkTargetToCbor(target));
    expect(toHex(block)).toBe(line.target);
    const expected = Cid.parse(line.targetCid).toString();
    expect(hashBlockNow(block, CODEC.dagCbor).toString()).toBe(expected);
    expect(toHex(secretLinkChampKey(Number(line.label)))).toBe(line.champKey);
  });

  it('has this address', () => {
    const address = parseLinkAddress(line.url);
    if (address.kind !== 'secret') throw new Error('another kind of address');
    expect(address.owner.toString()).toBe(line.owner);
    expect(address.label.toString()).toBe(line.label);
    expect(address.linkPassword).toBe(line.linkPassword);
    expect(secretLinkAddress(address)).toBe(line.url);
  });
});

it.each(
  vectorsOf<{
    label: string;
    linkPassword: string;
    userPassword: string;
    encryptedCapability: string;
  }>('secretLinkReject'),
)('a password that is not the link’s opens nothing: $name', async (line) => {
  const sealed = encryptedCapabilityFromCbor(decodeCbor(fromHex(line.encryptedCapability)));
  const opening = decryptCapability(sealed, { ...line, label: BigInt(line.label) });
  await expect(opening).rejects.toMatchObject({ name: 'WrongLinkPassword' });
});

it('a damaged password of the address is said to be that, where nobody is asked for one', async () => {
  const sealed = encryptedCapabilityFromCbor(decodeCbor(fromHex(PLAIN!.encryptedCapability)));
  const secrets = { label: BigInt(PLAIN!.label), linkPassword: 'abcdefghijkm', userPassword: '' };
  await expect(decryptCapability(sealed, secrets)).rejects.toMatchObject({
    name: 'BadLinkAddress',
  });
});

it.each([
  ['a0', 'MalformedSocialRecord'],
  ['80', 'MalformedSocialRecord'],
  ['a2616382414141416171f5', 'NewerLink'],
])('a stored link %s is refused as %s', (hex, name) => {
  const reading = (): unknown => encryptedCapabilityFromCbor(decodeCbor(fromHex(hex)));
  expect(reading).toThrow(expect.objectContaining({ name }));
});

it.each(vectorsOf<{ cbor: string; label: string; existing: string }>('linkProperties'))(
  'what its owner remembers of a link is written as the reference does: $name',
  ({ cbor, label, existing }) => {
    const link = linkPropertiesFromCbor(decodeCbor(fromHex(cbor)));
    expect(link.label.toString()).toBe(label);
    expect(link.target?.toString()).toBe(existing);
    expect(toHex(encodeCbor(linkToCbor(link)))).toBe(cbor);
  },
);

describe('an address', () => {
  it.each(
    vectorsOf<{ url: string; owner: string; label: string; linkPassword: string }>(
      'secretLinkParse',
    ),
  )('$name is taken apart', ({ url, owner, label, linkPassword }) => {
    const parts = parseLinkAddress(url);
    expect({ ...parts, owner: 'owner' in parts && parts.owner.toString() }).toMatchObject({
      owner,
      label: BigInt(label),
      linkPassword,
    });
  });

  it.each([
    ...vectorsOf<{ url: string }>('secretLinkParseReject').map(({ url }) => url),
    ...vectorsOf<{ link: string }>('capabilityLinkReject').map(({ link }) => link),
    PLAIN!.url.replace('12345#', '4294967296#'),
    PLAIN!.url.replace(/#.*/u, ''),
    PLAIN!.url.replace(/#.*/u, '#'),
    PLAIN!.url.replace(/#.*/u, '#{"secretLink":true}'),
    PLAIN!.url.replace(/#.*/u, '#no%20letters'),
    `#{"link":"${capabilityToLink(CAPABILITY)}"}`,
    '#{"secretLink":true,"link":7}',
    '#[]',
    'https://example.org/',
    `https://example.org/elsewhere${capabilityToLink(CAPABILITY)}`,
    'x'.repeat(100_000),
  ])('that is none is refused: %#', (url) => {
    const parsing = (): unknown => parseLinkAddress(url);
    expect(parsing).toThrow(expect.objectContaining({ name: 'BadLinkAddress' }));
  });

  const whole = {
    open: true,
    download: false,
    path: '/alice/a b',
    app: 'Drive',
    filename: 'é,.txt',
  };
  const [host, capability] = ['drive.example.org:4000', CAPABILITY];

  it('says what is to be shown, and how', () => {
    const plain = parseLinkAddress(PLAIN!.url);
    if (plain.kind !== 'secret') throw new Error('another kind of address');
    const text = secretLinkAddress({ ...plain, host, wishes: whole });
    expect(text.slice(0, 38)).toBe('https://drive.example.org:4000/secret/');
    expect(parseLinkAddress(text)).toEqual({ ...plain, host, wishes: whole });
  });

  it('of a node on this computer is not encrypted', () => {
    const plain = parseLinkAddress(PLAIN!.url);
    if (plain.kind !== 'secret') throw new Error('another kind of address');
    const text = secretLinkAddress({ ...plain, host: 'localhost:8000' });
    expect(text).toBe(`http://localhost:8000/${PLAIN!.url}`);
  });

  it('names a node without a domain by its multiaddr, behind the # of a copy of the app', () => {
    const plain = parseLinkAddress(PLAIN!.url);
    if (plain.kind !== 'secret') throw new Error('another kind of address');
    const text = secretLinkAddress({ ...plain, host: NODE });
    expect(text).toBe(`${NODE}/${PLAIN!.url}`);
    for (const address of [text, `https://a.example/x/#${text}`]) {
      expect(parseLinkAddress(address)).toEqual({ ...plain, host: NODE });
    }
    const otherwise = text.replace('/ip4/192.0.2.7/', '/ip6/2001:DB8:0::1/');
    expect(parseLinkAddress(otherwise).host).toContain('/ip6/2001:db8::1/udp/4001/');
  });

  it.each([
    ['/ip4/192.0.2.7/', '/ip4/192.0.2.777/'],
    ['/udp/4001/', '/tcp/4001/'],
    ['/certhash/uEi', '/certhash/uEj'],
    ['/p2p/12D3', '/p2p/12D4'],
    ['/webrtc-direct/', `/${'x'.repeat(300)}/`],
  ])('of a node is refused where %s is %s', (from, to) => {
    const address = `${NODE}/${PLAIN!.url}`.replace(from, to);
    const parsing = (): unknown => parseLinkAddress(address);
    expect(parsing).toThrow(expect.objectContaining({ name: 'BadLinkAddress' }));
  });

  it('that a page wrote once it was open is the same link', () => {
    const page = {
      secretLink: true,
      linkpassword: 'abcdefghijkl',
      app: 'Gallery',
      path: 'alice/x',
    };
    const text = PLAIN!.url.replace(/#.*/u, `#${encodeURI(JSON.stringify(page))}`);
    expect(parseLinkAddress(text)).toMatchObject({
      label: 12345n,
      linkPassword: 'abcdefghijkl',
      wishes: { open: true, path: 'alice/x' },
    });
  });

  it('may hold the capability itself, in either form', () => {
    const json = capabilityLinkAddress({ host, capability, wishes: whole });
    expect(json).not.toContain(',');
    expect(parseLinkAddress(json)).toEqual({ kind: 'capability', host, capability, wishes: whole });
    const bare = `${capabilityToLink(CAPABILITY)}?download=true`;
    for (const text of [bare, bare.slice(1), `https://${host}/${bare}`]) {
      const parts = parseLinkAddress(text);
      const wishes = { ...NO_WISHES, download: true };
      expect(parts).toMatchObject({ kind: 'capability', capability, wishes });
    }
  });
});

describe('what is drawn', () => {
  it('leaves out a label of nothing, and bytes that would favour some characters', () => {
    const labels = [Uint8Array.of(0, 0, 0, 0), Uint8Array.of(1, 2, 0, 0)];
    expect(drawLabel(() => labels.shift()!)).toBe(0x201);
    let byte = 255;
    const password = drawLinkPassword(() => Uint8Array.of(byte--));
    expect(password).toBe('9876543210zy');
  });
});
