/** Before any browser test: the site is built, the test pages too, and the programs are there. */
import { buildSite } from '../../scripts/build.ts';
import { ensureChromium, ensureFfmpeg } from '../../scripts/programs.ts';

export default function setUp(): void {
  const isGiven = process.env['PYRGOS_SITE'] !== undefined;
  if (!isGiven && !buildSite()) throw new Error('The site could not be built.');
  process.env['CHROMIUM'] = ensureChromium();
  process.env['FFMPEG'] = ensureFfmpeg();
}
