/**
 * How often V8 looks for memory that is no longer used. A process that moves contents has large
 * buffers beside few objects, and V8 would look every 16 MiB of them: a third of the time of an
 * upload, for a few megabytes.
 */
import { setFlagsFromString } from 'node:v8';

/** The last major version of Node known to have the flag: one without would complain on stderr. */
const LAST_NODE = 24;

/** To be called once, early: lets the heap grow by so many percent of what is in use in between. */
export function collectGarbageAfter(growthPercent: number): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major <= LAST_NODE) setFlagsFromString(`--heap-growing-percent=${String(growthPercent)}`);
}
