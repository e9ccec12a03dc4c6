/** Where an app is read from, as somebody types it: the path of a public folder, or a link. */
import type { AppPackageSource, AppUpdateFacts } from '#lib/client/index.ts';

const PUBLIC = /^(?:https?:\/\/[^/]+\/public)?(\/[^#?]+)(?:\?[^#]*)?$/iu;
const IS_SECRET = /^\/?secret\//u;

/** Where a newer version of an app is read from. */
export function sourceOfUpdate({ path, isPublic }: AppUpdateFacts): AppPackageSource {
  return { kind: isPublic ? 'public' : 'folder', path };
}

/** Undefined for a text that is neither. */
export function sourceOfAddress(typed: string): AppPackageSource | undefined {
  const address = typed.trim();
  if (address.includes('#')) return { kind: 'link', address };
  const path = PUBLIC.exec(address)?.[1];
  if (path === undefined || IS_SECRET.test(path)) return undefined;
  const isEncoded = !address.startsWith('/');
  const names = path.split('/').filter((name) => name !== '');
  try {
    const decoded = isEncoded ? names.map((name) => decodeURIComponent(name)) : names;
    return decoded.length < 2 ? undefined : { kind: 'public', path: decoded };
  } catch {
    return undefined; // no percent-encoding
  }
}
