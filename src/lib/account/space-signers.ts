/**
 * The keys of all writing spaces of an account, for work that concerns each of them. The identity's
 * and the home's are known; those of spaces inside the tree, made when something was shared with
 * write access, lie in the tree itself (A-8 §4.6).
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { Signer, type KeyHash } from '#lib/crypto/index.ts';
import { Drive, type DriveDeps, type Handle } from '#lib/drive/index.ts';
import type { Session } from './session.ts';

const OPEN_AT_ONCE = 50;

/** Signers by writer; the tree is walked only as far as it takes to find those that are `wanted`. */
export async function findSigners(
  deps: DriveDeps,
  { identity, home }: Session,
  wanted: readonly KeyHash[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Signer>> {
  const found = new Map<string, Signer>();
  const keep = (signer: Signer | undefined): void => {
    if (signer !== undefined) found.set(signer.hash.toString(), signer);
  };
  keep(Signer.of(identity));
  keep(home.signer);
  const missing = (): boolean => wanted.some((writer) => !found.has(writer.toString()));
  if (!missing()) return found;
  const drive = new Drive(deps, home);
  for await (const handle of everythingBelow(drive, await drive.home(signal), signal)) {
    keep(handle.signer);
    if (!missing()) break;
  }
  return found;
}

/** Skips what cannot be opened: code that needs its key reports that it is missing. */
async function* everythingBelow(
  drive: Drive,
  top: Handle,
  signal: AbortSignal | undefined,
): AsyncGenerator<Handle, void, void> {
  const folders = [top];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for await (const batch of drive.list(folder, signal ? { signal } : {})) {
      for (let at = 0; at < batch.length; at += OPEN_AT_ONCE) {
        const opened = await drive.openMany(folder, batch.slice(at, at + OPEN_AT_ONCE), signal);
        for (const handle of opened) {
          if (handle instanceof PyrgosError) continue;
          yield handle;
          if (handle.isDirectory) folders.push(handle);
        }
      }
    }
  }
}
