/** Events of the engine: every listener hears each; one that throws harms nobody else. */
import type { ClientEvent } from '../types.ts';

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
