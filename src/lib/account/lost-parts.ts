/** From blocks that are lost to the files and folders a person knows. */
import { BlocksLost, openDamagedArchive, type ArchiveFiles } from '#lib/archive/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { Drive, type LeftOut } from '#lib/drive/index.ts';
import { isNodeFailure } from '#lib/protocol/index.ts';
import { createPointerMemory } from '#lib/writers/index.ts';
import { AccountIncomplete } from './errors.ts';
import type { AccountDeps, Session } from './session.ts';
import { signIn } from './sign-in.ts';

/** The error that names what the loss of these blocks hits. */
export async function whatIsHit(
  deps: AccountDeps,
  { home }: Pick<Session, 'home'>,
  blocks: readonly Cid[],
  signal: AbortSignal | undefined,
): Promise<AccountIncomplete> {
  const cause = new BlocksLost(blocks);
  const lost = new Set(blocks.map((cid) => cid.toString()));
  const isLost = (cid: Cid): boolean => lost.has(cid.toString());
  return new AccountIncomplete(await damagedOf(deps, home, isLost, signal), { cause });
}

/**
 * The files and folders that are hit in an archive that was refused. None where the password does
 * not open it, or where so much is missing that nobody can tell.
 */
export async function damagedInArchive(
  files: ArchiveFiles,
  { clock, random }: Pick<AccountDeps, 'clock' | 'random'>,
  { username, password }: { readonly username?: string | undefined; readonly password: string },
  signal?: AbortSignal,
): Promise<{ readonly username: string; readonly damaged: readonly LeftOut[] }> {
  const options = { clock, random, ...(username === undefined ? {} : { username }) };
  try {
    const archive = await openDamagedArchive(files, { ...options, ...(signal ? { signal } : {}) });
    const deps = { node: archive.node, clock, random, pointerMemory: createPointerMemory() };
    const { home } = await signIn(deps, { username: archive.username, password }, signal);
    const damaged = await damagedOf(deps, home, (cid) => !archive.holds(cid), signal);
    return { username: archive.username, damaged };
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    return { username: username ?? '', damaged: [] };
  }
}

async function damagedOf(
  deps: AccountDeps,
  home: Session['home'],
  isLost: (cid: Cid) => boolean,
  signal: AbortSignal | undefined,
): Promise<readonly LeftOut[]> {
  const drive = new Drive({ ...deps, cipher: createLocalChunkCipher(deps.random) }, home);
  const damaged: LeftOut[] = [];
  try {
    const found = drive.findDamaged(isLost, signal ? { signal } : {});
    for await (const one of found) damaged.push(one);
  } catch (error) {
    // The home itself may be hit: then nothing below it can be named.
    if (!(error instanceof PyrgosError) || isNodeFailure(error)) throw error;
  }
  return damaged;
}
