import type { EngineCaller } from './engine-caller.ts';
import type { Client } from '../types.ts';

/** Second factors. */
export function secondFactorCalls(engine: EngineCaller) {
  return {
    secondFactors: () => engine().call('secondFactors', []),
    addAuthenticator: () => engine().call('addAuthenticator', []),
    confirmAuthenticator: (credential, code) =>
      engine().call('confirmAuthenticator', [credential, code]),
    generateBackupCodes: () => engine().call('generateBackupCodes', []),
    startSecurityKey: () => engine().call('startSecurityKey', []),
    completeSecurityKey: (name, proof) => engine().call('completeSecurityKey', [name, proof]),
    removeSecondFactor: (credential) => engine().call('removeSecondFactor', [credential]),
  } satisfies Partial<Client>;
}
