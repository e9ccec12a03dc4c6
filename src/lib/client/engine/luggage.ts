/**
 * Taking an account along: out into files, in from files, and over to another node. Each is asked
 * with the password, and each leaves what was there before as it is.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { blobPieces, importAccount } from '#lib/archive/index.ts';
import { exportOwnAccount, moveAccount } from '#lib/account/index.ts';
import type { AccountDeps, MoveProgress, SecondFactorProof, Session } from '#lib/account/index.ts';
import type { DriveDeps } from '#lib/drive/index.ts';
import type { NodePlace } from './node-places.ts';

/** Pieces are handed to the browser, which may keep them on disk, in parts of this size. */
const PART_BYTES = 16 * 1024 * 1024;
/** Far beyond any account's: a thousand writing spaces are less than one MiB. */
const DESCRIPTION_MAX_BYTES = 64 * 1024 * 1024;

/** This browser keeps no accounts itself, or the files are of another kind. */
export class ImportRefused extends PyrgosError {
  override readonly name = 'ImportRefused';
}

export interface Proof {
  readonly password: string;
  readonly secondFactor?: SecondFactorProof;
}

export interface ExportedAccount {
  /** `blocks.car` */
  readonly blocks: Blob;
  /** `node.json` */
  readonly description: string;
}

/** Reads the whole account, verified, into a blob that the browser keeps on disk. */
export async function exportToBlob(
  username: string,
  deps: AccountDeps,
  proof: Proof,
  onProgress: (progress: { doneBytes: number; totalBytes: number }) => void,
  signal: AbortSignal,
): Promise<ExportedAccount> {
  const credentials = { username, ...credentialsOf(proof) };
  const exported = await exportOwnAccount(deps, credentials, { signal, onProgress });
  const parts: Blob[] = [];
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const put = (): void => {
    parts.push(new Blob(held as BlobPart[]));
    held = [];
    heldBytes = 0;
  };
  for await (const piece of exported.blocks) {
    held.push(piece.slice());
    heldBytes += piece.length;
    if (heldBytes >= PART_BYTES) put();
  }
  put();
  signal.throwIfAborted();
  return { blocks: new Blob(parts), description: exported.description() };
}

/** Puts the account of an archive into this browser. */
export async function importFromFiles(
  { embedded }: NodePlace,
  files: { readonly blocks: Blob; readonly description: Blob },
  onProgress: (progress: { doneBytes: number; totalBytes: number }) => void,
  signal: AbortSignal,
): Promise<{ username: string; isNew: boolean }> {
  if (embedded === undefined) throw new ImportRefused('Accounts cannot be put into a server here.');
  if (files.description.size > DESCRIPTION_MAX_BYTES) {
    throw new ImportRefused('The description of an account is never as large as this file.');
  }
  const description = await files.description.text();
  const totalBytes = files.blocks.size;
  const blocks = blobPieces(files.blocks);
  const { username, isNew } = await importAccount(
    embedded,
    { description, blocks },
    { signal, onProgress: (doneBytes) => onProgress({ doneBytes, totalBytes }) },
  );
  return { username, isNew };
}

/** Moves the account of a session to another node; the answer is a session there. */
export function moveTo(
  from: DriveDeps,
  to: AccountDeps,
  username: string,
  proof: Proof & { readonly token?: string },
  onProgress: (progress: MoveProgress) => void,
  signal: AbortSignal,
): Promise<Session> {
  const { token } = proof;
  const options = { signal, onProgress, ...(token === undefined ? {} : { token }) };
  return moveAccount(from, to, { username, ...credentialsOf(proof) }, options);
}

function credentialsOf({ password, secondFactor }: Proof) {
  return {
    password,
    ...(secondFactor === undefined ? {} : { secondFactor: async () => secondFactor }),
  };
}
