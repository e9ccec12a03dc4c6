/** Why a mirror refuses what the registry shows it. */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { ErrorKind } from '#lib/bytes/index.ts';

/** The registry signed a state that it may not have: nothing of it is taken. */
export class RegistryRefused extends PyrgosError {
  override readonly name: string = 'RegistryRefused';
  override readonly kind: ErrorKind = 'refused';
}

/** The registry shows an older state than it has shown before. */
export class RegistryRolledBack extends RegistryRefused {
  override readonly name: string = 'RegistryRolledBack';
  override readonly kind = 'refused';
}

/** The registry signed two states of one sequence number; both are kept. */
export class RegistryForked extends RegistryRefused {
  override readonly name: string = 'RegistryForked';
  override readonly kind = 'refused';
}

/** One entry of the registry breaks a rule (B-2 §2 to §4), so none of that state is taken. */
export class IllegalEntry extends RegistryRefused {
  override readonly name: string = 'IllegalEntry';
  override readonly kind = 'refused';
  readonly username: string;
  constructor(username: string, reason: string, options?: ErrorOptions) {
    super(`The registry's entry of "${username}" is not legal: ${reason}`, options);
    this.username = username;
  }
}

/** A block of the registry's state cannot be had at the moment. */
export class RegistryIncomplete extends PyrgosError {
  override readonly name: string = 'RegistryIncomplete';
  override readonly kind = 'offline';
  constructor(options?: ErrorOptions) {
    super('A part of the registry cannot be had at the moment.', options);
  }
}

/** No state of the registry was mirrored yet. */
export class RegistryUnknown extends PyrgosError {
  override readonly name: string = 'RegistryUnknown';
  override readonly kind = 'offline';
  constructor() {
    super('The names are not known here yet. Please try again in a while.');
  }
}
