/** `get`, `cat`: bytes out of the drive. */
import { basename, resolve } from 'node:path';
import type { Drive, Handle } from '#lib/drive/index.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { fetchAll } from '../fetch.ts';
import { planFetch, type BrokenEntry, type FetchPlan } from '../fetch-plan.ts';
import { warn, write } from '../io.ts';
import { BAD_ENTRY_OPTIONS, nameLeftOut, tellLeftOut, type LeftOut } from '../left-out.ts';
import { showPath } from '../paths.ts';
import { startProgress } from '../progress.ts';
import { isSet, textOf } from '../values.ts';
import type { Listed } from './list.ts';

export const cat: Command = {
  name: 'cat',
  summary: 'Writes a file, or a range of its bytes, to standard output.',
  usage: '[--range START-END] PATH…',
  options: { range: { type: 'string' } },
  operands: [1, Infinity],
  async run(call) {
    const { drive } = await call.access.signedIn(call.signal);
    for (const path of await call.access.paths(call.operands, call.signal)) {
      const file = await call.access.open(path, call.signal);
      const [start, end] = byteRange(textOf(call, 'range'), file.properties.sizeBytes);
      for await (const piece of drive.read(file, start, end, call.signal)) {
        await write(call.io, piece);
      }
    }
  },
};

/** `10-19` (both included), `10-`, `-5` (the last five); half-open. Throws `Misused`. */
export function byteRange(text: string | undefined, sizeBytes: number): [number, number] {
  if (text === undefined) return [0, sizeBytes];
  const parts = /^(\d*)-(\d*)$/u.exec(text);
  const [, first = '', last = ''] = parts ?? [];
  if (parts === null || (first === '' && last === '')) {
    throw new Misused('A range is written 10-19, 10- or -5.');
  }
  if (first === '') return [Math.max(0, sizeBytes - Number(last)), sizeBytes];
  const start = Number(first);
  const end = last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  if (last !== '' && Number(last) < start) throw new Misused('The range ends before it begins.');
  if (start >= sizeBytes) throw new Misused(`The file has ${sizeBytes} bytes only.`);
  return [start, end];
}

export const get: Command = {
  name: 'get',
  summary: 'Fetches files and folders; - writes to standard output.',
  usage: '[-f] [--skip-bad] [--map-names] PATH… [LOCAL]',
  options: { force: { type: 'boolean', short: 'f' }, ...BAD_ENTRY_OPTIONS },
  operands: [1, Infinity],
  movesContents: true,
  async run(call) {
    const { access, operands, signal } = call;
    const { drive, session } = await access.signedIn(signal);
    const [sources, local] = sourcesAndLocal(operands);
    if (sources.includes('-')) throw new Misused('- is where to write to; a file - is ./-.');
    if (local === '') throw new Misused('A path is empty.');
    const paths = await access.paths(sources, signal);
    const handles: Handle[] = [];
    for (const path of paths) handles.push(await access.open(path, signal));
    const listed: Listed = { drive, show: (path) => showPath(path, session.username) };
    await fetchTo(call, listed, handles, local, operands.length === 1);
  },
};

/** Fetches what was opened to a place of this disk, or to standard output. */
export async function fetchTo(
  call: Call,
  listed: Listed,
  handles: readonly Handle[],
  local: string,
  isIntoFolder: boolean,
): Promise<void> {
  const { io, signal } = call;
  if (local === '-') return toStandardOutput(call, listed.drive, handles);
  const plan = await planFetch(listed.drive, handles, {
    place: resolve(io.folder, local),
    isFolder: isIntoFolder || /[/\\]$/u.test(local),
    isForced: isSet(call, 'force'),
    isMapped: isSet(call, 'map-names'),
    signal,
  });
  await carryOut(call, listed, plan);
}

async function carryOut(call: Call, { drive, show }: Listed, plan: FetchPlan): Promise<void> {
  const leftOut: LeftOut[] = [];
  const onBroken = ({ path, error }: BrokenEntry): void =>
    void leftOut.push({ path: show(path), error });
  const notes: [path: readonly string[], sentence: string][] = plan.renamed.map(
    ({ path, place }) => [path, `is called ${basename(place)} here.`],
  );
  const bar = startProgress(call.io, isSet(call, 'quiet'));
  plan.broken.forEach(onBroken);
  try {
    await fetchAll(drive, plan, {
      tell: bar.tell,
      note: (path, sentence) => void notes.push([path, sentence]),
      onBroken,
      signal: call.signal,
    });
  } catch (error) {
    bar.end();
    nameLeftOut(call, leftOut, 'fetched');
    throw error;
  } finally {
    bar.end();
    for (const [path, sentence] of notes) {
      warn(call, `${show(path)} ${sentence}`, { path: show(path) });
    }
  }
  tellLeftOut(call, leftOut, 'fetched', plan.folders.length === 0 && plan.files.length === 1);
}

/** With one operand the file comes here under its own name; with more, the last is local. */
function sourcesAndLocal(operands: readonly string[]): [sources: readonly string[], local: string] {
  if (operands.length === 1) return [operands, '.'];
  return [operands.slice(0, -1), operands.at(-1) ?? ''];
}

async function toStandardOutput(
  call: Call,
  drive: Drive,
  handles: readonly Handle[],
): Promise<void> {
  for (const handle of handles) {
    for await (const piece of drive.read(handle, 0, undefined, call.signal)) {
      await write(call.io, piece);
    }
  }
}
