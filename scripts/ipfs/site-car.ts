/**
 * A folder as one CAR file whose root is what `ipfs add -r --cid-version 1` calls the folder: UnixFS
 * in dag-pb, leaves of 256 KiB without a wrapper, at most 174 links a node. Equal folders give equal
 * bytes: the root comes first, then every other block once, in the order of their CIDs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { importer, type WritableStorage } from 'ipfs-unixfs-importer';
import { fixedSize } from 'ipfs-unixfs-importer/chunker';
import { balanced } from 'ipfs-unixfs-importer/layout';
import { carHeader, carSection } from '#lib/car/index.ts';
import { Cid } from '#lib/codec/index.ts';

const LEAF_BYTES = 256 * 1024;
const MAX_LINKS = 174;

/** A file of a site: its path with `/` between the parts, and what is in it. */
export interface SiteFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** A folder as blocks. */
export interface FolderCar {
  /** CIDv1 in base32, as gateways and `ipfs` write it. */
  readonly cid: string;
  /** A CAR file of version 1 with one root. */
  readonly bytes: Uint8Array;
}

/** Every regular file below a folder. As with `ipfs add -r`, hidden ones are left out. */
export function filesBelow(folder: string): readonly SiteFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep))
    .filter((parts) => parts.every((part) => !part.startsWith('.')))
    .map((parts) => ({
      path: parts.join('/'),
      content: readFileSync(join(folder, ...parts)),
    }));
}

/** Where the page looks up which address stays; `src/lib/client/gateway-address.ts` reads it. */
const STABLE_ADDRESS_FILE = 'stable-address.json';

/** The site with the address that later versions keep written into it: the IPNS name `k51…`. */
export function withStableAddress(
  files: readonly SiteFile[],
  ipns: string | undefined,
): readonly SiteFile[] {
  if (ipns === undefined) return files;
  const content = Buffer.from(`${JSON.stringify({ ipns })}\n`);
  return [
    ...files.filter(({ path }) => path !== STABLE_ADDRESS_FILE),
    { path: STABLE_ADDRESS_FILE, content },
  ];
}

/** The CAR of these files, whose order does not matter. */
export async function folderCar(files: readonly SiteFile[]): Promise<FolderCar> {
  const sections = new Map<string, Uint8Array>();
  const store: WritableStorage = {
    put: async (cid, content) => {
      sections.set(cid.toString(), carSection(Cid.fromBytes(cid.bytes), await whole(content)));
      return cid;
    },
  };
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const options = {
    rawLeaves: true,
    cidVersion: 1,
    wrapWithDirectory: true,
    chunker: fixedSize({ chunkSize: LEAF_BYTES }),
    layout: balanced({ maxChildrenPerNode: MAX_LINKS }),
  } as const;
  let [root, cid] = [new Uint8Array(), ''];
  for await (const made of importer(sorted, store, options)) {
    [root, cid] = [made.cid.bytes, made.cid.toString()];
  }
  const others = [...sections.keys()].filter((key) => key !== cid).sort();
  const pieces = [cid, ...others].map((key) => sections.get(key) ?? new Uint8Array());
  return { cid, bytes: Buffer.concat([carHeader([Cid.fromBytes(root)]), ...pieces]) };
}

async function whole(content: Parameters<WritableStorage['put']>[1]): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content;
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}
