/**
 * Before any browser test: the site is built, the programs are there, and what every story would
 * pay again is paid once. Workers of Playwright inherit the environment.
 */
import { join } from 'node:path';
import { buildSite, ROOT } from '../../scripts/build.ts';
import { ensureChromium, ensureFfmpeg } from '../../scripts/programs.ts';
import { compressBeside } from './compressed-site.ts';
import { SITE_FOLDER } from './site.ts';

export default async function setUp(): Promise<void> {
  const isGiven = process.env['PYRGOS_SITE'] !== undefined;
  if (!isGiven && !buildSite()) throw new Error('The site could not be built.');
  process.env['CHROMIUM'] = ensureChromium();
  process.env['FFMPEG'] = ensureFfmpeg();
  process.env['PYRGOS_NODE_SITE'] = await compressBeside(
    SITE_FOLDER,
    join(ROOT, '.cache', 'compressed-site'),
  );
}
