/**
 * Whether the host this app came from is a node: then it says its ids (B-1 §2.1). The page asks
 * itself, because the engine, which weighs more than the page, need not run for that.
 */

/** Longer than any list of ids of a node. */
const IDS_MAX_BYTES = 64 * 1024;
const PROBE_MS = 5_000;

/** What the host said when it was asked. */
export interface HostAnswer {
  /** Its origin, if it is a node. */
  readonly server: string | undefined;
  /** It did not answer, so nobody knows. */
  readonly isAway: boolean;
}

/** Origin of the host if it is a node; undefined for a static host, and without a network. */
export async function ownServer(): Promise<string | undefined> {
  return (await askHost()).server;
}

export async function askHost(): Promise<HostAnswer> {
  const { origin } = location;
  if (!/^https?:/u.test(origin)) return { server: undefined, isAway: false };
  if (!navigator.onLine) return { server: undefined, isAway: true };
  try {
    const response = await fetch(`${origin}/api/v0/ids`, {
      // Every node takes a POST; one on this machine takes nothing else (B-1 §1.2).
      method: 'POST',
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(PROBE_MS),
    });
    const isNode = response.status === 200 && saysItsIds(await response.text());
    return { server: isNode ? origin : undefined, isAway: false };
  } catch {
    return { server: undefined, isAway: true };
  }
}

function saysItsIds(text: string): boolean {
  if (text.length > IDS_MAX_BYTES) return false;
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null && 'IDS' in answer;
  } catch {
    return false;
  }
}
