/** A tree that begins with what a link leads to. */
import type { Capability } from '#lib/cryptree/index.ts';
import type { DriveDeps, Handle, Root } from '#lib/drive/index.ts';

export abstract class CapabilityRoot implements Root {
  readonly name: string;
  protected readonly deps: DriveDeps;
  protected readonly capability: Capability;

  constructor(deps: DriveDeps, name: string, capability: Capability) {
    this.name = name;
    this.deps = deps;
    this.capability = capability;
  }

  abstract open(signal?: AbortSignal): Promise<Handle>;
}
