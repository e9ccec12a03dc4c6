/**
 * A frame with an origin of its own would have storage there, in plain text on this machine. Apps have
 * what they have in a frame without one: `localStorage` that is kept in the drive, databases in memory.
 */
const OF_WINDOW = ['caches', 'cookieStore', 'SharedWorker', 'webkitRequestFileSystem'] as const;
const OF_NAVIGATOR = ['storage', 'serviceWorker', 'storageBuckets'] as const;

/** Takes away what is kept by origin and has no stand-in. */
export function removeOwnStorage(): void {
  for (const name of OF_WINDOW) Reflect.deleteProperty(globalThis, name);
  for (const name of OF_NAVIGATOR) Reflect.deleteProperty(Navigator.prototype, name);
}
