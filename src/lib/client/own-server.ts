/**
 * Whether the host this app came from is a node: then it says its ids (B-1 §2.1). The page asks
 * itself, because the engine, which weighs more than the page, need not run for that.
 */

/** Longer than any list of ids of a node. */
const IDS_MAX_BYTES = 64 * 1024;
const PROBE_MS = 5_000;

/** Origin of the host if it is a node; undefined for a static host, and without a network. */
export async function ownServer(): Promise<string | undefined> {
  const { origin } = location;
  if (!/^https?:/u.test(origin) || !navigator.onLine) return undefined;
  try {
    const response = await fetch(`${origin}/api/v0/ids`, {
      // Every node takes a POST; one on this machine takes nothing else (B-1 §1.2).
      method: 'POST',
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(PROBE_MS),
    });
    if (response.status !== 200) return undefined;
    const text = await response.text();
    const answer: unknown = text.length > IDS_MAX_BYTES ? undefined : JSON.parse(text);
    const isNode = typeof answer === 'object' && answer !== null && 'IDS' in answer;
    return isNode ? origin : undefined;
  } catch {
    return undefined;
  }
}
