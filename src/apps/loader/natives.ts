/** Functions of the browser that the loader replaces for the app and goes on using itself. */

export const { createObjectURL, revokeObjectURL } = URL;
export const NativeWorker = globalThis.Worker;
export const nativeParent = globalThis.parent;
export const nativeSetAttribute = Element.prototype.setAttribute;
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

/** Says what an address of a file would be if it could not be found: its element fails at once. */
export const NOT_FOUND = 'data:,';

