/**
 * Places in the app, sealed for the URL fragment (C-7 §7.2).
 *
 * A fragment stays in history, bookmarks and screenshots, so it shows neither path nor app: the
 * state is sealed under the login root key with a fresh nonce and padded. States written by the
 * other clients of the protocol open too. Hostile input: anybody can put anything into a fragment;
 * what does not open, or opens to something unknown, is no route and never an error.
 */
import { fromUtf8, utf8, type Random } from '#lib/bytes/index.ts';
import { NONCE_BYTES, open, seal, type SymmetricKey } from '#lib/crypto/index.ts';
import type { Route } from '../../types.ts';
import { object, text, texts } from '#lib/rpc/index.ts';

/** Blanks up to a multiple of this; readers accept any number (C-7 §7.7). */
const PADDED_UNITS = 256;
/** Browsers take addresses of twice that. */
const LONGEST_FRAGMENT = 1_000_000;

/** Names in the state where other clients have one of their own; other screens keep theirs. */
const APP_NAMES: Readonly<Record<string, string>> = { drive: 'Drive', view: 'Gallery' };
const VIEWERS = new Set(['Gallery', 'pdf', 'editor', 'hex', 'markup', 'htmlviewer']);

const outerShape = object({ nonce: text, ciphertext: text });
const stateShape = object({ app: text, path: text }, { args: texts });

/** Seals a route into a fragment (without `#`); the tree's top if it is too long. */
export function sealRoute(route: Route, rootKey: SymmetricKey, random: Random): string {
  const folder = route.app === 'view' ? route.path.slice(0, -1) : route.path;
  const filename = route.app === 'view' ? { filename: route.path.at(-1) ?? '' } : {};
  const state = {
    app: APP_NAMES[route.app] ?? route.app,
    path: folder.join('/'),
    args: { ...route.args, ...filename },
    writable: true,
  };
  const inner = encode(state);
  const padded = inner.padEnd(Math.ceil(inner.length / PADDED_UNITS) * PADDED_UNITS, ' ');
  const nonce = random(NONCE_BYTES);
  const ciphertext = seal(rootKey, nonce, utf8(padded));
  const sealed = encode({ nonce: toBase64(nonce), ciphertext: toBase64(ciphertext) });
  if (sealed.length <= LONGEST_FRAGMENT) return sealed;
  return sealRoute({ app: 'drive', path: route.path.slice(0, 1) }, rootKey, random);
}

/** Opens a fragment; undefined when it is none of ours, or damaged. The path may not exist in this account. */
export function openRoute(sealed: string, rootKey: SymmetricKey): Route | undefined {
  if (sealed.length > LONGEST_FRAGMENT) return undefined;
  try {
    const outer = outerShape(decode(sealed.replace(/^#/, '')), 'fragment');
    const inner = open(rootKey, fromBase64(outer.nonce), fromBase64(outer.ciphertext));
    return routeOf(stateShape(decode(fromUtf8(inner).trimEnd()), 'state'));
  } catch {
    return undefined;
  }
}

type State = { readonly app: string; readonly path: string; readonly args?: Route['args'] };

function routeOf({ app, path, args = {} }: State): Route {
  const folder = path.split('/').filter((name) => name !== '');
  const { filename, ...rest } = args;
  const withArgs = Object.keys(rest).length > 0 ? { args: rest } : {};
  if (VIEWERS.has(app) && filename !== undefined && filename !== '') {
    return { app: 'view', path: [...folder, filename], ...withArgs };
  }
  return { app: app === APP_NAMES['drive'] ? 'drive' : app, path: folder, ...withArgs };
}

function encode(value: unknown): string {
  return encodeURI(JSON.stringify(value)).replaceAll(',', '%2c');
}

function decode(encoded: string): unknown {
  return JSON.parse(decodeURIComponent(encoded));
}

function toBase64(bytes: Uint8Array): string {
  let units = '';
  for (const byte of bytes) units += String.fromCharCode(byte);
  return btoa(units);
}

function fromBase64(encoded: string): Uint8Array {
  return Uint8Array.from(atob(encoded), (unit) => unit.charCodeAt(0));
}
