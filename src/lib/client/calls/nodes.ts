import type { EngineCaller } from './engine-caller.ts';
import type { Client } from '../types.ts';

/** The node of the account, and the second one that is asked about names. */
export function nodeCalls(engine: EngineCaller) {
  return {
    nodeFacts: (signal) => engine().call('nodeFacts', [], { signal }),
    witness: () => engine().call('witness', []),
    setWitness: (typed, signal) => engine().call('setWitness', [typed], { signal }),
    checkWitness: (signal) => engine().call('checkWitness', [], { signal }),
    removeWitness: () => engine().call('removeWitness', []),
  } satisfies Partial<Client>;
}
