/** Which names the disk of a folder takes: what its system says, and what it does when tried. */
import { lstat, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { NameRules } from '#lib/drive/index.ts';
import { codeOf } from '#lib/system/index.ts';

/** What is true of disks of this system, as a rule. */
export function rulesOfSystem(platform: NodeJS.Platform = process.platform): NameRules {
  if (platform === 'win32') return 'windows';
  return platform === 'darwin' ? 'macos' : 'posix';
}

/** Refusals that are about the name. */
const NAME_REFUSED: ReadonlySet<string | undefined> = new Set(['EINVAL', 'EILSEQ', 'ENOENT']);

/**
 * Tries it out: a memory card or a share of another machine has rules of its own. `folder` must be
 * there; nothing stays in it.
 */
export async function rulesOfDisk(folder: string): Promise<NameRules> {
  const rules = rulesOfSystem();
  if (rules === 'windows') return rules;
  const name = `.pyrgos-${crypto.randomUUID()}-ab:?`;
  const place = join(folder, name);
  try {
    await (await open(place, 'wx', 0o600)).close();
  } catch (error) {
    // What else is wrong with the disk is told by the first real file.
    return NAME_REFUSED.has(codeOf(error)) ? 'portable' : rules;
  }
  try {
    await lstat(join(folder, name.toUpperCase()));
    return 'macos';
  } catch {
    return rules;
  } finally {
    await rm(place, { force: true });
  }
}
