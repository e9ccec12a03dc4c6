/**
 * `pyrgos-app.sig` beside the manifest: shows of a copy that travelled elsewhere which writer's key
 * approved it. JSON: `{"owner": name, "writer": key hash, "signature": hex}`, where the key signs
 * `"pyrgos app v1" NUL name NUL version NUL digest`. The name of the owner is a claim until the key
 * is found among those of that name. Other clients ignore the file.
 */
import { fromHex, fromUtf8, PyrgosError, toHex, utf8 } from '#lib/bytes/index.ts';
import { Cid, decodeBlock } from '#lib/codec/index.ts';
import {
  PublicSigningKey,
  signDetached,
  toKeyHash,
  verifyDetached,
  type KeyHash,
} from '#lib/crypto/index.ts';
import { NotWritable, type Handle } from '#lib/drive/index.ts';
import { Snapshot, verifyOwned, type SpaceDeps } from '#lib/writers/index.ts';
import { BadAppSignature } from './errors.ts';
import { isJsonObject, parseJson } from './json.ts';

export const SIGNATURE_FILE = 'pyrgos-app.sig';
export const SIGNATURE_MAX_BYTES = 4096;

/** What is signed of an app. */
export interface SignedApp {
  readonly name: string;
  readonly version: string;
  /** 64 hex digits. */
  readonly digest: string;
}

export interface AppSigner {
  readonly owner: string;
  readonly writer: KeyHash;
}

/** The bytes of a signature by the writer of a folder, which must be writable. @throws NotWritable */
export async function signApp(
  folder: Pick<Handle, 'name' | 'signer'>,
  owner: string,
  app: SignedApp,
): Promise<Uint8Array> {
  const { signer } = folder;
  if (signer === undefined) throw new NotWritable(folder.name);
  const signature = toHex(await signDetached(signer, messageOf(app)));
  return utf8(`${JSON.stringify({ owner, writer: signer.hash.toString(), signature })}\n`);
}

/**
 * Who signed an app. `keyOf` gives the key of a writer only if it belongs to the owner (see
 * {@link writerKeys}). @throws BadAppSignature; whatever `keyOf` throws while the node is away
 */
export async function verifyAppSignature(
  bytes: Uint8Array,
  app: SignedApp,
  keyOf: (signer: AppSigner, signal?: AbortSignal) => Promise<PublicSigningKey>,
  signal?: AbortSignal,
): Promise<AppSigner> {
  const { signature, ...signer } = parseSignature(bytes);
  try {
    await verifyDetached(await keyOf(signer, signal), messageOf(app), signature);
  } catch (error) {
    if (!(error instanceof PyrgosError) || error.kind === 'offline') throw error;
    throw new BadAppSignature('The signature of this app is not valid.', { cause: error });
  }
  return signer;
}

/** Keys of writers, each shown by the tree of its owner to be one of his (A-6 §6). */
export function writerKeys(
  deps: SpaceDeps,
  identityOf: (username: string, signal?: AbortSignal) => Promise<KeyHash>,
): (signer: AppSigner, signal?: AbortSignal) => Promise<PublicSigningKey> {
  return async ({ owner, writer }, signal) => {
    const snapshot = new Snapshot(deps, await identityOf(owner, signal));
    await verifyOwned(snapshot, writer);
    const inlined = PublicSigningKey.fromHash(writer);
    return inlined ?? PublicSigningKey.fromCbor(decodeBlock(await snapshot.block(writer)));
  };
}

function parseSignature(bytes: Uint8Array): AppSigner & { signature: Uint8Array } {
  try {
    if (bytes.length > SIGNATURE_MAX_BYTES) throw new BadAppSignature('It is too large.');
    const json = parseJson(fromUtf8(bytes));
    const text = (member: string): string => {
      const value = isJsonObject(json) ? json.get(member) : undefined;
      if (typeof value !== 'string') throw new BadAppSignature(`“${member}” is missing.`);
      return value;
    };
    const writer = toKeyHash(Cid.parse(text('writer')), 'The writer of a signature');
    return { owner: text('owner'), writer, signature: fromHex(text('signature')) };
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    throw new BadAppSignature('The signature of this app cannot be read.', { cause: error });
  }
}

function messageOf({ name, version, digest }: SignedApp): Uint8Array {
  return utf8(['pyrgos app v1', name, version, digest].join('\0'));
}
