import type { EngineCaller } from './engine-caller.ts';
import type { Client } from '../types.ts';

/** Places in the app. */
export function routeCalls(engine: EngineCaller) {
  return {
    sealRoute: (place) => engine().call('sealRoute', [place]),
    openRoute: (sealed) => engine().call('openRoute', [sealed]),
  } satisfies Partial<Client>;
}
