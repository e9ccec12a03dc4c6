/** One run over all fields. A measurement that fails is left out and said on stderr. */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ANNA, BORIS } from '../browser/pages/account-page.ts';
import { Profile } from '../browser/profile.ts';
import { Site } from '../browser/site.ts';
import { longFilm } from '../media/films.ts';
import { buildTestPages, TEST_PAGES } from '../pages/build.ts';
import { appTimes } from './app-run.ts';
import { codeTimes } from './codes-run.ts';
import { cliStartMs } from './cli-start.ts';
import { editorMs } from './editor-run.ts';
import {
  fillLargeFolder,
  measureEngine,
  measureHeap,
  rounded,
  signUpOnTestPage,
  type Measure,
} from './engine-run.ts';
import type { Results } from './fields.ts';
import { appLoaderBytes, guestScriptBytes, initialScriptBytes } from './initial-script.ts';
import { friendFilmTimes } from './friend-run.ts';
import { linkFirstFrameMs } from './link-run.ts';
import { peopleTimes } from './people-run.ts';
import { measurePeers, PEER_FIELDS } from './peer-run.ts';
import { pdfTimes } from './pdf-run.ts';
import { portMibPerSecond } from './port-run.ts';
import { measureNode, NODE_FIELDS } from './node-run.ts';
import { registryTimes } from './registry-run.ts';
import { listMs, plainSeekMs, scrollTaskMs, seekMs, signInMs } from './screen-run.ts';
import { webrtcClientBytes, webrtcTimes } from './webrtc-run.ts';
import { storyTaskMs } from './story-run.ts';

/** A phone beside this machine, for the fields whose names say `4x`. */
const SLOWDOWN = 4;
const FRIEND_FIELDS = [
  'p2p_film_first_frame_ms',
  'p2p_film_seek_ms',
  'p2p_film_own_seek_ms',
  'p2p_film_seek_ratio',
];

export interface RunOptions {
  /** Names of the fields to measure; all when absent. */
  readonly only?: readonly string[];
}

