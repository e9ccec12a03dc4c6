/** What the node counts of its copy of the registry. */
import type { NodeMetrics } from '../observe/node-metrics.ts';
import type { ServerRegistry } from './registry.ts';

export function measureRegistry(
  metrics: Pick<NodeMetrics, 'gauge'>,
  { status }: Pick<ServerRegistry, 'status'>,
  clock: () => number,
): void {
  metrics.gauge(
    'pyrgos_pki_refused',
    '1 while the newest state of the name registry is refused.',
    () => (status().refused === undefined ? 0 : 1),
  );
  metrics.gauge(
    'pyrgos_pki_sequence',
    'State of the name registry that is served; 0: none.',
    () => status().sequence,
  );
  metrics.gauge(
    'pyrgos_pki_age_seconds',
    'Since the name registry was last seen; -1: never.',
    () => {
      const { seenMs } = status();
      return seenMs === 0 ? -1 : Math.max(0, (clock() - seenMs) / 1000);
    },
  );
}
