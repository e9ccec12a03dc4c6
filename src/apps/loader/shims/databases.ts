/** `indexedDB` in memory: an opaque origin has none. What it holds is lost with the frame. */
import * as databases from '../databases/index.ts';

export function installDatabases(): void {
  const values = { ...databases, indexedDB: new databases.IDBFactory() };
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
}
