/** The CIDs here are what Kubo 0.43.1 printed for the same folders: `ipfs add -r --cid-version 1`. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCar } from '#lib/car/index.ts';
import { addressesAt, gatewayOf } from './addresses.ts';
import { filesBelow, folderCar, withStableAddress } from './site-car.ts';

const FOLDER_CID = 'bafybeib7dzb6ksunrjc63oq6yaiywbd4vmdu3jzxsm25j4ucokzdzgfi3q';
/** Two leaves long. */
const BIG = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7 + Math.floor(i / 256));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pyrgos-car-'));
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'index.html'), 'hello\n');
  writeFileSync(join(folder, 'sub', 'big.bin'), BIG);
  writeFileSync(join(folder, 'sub', 'empty.txt'), '');
  writeFileSync(join(folder, '.hidden'), '{}\n');
  symlinkSync(join(folder, 'index.html'), join(folder, 'sub', 'link'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the CAR of a folder', () => {
  it('has the CID that Kubo gives the folder, without its hidden files', async () => {
    expect((await folderCar(filesBelow(folder))).cid).toBe(FOLDER_CID);
  });

  it('is the same whatever order the files come in', async () => {
    const files = filesBelow(folder);
    const { bytes } = await folderCar(files);
    expect((await folderCar(files.toReversed())).bytes).toEqual(bytes);
  });

  it('holds every block once, each with the bytes of its CID, and the root first', async () => {
    const { bytes } = await folderCar(filesBelow(folder));
    const { roots, blocks } = await readCar(pieces(bytes));
    const seen: string[] = [];
    for await (const block of blocks) {
      seen.push(block.cid.toString());
      const hash = createHash('sha256').update(block.bytes as unknown as Uint8Array);
      expect(Buffer.from(block.cid.digest)).toEqual(hash.digest());
    }
    expect(roots.map(String)).toEqual([seen[0]]);
    // Two folders, a file of two leaves, its leaves, and two files of one.
    expect(new Set(seen).size).toBe(7);
    expect(seen.length).toBe(7);
  });

  it('is that of the empty folder where there is nothing', async () => {
    const { cid } = await folderCar([]);
    expect(cid).toBe('bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354');
  });

  it('takes the address that stays in place of what the build wrote', () => {
    const files = [{ path: 'stable-address.json', content: Buffer.from('{}') }];
    const [file, ...others] = withStableAddress(files, 'k51qzi5uqu5dl');
    expect(others).toEqual([]);
    expect(JSON.parse(String(file?.content))).toEqual({ ipns: 'k51qzi5uqu5dl' });
    expect(withStableAddress(files, undefined)).toBe(files);
  });
});

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

it('addresses are those of the specification of subdomain and path gateways', () => {
  const published = { cid: 'bafyone', ipns: 'k51two' };
  expect(addressesAt('http://localhost:8080', published)).toEqual({
    subdomain: 'http://bafyone.ipfs.localhost:8080/',
    ipns: 'http://k51two.ipns.localhost:8080/',
    path: 'http://127.0.0.1:8080/ipfs/bafyone/',
  });
  expect(addressesAt('https://dweb.link', { cid: 'bafyone' })).toEqual({
    subdomain: 'https://bafyone.ipfs.dweb.link/',
    path: 'https://dweb.link/ipfs/bafyone/',
  });
  expect(gatewayOf(['/unix/run/gateway', '/ip4/127.0.0.1/tcp/8080'])).toBe('http://localhost:8080');
  expect(gatewayOf([])).toBeUndefined();
});
