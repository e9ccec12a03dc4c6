/**
 * Marks answers that came from the copy of an account whose home is away (`Pyrgos-Mirror`), so that who
 * reads them knows that they may be older. Which call is under way when a copy is read, the runtime
 * remembers.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { MIRROR_HEADER } from '#lib/node-http/index.ts';
import type { CopyState } from '#lib/forwarding/index.ts';

interface Noted {
  copy: CopyState | undefined;
}

const underWay = new AsyncLocalStorage<Noted>();

/** The call under way is answered from a copy. */
export function noteCopy(copy: CopyState): void {
  const noted = underWay.getStore();
  if (noted !== undefined) noted.copy = copy;
}

type Handle = (request: Request, client?: string) => Promise<Response>;

/** The same handler, whose answers say when they are a copy's. */
export function markingCopies(handle: Handle): Handle {
  return async (request, client) => {
    const noted: Noted = { copy: undefined };
    const answer = await underWay.run(noted, () => handle(request, client));
    if (noted.copy !== undefined) {
      const { sequence, seenMs } = noted.copy;
      answer.headers.set(MIRROR_HEADER, `${String(sequence)}; seen=${String(seenMs)}`);
    }
    return answer;
  };
}
