/**
 * Choosing engines: each faster one is loaded, tested against the reference operation by operation,
 * and put in use only where it agrees (`self-test.ts`). An engine that is missing, forbidden by the
 * page's policy or wrong is reported and passed over; the reference always remains.
 */
import { inUse, undecided } from './engine.ts';
import type { Engine, EngineLoader } from './engine.ts';
import { defaultEngines } from './default-engines.ts';
import { nobleOperations } from './noble.ts';
import { Expected, testOperation } from './self-test.ts';
import type { OperationName, Operations } from './operations.ts';

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
  /** Awaited between two operations, by a realm that has other things to do meanwhile. */
  readonly pause?: () => Promise<void>;
}

let started: Promise<EngineReport> | undefined;

/**
 * Picks the engines of this realm. The first call decides; later ones answer its report. Never
 * rejects. Until it resolves the reference is in use where nothing faster is known to be right.
 */
export function startCrypto(options: StartOptions = {}): Promise<EngineReport> {
  started ??= chooseEngines(options);
  return started;
}

const ALL_OPERATIONS = Object.keys(nobleOperations) as OperationName[];

async function chooseEngines(options: StartOptions): Promise<EngineReport> {
  const { engines = defaultEngines, operations = ALL_OPERATIONS, pause } = options;
  const chosen = Object.fromEntries(ALL_OPERATIONS.map((name) => [name, 'noble']));
  const refused: string[] = [];
  const expected = new Expected();
  for (const name of operations) undecided.set(name, []);
  for (const loading of engines.map(loaded)) {
    const result = await loading;
    if (result instanceof NotLoaded) {
      refused.push(result.message);
      continue;
    }
    const { name: engine, operations: offered } = result;
    for (const name of Object.keys(offered) as OperationName[]) {
      if (!undecided.has(name)) continue;
      if (await testOperation(name, offered, expected)) {
        use(name, offered);
        chosen[name] = engine;
        decide(name);
      } else refused.push(`${engine} disagrees on ${name}`);
      await pause?.();
    }
  }
  // Operations without a faster engine stay with the reference.
  for (const name of undecided.keys()) decide(name);
  return { chosen: chosen as Record<OperationName, string>, refused };
}

function decide(name: OperationName): void {
  const waiting = undecided.get(name) ?? [];
  undecided.delete(name);
  for (const go of waiting) go();
}

class NotLoaded {
  readonly message: string;

  constructor(reason: unknown) {
    this.message = `not loaded: ${String(reason)}`;
  }
}

/** All engines are brought in at once, and waited for in their order. */
function loaded(load: EngineLoader): Promise<Engine | NotLoaded> {
  return load().catch((reason: unknown) => new NotLoaded(reason));
}

function use<Name extends OperationName>(name: Name, operations: Partial<Operations>): void {
  const operation = operations[name];
  if (operation !== undefined) inUse[name] = operation;
}
