/** Functions of the browser that the loader replaces for the app and goes on using itself. */
import { refuseFrames, refuseHints } from '../shared/hints.ts';

// A hostile script can get hold of what is kept here; so it is what is guarded already.
refuseHints();
refuseFrames();

export const { createObjectURL, revokeObjectURL } = URL;
export const NativeWorker = globalThis.Worker;
export const nativeParent = globalThis.parent;
export const nativeSetAttribute = Element.prototype.setAttribute;
export const nativeSetAttributeNS = Element.prototype.setAttributeNS;
export const nativeGetAttribute = Element.prototype.getAttribute;

/** Blobs by their addresses: the policy lets nothing be fetched, also no `blob:` address. */
export const blobs = new Map<string, Blob>();
/** What `blob:` addresses of ours stand for, as an absolute address. */
export const originals = new Map<string, string>();

/** An address for bytes of the app. */
export function addressOf(blob: Blob, original: string): string {
  const url = createObjectURL.call(URL, blob);
  blobs.set(url, blob);
  originals.set(url, original);
  return url;
}

export function forget(url: string): void {
  revokeObjectURL.call(URL, url);
  blobs.delete(url);
  originals.delete(url);
}

/** Keeps what the app itself makes addresses for. */
export function rememberBlobs(): void {
  URL.createObjectURL = (source: Blob | MediaSource): string => {
    const url = createObjectURL.call(URL, source);
    if (source instanceof Blob) blobs.set(url, source);
    return url;
  };
  URL.revokeObjectURL = (url: string): void => {
    revokeObjectURL.call(URL, url);
    blobs.delete(url);
  };
}

/** The address of what is not there: there is no such blob, so its element fails at once. */
export const NOT_FOUND = 'blob:null/not-found';
