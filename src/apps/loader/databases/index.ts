/** `indexedDB` in memory (W3C Indexed Database 3.0): what an app of an opaque origin gets. */
export { IDBCursor, IDBCursorWithValue } from './cursor.ts';
export { IDBDatabase } from './database.ts';
export { IDBFactory } from './factory.ts';
export { IDBKeyRange } from './keys.ts';
export { IDBIndex, IDBObjectStore } from './object-store.ts';
export { IDBOpenDBRequest, IDBRequest, IDBVersionChangeEvent } from './request.ts';
export { IDBTransaction } from './transaction.ts';
