/** What a process has used so far, as the system counts it (proc(5)). */
import { readFileSync, writeFileSync } from 'node:fs';

const TICKS_A_SECOND = 100;

export interface Costs {
  readonly cpuSeconds: number;
  /** By how much its memory grew at most. */
  readonly memoryBytes: number;
}

/** The costs of `work` to another process. */
export async function costsOf(pid: number, work: () => Promise<unknown>): Promise<Costs> {
  // From now on the peak is counted anew.
  writeFileSync(`/proc/${String(pid)}/clear_refs`, '5');
  const before = { cpu: cpuSeconds(pid), bytes: memoryOf(pid, 'VmRSS') };
  await work();
  return {
    cpuSeconds: cpuSeconds(pid) - before.cpu,
    memoryBytes: memoryOf(pid, 'VmHWM') - before.bytes,
  };
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
  // The second field is a name, which may hold anything, in brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

function memoryOf(pid: number, name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'latin1');
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'mu').exec(status)?.[1];
  return Number(kibibytes) * 1024;
}
