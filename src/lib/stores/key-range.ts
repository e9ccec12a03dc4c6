/** Ranges of keys as IndexedDB takes them. */

/** Keys with a prefix, after a given one. `undefined`: there can be none. */
export function rangeOf(prefix: string, after: string | undefined): IDBKeyRange | undefined {
  const end = `${prefix}\uffff`;
  if (after === undefined || after < prefix) return IDBKeyRange.bound(prefix, end, false, true);
  return after < end ? IDBKeyRange.bound(after, end, true, true) : undefined;
}
