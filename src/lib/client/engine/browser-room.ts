/**
 * What the browser says about its room. Some have no estimate, some leave half of it out, some name
 * a number that no medium has: a figure that cannot be true is no figure.
 */

/** No medium of a user holds a pebibyte; a larger number means that there is no limit. */
const TOO_LARGE_BYTES = 2 ** 50;

export interface BrowserRoom {
  readonly usageBytes?: number;
  readonly quotaBytes?: number;
}

/** Never fails: what cannot be asked is not known. */
export async function browserRoom(
  storage: Partial<Pick<StorageManager, 'estimate'>> | undefined,
): Promise<BrowserRoom> {
  const { usage, quota } = await estimate(storage);
  const quotaBytes = limitOf(quota);
  return {
    ...(usage !== undefined && isSize(usage) ? { usageBytes: usage } : {}),
    // Private windows that store nothing say 0, and so do some that store much.
    ...(quotaBytes === undefined || quotaBytes === 0 ? {} : { quotaBytes }),
  };
}

/** A limit in bytes, where that is one; 0 is one. */
export function limitOf(bytes: number | undefined): number | undefined {
  return bytes !== undefined && isSize(bytes) && bytes < TOO_LARGE_BYTES ? bytes : undefined;
}

async function estimate(
  storage: Partial<Pick<StorageManager, 'estimate'>> | undefined,
): Promise<StorageEstimate> {
  try {
    return (await storage?.estimate?.()) ?? {};
  } catch {
    return {};
  }
}

function isSize(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes >= 0;
}
