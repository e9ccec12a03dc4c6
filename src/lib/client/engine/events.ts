/** Events of the engine: every listener gets each event, even if another listener throws. */
import type { ClientEvent, FolderChange } from '../types.ts';

export interface Events {
  emit(event: ClientEvent): void;
  listen(listener: (event: ClientEvent) => void): () => void;
}

export function createEvents(): Events {
  const listeners = new Set<(event: ClientEvent) => void>();
  return {
    emit(event) {
      for (const listener of listeners) listener(event);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * Tells this tab and the others what happened to entries of a folder. `names` is empty where it is
 * not known which they are.
 */
export type TellChange = (
  path: readonly string[],
  change: FolderChange['change'],
  names: readonly string[],
) => void;
