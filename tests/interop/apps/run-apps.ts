/**
 * Apps run as their authors left them: installed from an archive into a drive in Chromium, started
 * in each way that their manifest offers, and watched until they are calm.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, type Locator, type Page } from '@playwright/test';
import type { Manifest } from '../../../src/lib/apps/index.ts';
import { ANNA, entry, pickFiles, seesDrive, signUp } from '../../browser/pages/account-page.ts';
import { enter, goTo, goUp, makeFolder, transfersEnd } from '../../browser/pages/drive-page.ts';
import { FixtureFiles } from '../../browser/fixture-files.ts';
import { Profile } from '../../browser/profile.ts';
import {
  appFolders,
  archiveOf,
  fileKindsOf,
  filesBelow,
  manifestOf,
  ownFiles,
  type AppFolder,
} from './app-folder.ts';
import { CallRecord } from './call-record.ts';
import type { AppReport, Start } from './report.ts';
import { samplesFor } from './samples.ts';
import { watchApp } from './watch-app.ts';

const NONE: ReadonlyMap<string, Uint8Array> = new Map();
const INSTALL_MS = 120_000;

/** One way to start an app. */
interface Way {
  readonly name: Start['way'];
  go(page: Page): Promise<void>;
}

export interface AppsToRun {
  /** Folders of apps lie in it. */
  readonly folder: string;
  /** Names of the folders to run; all when absent. */
  readonly only?: readonly string[] | undefined;
  /** Files to open apps on lie in it, and are told apart by their extensions. */
  readonly samples?: string | undefined;
}

/** Runs apps, one after the other. */
export async function runApps(
  { folder, only, samples }: AppsToRun,
  url: string,
  onReport: (report: AppReport) => void,
): Promise<void> {
  const record = new CallRecord();
  const profile = new Profile({
    context: { viewport: { width: 1280, height: 900 } },
    prepare: (context) => record.attach(context),
  });
  const files = new FixtureFiles();
  try {
    const page = await profile.page();
    await page.goto(url);
    await signUp(page, ANNA);
    const given = samples === undefined ? NONE : filesByExtension(samples);
    for (const app of appFolders(folder)) {
      if (only?.includes(app.name) === false) continue;
      onReport(await runApp({ profile, files, record, url, given }, app));
    }
  } finally {
    await profile.destroy();
    files.remove();
  }
}

interface World {
  readonly profile: Profile;
  readonly files: FixtureFiles;
  readonly record: CallRecord;
  readonly url: string;
  readonly given: ReadonlyMap<string, Uint8Array>;
}

async function runApp(world: World, app: AppFolder): Promise<AppReport> {
  try {
    const manifest = manifestOf(app);
    const installed = await inTab(world, (page) => install(page, world.files, app, manifest));
    const ways = await waysOf(world, app, manifest);
    const own = ownFiles(app);
    const starts: Start[] = [];
    for (const way of ways) {
      starts.push(await inTab(world, (page) => start(page, world.record, way, own)));
    }
    return { name: app.name, title: installed, starts };
  } catch (error) {
    return { name: app.name, title: app.name, starts: [], failure: sentence(error) };
  }
}

/** A tab of its own for each step: an app that hangs takes no other with it. */
async function inTab<T>({ profile, url }: World, work: (page: Page) => Promise<T>): Promise<T> {
  const page = await newTab(profile);
  try {
    await page.goto(url);
    await seesDrive(page);
    return await work(page);
  } finally {
    await page.close();
  }
}

/** A browser that an app has brought down is started again. */
async function newTab(profile: Profile): Promise<Page> {
  try {
    return await (await profile.context()).newPage();
  } catch {
    await profile.quit();
    return (await profile.context()).newPage();
  }
}

/** Gives the app's title. */
async function install(
  page: Page,
  files: FixtureFiles,
  app: AppFolder,
  { displayName }: Manifest,
): Promise<string> {
  const archive = files.path(`${app.name}.zip`);
  writeFileSync(archive, archiveOf(app));
  await goTo(page, 'Apps');
  await page.getByLabel('Install from a ZIP').last().setInputFiles(archive);
  const dialog = page.getByRole('dialog', { name: /^(?:Install|Replace) / });
  const button = dialog.getByRole('button', { name: /^(?:Install|Replace)$/ });
  const refusal = dialog.getByRole('alert');
  await expect(button.or(refusal).first()).toBeVisible({ timeout: INSTALL_MS });
  if (await refusal.isVisible()) throw new Error(await refusal.innerText());
  await button.click();
  await expect(async () => {
    expect((await dialog.isHidden()) || (await refusal.isVisible())).toBe(true);
  }).toPass({ timeout: INSTALL_MS });
  if (await refusal.isVisible()) throw new Error(await refusal.innerText());
  return displayName;
}

function filesByExtension(folder: string): ReadonlyMap<string, Uint8Array> {
  const files = filesBelow(folder);
  return new Map(files.map((path) => [extname(path).slice(1).toLowerCase(), readFileSync(path)]));
}

async function waysOf(world: World, app: AppFolder, manifest: Manifest): Promise<Way[]> {
  const { displayName: title, launchable, folderAction } = manifest;
  const ways: Way[] = [];
  if (launchable) ways.push({ name: 'alone', go: (page) => launch(page, title) });
  const samples = await samplesFor(fileKindsOf(app, manifest), world.given);
  const [first] = samples;
  if (first === undefined && !folderAction) return ways;
  const paths = samples.map(({ extension, bytes }) =>
    world.files.file(`${app.name}/sample.${extension}`, bytes),
  );
  const go = async (page: Page): Promise<void> => {
    await makeFolder(page, app.name);
    if (paths.length > 0) {
      await enter(page, app.name);
      await pickFiles(page, paths);
      await transfersEnd(page);
    }
    if (!folderAction) return openWith(page, `sample.${first?.extension ?? ''}`, title);
    if (paths.length > 0) await goUp(page, 'Home');
    await openWith(page, app.name, title);
  };
  return [...ways, { name: folderAction ? 'folder' : 'file', go }];
}

async function launch(page: Page, title: string): Promise<void> {
  await goTo(page, 'Apps');
  const tiles: Locator = page.getByRole('list', { name: 'Apps' }).getByRole('listitem');
  const tile = tiles.filter({ has: page.getByText(title, { exact: true }) });
  await tile.getByRole('button').first().click();
}

async function openWith(page: Page, name: string, title: string): Promise<void> {
  await entry(page, name).click({ button: 'right' });
  const words = new RegExp(`^(?:Edit|View) in ${title}$`, 'u');
  await page.getByRole('menuitem', { name: words }).click();
}

async function start(
  page: Page,
  record: CallRecord,
  { name, go }: Way,
  own: ReadonlySet<string>,
): Promise<Start> {
  const errors: string[] = [];
  page.on('pageerror', ({ name: kind, message }) => errors.push(`${kind}: ${message}`));
  record.forget();
  try {
    await go(page);
    const seen = await watchApp(page);
    return { way: name, ...seen, errors, calls: record.callsBeside(own) };
  } catch (error) {
    const failure = sentence(error);
    return { way: name, isStarted: false, errors: [failure, ...errors], refused: [], calls: [] };
  }
}

function sentence(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return stripVTControlCharacters(line).trim();
}
