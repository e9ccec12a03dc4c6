/**
 * Finds the programs that tests and benchmark need and npm does not bring: a Chromium and ffmpeg.
 * One that is there is used; else the system's package manager when we are root; else, for
 * Chromium, Playwright's own download; else an error that says exactly what to install.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';
import { ROOT } from './build.ts';

interface Program {
  readonly title: string;
  /** An environment variable that names it outright. */
  readonly variable: string;
  readonly names: readonly string[];
  readonly places: readonly string[];
  /** Per package manager, separated by spaces. */
  readonly packages: { readonly apt: string; readonly dnf?: string; readonly apk?: string };
}

const CHROMIUM: Program = {
  title: 'Chromium',
  variable: 'CHROMIUM',
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
  places: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  ],
  packages: { apt: 'chromium', dnf: 'chromium', apk: 'chromium' },
};

const FFMPEG: Program = {
  title: 'ffmpeg',
  variable: 'FFMPEG',
  names: ['ffmpeg'],
  places: ['/opt/homebrew/bin/ffmpeg', '/usr/local/bin/ffmpeg'],
  packages: { apt: 'ffmpeg', dnf: 'ffmpeg-free', apk: 'ffmpeg' },
};

const FIREFOX: Program = {
  title: 'Firefox',
  variable: 'FIREFOX',
  names: ['firefox-esr', 'firefox'],
  places: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
  packages: { apt: 'firefox-esr', dnf: 'firefox', apk: 'firefox-esr' },
};

/** Safari's engine as a library, the driver of it, and a screen for its windows. */
const WEBKIT: Program = {
  title: 'WebKitGTK with its driver',
  variable: 'WEBKIT_DRIVER',
  names: ['WebKitWebDriver'],
  places: [],
  packages: {
    apt:
      'webkit2gtk-driver xvfb xauth python3-gi gir1.2-webkit2-4.1 gstreamer1.0-libav ' +
      'gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-gl',
  },
};

/** Path of a Chromium that starts. Throws a sentence that says what to install. */
export function ensureChromium(): string {
  return ensure(CHROMIUM, () => {
    console.error('Downloading a Chromium with Playwright …');
    const cli = join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js');
    const flags = isRoot() && existsSync('/usr/bin/apt-get') ? ['--with-deps'] : [];
    runQuietly(process.execPath, [cli, 'install', ...flags, 'chromium']);
    return existing(chromium.executablePath());
  });
}

/** Path of an ffmpeg. Throws a sentence that says what to install. */
export function ensureFfmpeg(): string {
  return ensure(FFMPEG, () => undefined);
}

/** Path of a Firefox that starts. Throws a sentence that says what to install. */
export function ensureFirefox(): string {
  return ensure(FIREFOX, () => undefined);
}

/** Path of WebKit's driver; what it needs beside it is there. Throws a sentence likewise. */
export function ensureWebKit(): string {
  if (!hasWebKitWindow()) installPackage(WEBKIT);
  const driver = ensure(WEBKIT, () => undefined);
  if (hasWebKitWindow()) return driver;
  throw new Error(`WebKit needs more than its driver: "apt-get install ${WEBKIT.packages.apt}".`);
}

/** The library, its binding for Debian's Python, and a screen. */
function hasWebKitWindow(): boolean {
  const imports =
    'import gi; gi.require_version("WebKit2", "4.1"); from gi.repository import WebKit2';
  const window = spawnSync('/usr/bin/python3', ['-c', imports], { stdio: 'ignore' });
  return window.status === 0 && existsSync('/usr/bin/xvfb-run');
}

function ensure(program: Program, lastResort: () => string | undefined): string {
  const downloaded = program === CHROMIUM ? existing(chromium.executablePath()) : undefined;
  const found = find(program) ?? downloaded ?? installPackage(program) ?? lastResort();
  if (found !== undefined) return found;
  const { apt, dnf, apk } = program.packages;
  const ways = [
    `apt-get install ${apt}`,
    ...(dnf === undefined ? [] : [`dnf install ${dnf}`]),
    ...(apk === undefined ? [] : [`apk add ${apk}`]),
    ...(program === WEBKIT ? [] : [`brew install ${program.names[0] ?? ''}`]),
  ];
  throw new Error(
    `${program.title} is needed and was not found. Install it with one of: ` +
      `${ways.map((way) => `"${way}"`).join(', ')}; or set ${program.variable} to its path.`,
  );
}

function find({ variable, names, places }: Program): string | undefined {
  const named = process.env[variable];
  if (named !== undefined && named !== '') return existing(named);
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name + suffix)));
  return [...candidates, ...places].find((path) => existing(path) !== undefined && starts(path));
}

function existing(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

/** Ubuntu's `chromium-browser` is a stub that only asks for a snap: a file is not yet a program. */
function starts(path: string): boolean {
  // WebKit's driver knows no question that it would answer and end.
  if (process.platform === 'win32' || path.endsWith('WebKitWebDriver')) return true;
  const flag = path.includes('ffmpeg') ? '-version' : '--version';
  return spawnSync(path, [flag], { stdio: 'ignore', timeout: 30_000 }).status === 0;
}

function installPackage(program: Program): string | undefined {
  if (!isRoot()) return undefined;
  const { apt, dnf, apk } = program.packages;
  if (existsSync('/usr/bin/apt-get') && !(program === CHROMIUM && isUbuntu())) {
    console.error(`Installing ${program.title} with apt-get …`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    runQuietly('apt-get', ['update'], env);
    runQuietly('apt-get', ['install', '-y', '--no-install-recommends', ...apt.split(' ')], env);
  } else if (dnf !== undefined && existsSync('/usr/bin/dnf')) {
    console.error(`Installing ${program.title} with dnf …`);
    runQuietly('dnf', ['install', '-y', dnf]);
  } else if (apk !== undefined && existsSync('/sbin/apk')) {
    console.error(`Installing ${program.title} with apk …`);
    runQuietly('apk', ['add', apk]);
  }
  return find(program);
}

function isUbuntu(): boolean {
  const release = '/etc/os-release';
  return existsSync(release) && /^ID=ubuntu$/m.test(readFileSync(release, 'utf8'));
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function runQuietly(command: string, args: readonly string[], env = process.env): void {
  spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
}
