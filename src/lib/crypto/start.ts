/**
 * Choosing engines: each faster one is loaded, tested against the reference operation by operation,
 * and put in use only where it agrees (`self-test.ts`). An engine that is missing, forbidden by the
 * page's policy or wrong is reported and passed over; the reference always remains.
 */
import { inUse } from './engine.ts';
import type { Engine, OperationName, Operations } from './engine.ts';
import { defaultEngines } from './default-engines.ts';
import { nobleOperations } from './noble.ts';
import { Expected, testOperation } from './self-test.ts';

/** Brings an engine in; rejects where the engine cannot run. */
export type EngineLoader = () => Promise<Engine>;

/** Which engine does what, and why others do not. Plain data: it may cross a worker's border. */
export interface EngineReport {
  readonly chosen: Readonly<Record<OperationName, string>>;
  readonly refused: readonly string[];
}

export interface StartOptions {
  /**
   * In order of preference for each operation, the first that passes wins. By default they are
   * loaded by dynamic import, which a service worker may not do: it passes `staticEngines`.
   */
  readonly engines?: readonly EngineLoader[];
  /**
   * The operations that this realm will use; the others stay with the reference. Testing takes most
   * of the start, so a realm that only opens and hashes starts in less than half the time.
   */
  readonly operations?: readonly OperationName[];
}

let started: Promise<EngineReport> | undefined;

/** Picks the engines of this realm. The first call decides; later ones answer its report. Never rejects. */
export function startCrypto(options: StartOptions = {}): Promise<EngineReport> {
  const { engines = defaultEngines, operations = ALL_OPERATIONS } = options;
  started ??= chooseEngines(engines, new Set(operations));
  return started;
}

const ALL_OPERATIONS = Object.keys(nobleOperations) as OperationName[];

async function chooseEngines(
  loaders: readonly EngineLoader[],
  wanted: ReadonlySet<OperationName>,
): Promise<EngineReport> {
  const chosen = Object.fromEntries(ALL_OPERATIONS.map((name) => [name, 'noble']));
  const refused: string[] = [];
  const expected = new Expected();
  const loaded = await Promise.allSettled(loaders.map((load) => load()));
  for (const result of loaded) {
    if (result.status === 'rejected') {
      refused.push(`not loaded: ${String(result.reason)}`);
      continue;
    }
    const { name: engine, operations } = result.value;
    for (const name of Object.keys(operations) as OperationName[]) {
      if (!wanted.has(name) || chosen[name] !== 'noble') continue;
      if (await testOperation(name, operations, expected)) {
        use(name, operations);
        chosen[name] = engine;
      } else refused.push(`${engine} disagrees on ${name}`);
    }
  }
  return { chosen: chosen as Record<OperationName, string>, refused };
}

function use<Name extends OperationName>(name: Name, operations: Partial<Operations>): void {
  const operation = operations[name];
  if (operation !== undefined) inUse[name] = operation;
}
