/**
 * Which nodes run on a data folder, and where they are: for the commands beside them, and for the
 * message to another one. A node on a disk is alone there; of nodes that share a database and an
 * object store several may have one data folder. So each has a note of its own in `running/`, and
 * beside it a file it holds while it lives: a note whose file can be had is of a node that died, and
 * is removed by the process that finds it.
 */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '#lib/bytes/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import { holdFile } from '#lib/stores/server/index.ts';
import type { HeldFile } from '#lib/stores/server/index.ts';

const NOTES_FOLDER = 'running';
const NOTE_NAME = /^([0-9a-f]{16})\.json$/u;
const ID_BYTES = 8;

/** Says where this node is, until it is released or the process ends. */
export function noteRunning(dataFolder: string, address: string): HeldFile {
  const folder = join(dataFolder, NOTES_FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const id = toHex(systemRandom(ID_BYTES));
  // Held before there is a note: no reader may find one without the other.
  const held = holdFile(lockOf(folder, id));
  const note = { pid: process.pid, address };
  try {
    writeFileSync(noteOf(folder, id), `${JSON.stringify(note)}\n`, { mode: 0o600 });
  } catch (error) {
    // On a full disk a node has to start: only so room can be made.
    if (!isFull(error)) throw error;
    rmSync(noteOf(folder, id), { force: true });
  }
  return {
    release: () => {
      rmSync(noteOf(folder, id), { force: true });
      held?.release();
      forget(folder, id);
    },
  };
}

/** Addresses of the nodes that run on this folder. */
export function runningAddresses(dataFolder: string): string[] {
  const folder = join(dataFolder, NOTES_FOLDER);
  return idsIn(folder).flatMap((id) => {
    const address = addressIn(noteOf(folder, id));
    const held = holdIfPossible(lockOf(folder, id));
    if (held === undefined) return address === undefined ? [] : [address];
    held.release();
    forget(folder, id);
    return [];
  });
}

/** `undefined` when a living node has it, and when that cannot be told. */
function holdIfPossible(file: string): HeldFile | undefined {
  try {
    return holdFile(file);
  } catch {
    return undefined; // another user's: not ours to judge
  }
}

function idsIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => NOTE_NAME.exec(name)?.[1] ?? []);
  } catch {
    return [];
  }
}

function addressIn(file: string): string | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const { address } = note as { address?: unknown };
    return typeof address === 'string' ? address : undefined;
  } catch {
    return undefined;
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(ENOSPC|EDQUOT)$/u.test(String(error.code));
}

/** Also the folder, when it was the last one. */
function forget(folder: string, id: string): void {
  for (const file of [noteOf(folder, id), lockOf(folder, id)]) rmSync(file, { force: true });
  try {
    rmdirSync(folder);
  } catch {
    // Others run, or it is gone.
  }
}

function noteOf(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}

function lockOf(folder: string, id: string): string {
  return join(folder, `${id}.lock`);
}
