/** Apps as screens are told of them. */
import { noticesOf } from '#lib/apps/index.ts';
import type { AppOrigin, InstalledApp, Inspection } from '#lib/apps/index.ts';
import type { AppReview, AppSource, InstalledAppFacts } from '../../app-types.ts';

export function sourceOf(origin: AppOrigin | undefined): { readonly source?: AppSource } {
  if (origin === undefined) return {};
  const { owner, path, isVerified } = origin;
  return { source: { owner, path, isVerified } };
}

export function installedFacts(
  { name, manifest, record }: InstalledApp,
  newFiles: InstalledAppFacts['newFiles'],
): InstalledAppFacts {
  const { displayName, description, version, author, launchable, appIcon } = manifest;
  return {
    name,
    title: displayName,
    description,
    version,
    author,
    launchable,
    hasIcon: appIcon !== '',
    notices: noticesOf(manifest),
    newFiles,
    ...sourceOf(record?.origin),
  };
}

export function reviewOf(
  id: string,
  { appPackage, sizeBytes, notices, change, before }: Inspection,
  signature: AppReview['signature'],
): AppReview {
  const { manifest, origin } = appPackage;
  return {
    id,
    name: manifest.name,
    title: manifest.displayName,
    description: manifest.description,
    version: manifest.version,
    author: manifest.author,
    sizeBytes,
    notices,
    change,
    ...sourceOf(origin),
    ...(before && {
      before: { version: before.manifest.version, ...sourceOf(before.record?.origin) },
    }),
    ...(signature && { signature }),
  };
}
