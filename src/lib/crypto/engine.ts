/**
 * The engines there may be, and the table of the operations in use.
 *
 * Every operation starts out as the reference (`noble.ts`), so the room works at once. `start.ts`
 * puts faster ones in after they agreed with the reference. Arguments have been checked for type
 * and length before they come here; an engine never sees a key of the wrong size.
 */
import { nobleOperations } from './noble.ts';
import type { OperationName, Operations } from './operations.ts';

/** A named set of operations that may replace those of the reference. */
export interface Engine {
  readonly name: string;
  readonly operations: Partial<Operations>;
}

/** Brings an engine in; rejects where the engine cannot run. */
export type EngineLoader = () => Promise<Engine>;

/** The operations in use. Only `start.ts` writes to it. */
export const inUse: Operations = { ...nobleOperations };

/**
 * Operations whose engine is still being chosen, with those who wait for that. The reference does
 * them meanwhile, which is right, and too slow for one thing: who wants scrypt waits. Only
 * `start.ts` writes to it.
 */
export const undecided = new Map<OperationName, (() => void)[]>();

/** Resolves when no choice of an engine for this operation is running. */
export function decided(name: OperationName): Promise<void> {
  return new Promise((resolve) => {
    const waiting = undecided.get(name);
    if (waiting === undefined) resolve();
    else waiting.push(resolve);
  });
}
