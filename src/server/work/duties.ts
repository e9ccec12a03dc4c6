/**
 * The regular work of a node, which one of its processes does at a time: bringing the copy of the
 * registry of names and of mirrored accounts up to date, collecting garbage, serving the table that
 * nodes are found by. On a database it is the process that holds a lock there, and another one as soon
 * as that one is gone; a node whose records are in its folder has one process. Two that are at it for
 * some seconds do no harm: every change is a compare-and-swap.
 */
import { contendForLock } from '#lib/stores/server/index.ts';
import type { LockedWork } from '#lib/stores/server/index.ts';
import { postgresOptions } from '../data/open-stores.ts';
import type { Log } from '../observe/log.ts';
import type { NodeMetrics } from '../observe/node-metrics.ts';
import type { NodeSettings } from '../settings/settings.ts';

/** Begins one kind of work; answers how to end it. */
export type Duty = () => () => Promise<void> | void;

export interface DutiesDeps {
  readonly settings: NodeSettings;
  readonly duties: readonly Duty[];
  readonly metrics: Pick<NodeMetrics, 'gauge'>;
  readonly log: Log;
}

/** Answers how to end them, which waits for what is under way. */
export function performDuties(deps: DutiesDeps): () => Promise<void> {
  const { settings, metrics, log } = deps;
  const { role, recordsUrl } = settings;
  const gauge = (read: () => boolean): void => {
    metrics.gauge('pyrgos_duties', '1 while this process does the regular work of its node.', () =>
      read() ? 1 : 0,
    );
  };
  if (role === 'web') {
    gauge(() => false);
    return () => Promise.resolve();
  }
  if (recordsUrl === undefined) {
    gauge(() => true);
    return workOf(deps).start();
  }
  const { url, schema = 'pyrgos' } = postgresOptions(recordsUrl, settings);
  const { start } = workOf(deps);
  const lock = contendForLock(
    { url, name: `duties of ${schema}` },
    {
      start: () => {
        log.info('duties taken');
        const end = start();
        return async () => {
          await end();
          log.info('duties given up');
        };
      },
    },
  );
  gauge(() => lock.isHeld);
  return () => lock.close();
}

function workOf({ duties }: DutiesDeps): LockedWork {
  return {
    start: () => {
      const endings = duties.map((begin) => begin());
      return async () => {
        for (const end of endings) await end();
      };
    },
  };
}
