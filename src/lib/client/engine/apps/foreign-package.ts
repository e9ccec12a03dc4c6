/** Apps read as a stranger reads them: what is public, and what a link leads to. */
import { readFolderPackage, type AppPackage } from '#lib/apps/index.ts';
import {
  findPublished,
  guestDrive,
  openLink,
  parseLinkAddress,
  type LinkPlace,
  type VisitDeps,
} from '#lib/social/index.ts';

/** @throws NotPublic, BadManifest, BadAppPackage */
export async function readPublicPackage(
  deps: VisitDeps,
  path: readonly string[],
  signal?: AbortSignal,
): Promise<AppPackage> {
  const { root } = await findPublished(deps, path, signal);
  return readAt(deps, { root, path, entryPath: path }, signal);
}

/** @throws BadLinkAddress, WrongLinkPassword for one that asks for a password, BadManifest, BadAppPackage */
export async function readLinkedPackage(
  deps: VisitDeps,
  address: string,
  signal?: AbortSignal,
): Promise<AppPackage> {
  const link = await openLink(deps, parseLinkAddress(address), '', signal);
  return readAt(deps, await link.locate(signal), signal);
}

function readAt(deps: VisitDeps, place: LinkPlace, signal?: AbortSignal): Promise<AppPackage> {
  const drive = guestDrive(deps.driveDeps, [place]);
  const { identityOf } = deps;
  return readFolderPackage({ drive, path: place.path, identityOf }, signal);
}
