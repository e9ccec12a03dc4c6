/**
 * Where texts of a profile lead. Friends write them, so they are hostile: only what is plainly an
 * address of its kind becomes a link, and nothing of it can become another part of one.
 */
import { parseUrl } from '#lib/client/index.ts';

const PHONE = /^\+?[\d ()./-]{2,40}$/u;
const EMAIL = /^([^\s@<>"]{1,64})@([^\s@<>"]{1,255})$/u;

/** For `href`; undefined where it is no number. */
export function phoneLink(text: string): string | undefined {
  const trimmed = text.trim();
  const digits = trimmed.replaceAll(/\D/gu, '');
  if (!PHONE.test(trimmed) || digits.length < 2) return undefined;
  return `tel:${trimmed.startsWith('+') ? '+' : ''}${digits}`;
}

/** For `href`; undefined where it is no address. */
export function emailLink(text: string): string | undefined {
  const [, local, host] = EMAIL.exec(text.trim()) ?? [];
  if (local === undefined || host === undefined) return undefined;
  return `mailto:${encodeURIComponent(local)}@${encodeURIComponent(host)}`;
}

/** A website: a folder of its owner's drive (C-6 §6.1), or an address on the web. */
export type WebPlace =
  | { readonly kind: 'folder'; readonly path: readonly string[] }
  | { readonly kind: 'address'; readonly href: string };

/** Undefined where it is neither. */
export function webPlace(text: string, owner: string): WebPlace | undefined {
  const path = text.trim().split('/');
  if (path[0] === owner && path.length > 1 && path.every(isName)) return { kind: 'folder', path };
  const url = parseUrl(text.trim());
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return undefined;
  return url.username === '' && url.password === ''
    ? { kind: 'address', href: url.href }
    : undefined;
}

function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..';
}
