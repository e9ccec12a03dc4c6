/** What browsers say when storage fails, in the words of this room. */
import { StoreFull, StoreUnavailable } from './types.ts';

/** Browsers tell a full disk by several names; errors of other kinds pass as they are. */
export function translated(error: unknown): unknown {
  const name = nameOf(error);
  const text = error instanceof Error ? error.message : '';
  if (name === 'QuotaExceededError' || name === 'NS_ERROR_DOM_INDEXEDDB_QUOTA_ERR') {
    return new StoreFull({ cause: error });
  }
  const isVague = name === 'UnknownError' || name === 'DataError' || name === 'AbortError';
  if (isVague && /quota|disk|no space|write blobs/iu.test(text)) {
    return new StoreFull({ cause: error });
  }
  if (name === 'VersionError') {
    return new StoreUnavailable('A newer version of this app is in use. Please reload the page.', {
      cause: error,
    });
  }
  return isDomError(name)
    ? new StoreUnavailable('The storage of this browser failed.', { cause: error })
    : error;
}

const DOM_ERRORS =
  'AbortError InvalidStateError UnknownError TransactionInactiveError NotFoundError';

function isDomError(name: string): boolean {
  return DOM_ERRORS.split(' ').includes(name);
}

export function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '';
}