export async function measureAll({ only }: RunOptions): Promise<Results> {
  const results: Results = new Map();
  const wants = (...names: string[]): boolean =>
    only === undefined ||
    names.some((name) => only.includes(name)) ||
    // What is to be read back must have been stored.
    (names.includes('upload_mib_s') && only.includes('download_mib_s')) ||
    (names.includes('http_upload_mib_s') && only.includes('http_download_mib_s'));
  const measure: Measure = async (name, run) => {
    if (!wants(name)) return;
    settleDisk();
    try {
      const value = await run();
      results.set(name, value);
      console.error(`${name}: ${String(value)}`);
    } catch (error) {
      console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  await measure('cli_start_ms', () => Promise.resolve(cliStartMs()));
  await measure('app_loader_br_bytes', appLoaderBytes);
  await measure('port_mib_s', portMibPerSecond);
  if (wants('share_read_ms', 'revoke_10k_files_s')) {
    await attempt(async () => {
      const { shareReadMs, revokeSeconds } = await peopleTimes();
      await measure('share_read_ms', () => Promise.resolve(shareReadMs));
      await measure('revoke_10k_files_s', () => Promise.resolve(revokeSeconds));
    });
  }
  if (wants('qr_found_of_48', 'qr_first_hit_ms')) {
    await attempt(async () => {
      const { found, firstHitMs } = await codeTimes();
      await measure('qr_found_of_48', () => Promise.resolve(found));
      await measure('qr_first_hit_ms', () => Promise.resolve(firstHitMs));
    });
  }
  if (wants('pki_million_mirror_s', 'pki_million_mirror_mb', 'pki_change_ms')) {
    await attempt(async () => {
      const { seconds, megabytes, changeMs } = registryTimes();
      await measure('pki_million_mirror_s', () => Promise.resolve(rounded(seconds)));
      await measure('pki_million_mirror_mb', () => Promise.resolve(rounded(megabytes)));
      await measure('pki_change_ms', () => Promise.resolve(rounded(changeMs)));
    });
  }
  if (wants(...NODE_FIELDS)) await attempt(() => measureNode(measure, wants));
  if (wants(...PEER_FIELDS)) await attempt(() => measurePeers(measure, wants));
  const site = await openSite();
  try {
    await measure('initial_js_br_bytes', initialScriptBytes);
    await measure('guest_js_br_bytes', guestScriptBytes);
    await measure('webrtc_client_br_bytes', () => Promise.resolve(webrtcClientBytes()));
    if (wants('webrtc_dial_ms', 'webrtc_download_mib_s')) {
      await attempt(async () => {
        const { dialMs, mibPerSecond } = await webrtcTimes(site.root);
        await measure('webrtc_dial_ms', () => Promise.resolve(dialMs));
        await measure('webrtc_download_mib_s', () => Promise.resolve(mibPerSecond));
      });
    }
    await measure('link_first_frame_ms', linkFirstFrameMs);
    if (wants(...FRIEND_FIELDS)) await attempt(() => friendFilm(measure));
    if (wants('app_start_ms', 'live_reload_ms')) {
      await attempt(async () => {
        const { startMs, reloadMs } = await appTimes(site.root);
        await measure('app_start_ms', () => Promise.resolve(startMs));
        await measure('live_reload_ms', () => Promise.resolve(reloadMs));
      });
    }
    await measure('editor_10mb_ms', () => editorMs(site.root));
    if (wants('pdf_first_page_ms', 'pdf_first_page_bytes', 'pdf_small_first_page_ms')) {
      await attempt(async () => {
        const { smallMs, largeMs, largeBytes } = await pdfTimes(site.root);
        await measure('pdf_first_page_ms', () => Promise.resolve(largeMs));
        await measure('pdf_first_page_bytes', () => Promise.resolve(largeBytes));
        await measure('pdf_small_first_page_ms', () => Promise.resolve(smallMs));
      });
    }
    await attempt(() => measureDrive(site, measure, wants));
    await measure('story_task_ms', () => storyTaskMs(site.root, 1));
    await measure('story_task_4x_ms', () => storyTaskMs(site.root, SLOWDOWN));
    if (wants('seek_ms', 'seek_plain_ms', 'seek_ratio')) await seeks(site, measure, results);
  } finally {
    await site.stop();
  }
  return results;
}

async function friendFilm(measure: Measure): Promise<void> {
  const { firstFrameMs, seekMs, ownSeekMs } = await friendFilmTimes();
  await measure('p2p_film_first_frame_ms', () => Promise.resolve(firstFrameMs));
  await measure('p2p_film_seek_ms', () => Promise.resolve(seekMs));
  await measure('p2p_film_own_seek_ms', () => Promise.resolve(ownSeekMs));
  await measure('p2p_film_seek_ratio', () => Promise.resolve(ratio(seekMs, ownSeekMs)));
}

/** With two digits. */
function ratio(one: number, other: number): number {
  return rounded((100 * one) / other) / 100;
}

/** What one measurement left to be written must not take the disk from the next. */
function settleDisk(): void {
  spawnSync('sync');
}

async function openSite(): Promise<Site> {
  await buildTestPages();
  const more = [
    { prefix: '/_tests/', folder: TEST_PAGES },
    { prefix: '/_media/', folder: join(tmpdir(), 'pyrgos-media-1') },
  ];
  return Site.open(undefined, { more });
}

/** One browser: the engine is measured on the test page, then the same drive on screen. */
async function measureDrive(
  site: Site,
  measure: Measure,
  wants: (...names: string[]) => boolean,
): Promise<void> {
  const profile = new Profile({ args: ['--remote-debugging-port=0'] });
  try {
    const page = await profile.page();
    await signUpOnTestPage(page, `${site.root}_tests/`, ANNA);
    await measureEngine(page, measure);
    const wantsList = wants('list_10k_ms', 'scroll_task_ms', 'scroll_task_4x_ms');
    if (wantsList) await attempt(() => fillLargeFolder(page));
    if (wants('heap_peak_mb')) {
      const realms: Results = new Map();
      await measureHeap(page, profile, measure, realms);
      console.error(`  ${[...realms].map((realm) => realm.join(': ')).join(', ')}`);
    }
    const screens = await (await profile.context()).newPage();
    await page.close();
    if (!wantsList && !wants('signin_ms')) return;
    const signedInAfterMs = await signInMs(screens, site.root, ANNA);
    await measure('signin_ms', () => Promise.resolve(signedInAfterMs));
    if (wantsList) {
      const openedAfterMs = await listMs(screens);
      await measure('list_10k_ms', () => Promise.resolve(openedAfterMs));
      await measure('scroll_task_ms', () => scrollTaskMs(screens, 1));
      await measure('scroll_task_4x_ms', () => scrollTaskMs(screens, SLOWDOWN));
    }
  } finally {
    await profile.destroy();
  }
}

async function seeks(site: Site, measure: Measure, results: Results): Promise<void> {
  await longFilm();
  const plain = new Profile();
  await measure('seek_plain_ms', () => plainSeekMs(plain, `${site.root}_media/`));
  await plain.destroy();
  const profile = new Profile();
  await measure('seek_ms', async () => seekMs(await profile.page(), site.root, BORIS));
  await profile.destroy();
  const [through, without] = [results.get('seek_ms'), results.get('seek_plain_ms')];
  if (through !== undefined && without !== undefined) {
    results.set('seek_ratio', ratio(through, without));
  }
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
  }
}
