/**
 * Blocks on an S3-compatible service (B-6 §7): which one, from an address such as
 * `s3://bucket/folder?endpoint=https://s3.example.org&region=eu-1`. Objects are named as other
 * servers of the protocol name them, so clients can tell a block by the address of its object.
 */
import { fromBase32, MalformedBytes, toBase32 } from '#lib/bytes/index.ts';
import { Cid, MalformedCid } from '#lib/codec/index.ts';
import type { DirectTransfer } from '#lib/node-local/index.ts';
import { createS3BlockStore } from '#lib/stores/server/index.ts';
import type { ObjectSpelling, S3BlockStore } from '#lib/stores/server/index.ts';
import { BadSetting } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { suggestion } from '../settings/suggestion.ts';

const PARAMETERS = ['endpoint', 'region', 'addressing', 'direct', 'public'] as const;
const DEFAULT_REGION = 'us-east-1';

export interface ObjectStore {
  readonly blocks: S3BlockStore;
  /** Present where clients may ask the service themselves. */
  readonly directTransfer: DirectTransfer | undefined;
}

/** The binary CID in upper-case base32 without padding. */
const SPELLING: ObjectSpelling = {
  toObject: (cid) => toBase32(Cid.parse(cid).bytes),
  toKey: (name) => {
    try {
      return Cid.fromBytes(fromBase32(name)).toString();
    } catch (error) {
      if (error instanceof MalformedBytes || error instanceof MalformedCid) return undefined;
      throw error;
    }
  },
};

/** The store an address names; asks nothing of it. Throws {@link BadSetting}. */
export function openObjectStore(
  blocksUrl: string,
  { s3AccessKey, s3SecretKey }: NodeSettings,
): ObjectStore {
  const url = new URL(blocksUrl);
  const parameter = (name: (typeof PARAMETERS)[number]): string | undefined =>
    url.searchParams.get(name) ?? undefined;
  refuseUnknown(url);
  if (s3AccessKey === undefined || s3SecretKey === undefined) {
    throw new BadSetting(
      'The object store needs credentials: PYRGOS_S3_ACCESS_KEY and PYRGOS_S3_SECRET_KEY, or ' +
        '--s3-access-key-file and --s3-secret-key-file.',
    );
  }
  const region = parameter('region') ?? DEFAULT_REGION;
  const endpoint = parameter('endpoint') ?? `https://s3.${region}.amazonaws.com`;
  if (!/^https?:\/\/[^/]+\/?$/u.test(endpoint)) {
    throw new BadSetting(`The endpoint ${endpoint} is not of the form https://host[:port].`);
  }
  const folder = url.pathname.split('/').filter((part) => part !== '');
  const blocks = createS3BlockStore({
    endpoint: endpoint.replace(/\/$/u, ''),
    bucket: url.hostname,
    region,
    accessKeyId: s3AccessKey,
    secretAccessKey: s3SecretKey,
    addressing: addressing(parameter('addressing'), parameter('endpoint') !== undefined),
    spelling: SPELLING,
    ...(folder.length === 0 ? {} : { folder: `${folder.join('/')}/` }),
  });
  const isDirect = parameter('direct') === 'true';
  const isPublic = parameter('public') === 'true';
  const directTransfer = isDirect ? directTransferOf(blocks, isPublic) : undefined;
  return { blocks, directTransfer };
}

/** Other services than Amazon's rarely have a host name for each bucket. */
function addressing(given: string | undefined, isOther: boolean): 'path' | 'virtual-host' {
  if (given === undefined) return isOther ? 'path' : 'virtual-host';
  if (given === 'path' || given === 'virtual-host') return given;
  throw new BadSetting(
    `The addressing of an object store is path or virtual-host, not "${given}".`,
  );
}

function directTransferOf(blocks: S3BlockStore, isPublic: boolean): DirectTransfer {
  return {
    properties: {
      directWrites: true,
      publicReads: isPublic,
      authorisedReads: true,
      objectStoreUrl: blocks.objectsUrl,
      ...(isPublic ? { publicReadUrl: blocks.objectsUrl } : {}),
    },
    presignWrite: (key, cid, sizeBytes) =>
      blocks.presignPut(key, { sha256: cid.digest, sizeBytes }),
    presignRead: (key) => blocks.presignGet(key),
  };
}

function refuseUnknown(url: URL): void {
  for (const name of url.searchParams.keys()) {
    if (PARAMETERS.some((it) => it === name)) continue;
    const near = suggestion(name, PARAMETERS);
    const hint = near === undefined ? `Known: ${PARAMETERS.join(', ')}.` : `Did you mean ${near}?`;
    throw new BadSetting(`The address of the object store has an unknown part "${name}". ${hint}`);
  }
}
