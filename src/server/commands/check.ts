/**
 * `check`: everything that would keep this node from running well, in words, before it is started
 * or beside it. Nothing outside this machine is asked but the stores and names that are configured.
 */
import { constants, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { lookup } from 'node:dns/promises';
import { join } from 'node:path';
import { PyrgosError } from '#lib/bytes/index.ts';
import { areShared, openBesideNode } from '../data/open-stores.ts';
import { runningAddresses } from '../data/running.ts';
import { BLOCKS_FOLDER, holdFolder, RECORDS_FILE } from '../data/stores.ts';
import { ClientAddresses, isLoopback } from '../http/client-address.ts';
import { addressOf } from '../http/hosts.ts';
import { showBytes } from '../settings/amounts.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { loadSite } from '../site/site.ts';
import { checkDomainNames } from './check-domains.ts';
import { checkPeers, checkRoles, portIsFree } from './check-peers.ts';
import type { Check, Say } from './check-peers.ts';
import { checkRegistry } from './check-registry.ts';
import type { Command } from './command.ts';
import { explainFailure } from './failures.ts';

const LITTLE_SPACE_BYTES = 1e9;
const NO_SPACE_BYTES = 100e6;
/** This program did not exist before. */
const FIRST_DAY_MS = Date.UTC(2026, 0, 1);
/** Clients are refused from five minutes on (B-1 §1.2). */
const CLOCK_TOLERANCE_MS = 120_000;

const CHECKS: readonly Check[] = [
  checkFolder,
  checkSpace,
  checkClock,
  checkStores,
  checkPort,
  checkNames,
  checkDomainNames,
  checkProxy,
  checkSite,
  checkSignUps,
  checkRoles,
  checkPeers,
  checkRegistry,
];

export const check: Command = {
  name: 'check',
  words: '',
  what: 'say what is wrong with the configuration',
  run: async ({ settings, say }) => {
    let wrong = 0;
    for (const one of CHECKS) {
      await one(settings, (verdict, text) => {
        if (verdict === 'wrong') wrong++;
        say(`${verdict.padEnd(6)} ${text}`);
      });
    }
    const what = wrong === 1 ? 'One thing' : `${String(wrong)} things`;
    say(wrong === 0 ? 'The node can run.' : `${what} must be put right first.`);
    return wrong === 0;
  },
};

/** The folder can be written, and only by its owner. */
async function checkFolder(settings: NodeSettings, say: Say): Promise<void> {
  const { dataFolder } = settings;
  try {
    const isNew = !existsSync(dataFolder);
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    const probe = join(dataFolder, `.check-${String(process.pid)}`);
    writeFileSync(probe, '');
    rmSync(probe);
    for (const name of [RECORDS_FILE, BLOCKS_FOLDER]) {
      const path = join(dataFolder, name);
      if (existsSync(path)) await access(path, constants.R_OK | constants.W_OK);
    }
    say('ok', `The data folder is ${dataFolder}${isNew ? ', made just now' : ''}.`);
    if (process.platform !== 'win32' && (statSync(dataFolder).mode & 0o077) !== 0) {
      say('note', `Other users of this machine may look into ${dataFolder}: chmod 700 it.`);
    }
  } catch (error) {
    say('wrong', `The data folder cannot be used. ${sentence(error, settings)}`);
  }
}

async function checkSpace({ dataFolder, quotaBytes }: NodeSettings, say: Say): Promise<void> {
  try {
    const { bavail, bsize } = await statfs(dataFolder);
    const free = bavail * bsize;
    const text = `${showBytes(free)} are free on the disk of ${dataFolder}`;
    if (free < NO_SPACE_BYTES) say('wrong', `Only ${text}. Make room, or use another disk.`);
    else if (free < Math.max(LITTLE_SPACE_BYTES, quotaBytes)) {
      say('note', `${text}: less than one account may use (${showBytes(quotaBytes)}).`);
    } else say('ok', `${text}.`);
  } catch {
    say('note', `How much space is free in ${dataFolder} cannot be told.`);
  }
}

/** Signed times are compared with this clock; nobody could sign in if it were wrong. */
function checkClock({ dataFolder }: NodeSettings, say: Say): void {
  const now = Date.now();
  const records = join(dataFolder, RECORDS_FILE);
  const written = existsSync(records) ? statSync(records).mtimeMs : 0;
  const shown = new Date(now).toISOString();
  if (now < FIRST_DAY_MS || written > now + CLOCK_TOLERANCE_MS) {
    const why = now < FIRST_DAY_MS ? 'that is long ago' : 'the node has written later than that';
    say('wrong', `The clock says ${shown}, but ${why}. Set it, best by NTP.`);
  } else say('ok', `The clock says ${shown}.`);
}

async function checkStores(settings: NodeSettings, say: Say): Promise<void> {
  if (!existsSync(settings.dataFolder)) return; // said above
  try {
    const stores = await openBesideNode(settings);
    try {
      await stores.records.get('node', 'identity');
      await stores.blocks.has('check');
      say('ok', 'Blocks and records can be read.');
    } finally {
      await stores.close();
    }
  } catch (error) {
    say('wrong', `The stores cannot be used. ${sentence(error, settings)}`);
  }
}

/** The port is free, or it is a node on this very folder that has it. */
async function checkPort(settings: NodeSettings, say: Say): Promise<void> {
  const { dataFolder, host, port } = settings;
  const running = runningAddresses(dataFolder);
  if (running.length > 0) {
    say('note', `A node is running on this folder already, at ${running.join(' and ')}.`);
    return;
  }
  try {
    if (!areShared(settings)) holdFolder(dataFolder).release();
  } catch (error) {
    if (!(error instanceof PyrgosError)) return; // said above
    say('note', 'Another program uses this folder at the moment.');
    return;
  }
  try {
    await portIsFree(port, host);
    say('ok', `Port ${String(port)} at ${host} is free.`);
  } catch (error) {
    say('wrong', sentence(error, settings));
  }
}

async function checkNames(settings: NodeSettings, say: Say): Promise<void> {
  const { host, port, publicHosts } = settings;
  if (publicHosts.length === 0) {
    if (isLoopback(host)) {
      say('ok', `Only this machine is served, at ${addressOf(settings, port)}.`);
    } else {
      say(
        'wrong',
        `Others can connect to ${host} but would be refused by every name: say with --public-host ` +
          'what they write into the address bar.',
      );
    }
    return;
  }
  for (const name of publicHosts) {
    const hostname = name.replace(/:\d+$/u, '').replaceAll(/[[\]]/gu, '');
    await lookup(hostname).then(
      () => say('ok', `${name} is a known name.`),
      () => say('note', `${name} is not known to this machine's name service (yet).`),
    );
    if (!isLoopback(hostname)) {
      say(
        'note',
        `Browsers work with ${name} only over https: a reverse proxy must answer for it with TLS, ` +
          'and pass the headers Host and Trailer on. docs/self-hosting.md has examples.',
      );
    }
  }
}

function checkProxy(settings: NodeSettings, say: Say): void {
  const { publicHosts, host, trustedProxies, isTlsOnly } = settings;
  try {
    new ClientAddresses(trustedProxies);
  } catch (error) {
    say('wrong', `--trust-proxy: ${sentence(error, settings)}`);
  }
  if (publicHosts.length > 0 && isLoopback(host) && trustedProxies.length === 0) {
    say(
      'note',
      'All requests will seem to come from the reverse proxy, so nobody can be slowed down alone: ' +
        'name it with --trust-proxy 127.0.0.1.',
    );
  }
  if (isTlsOnly && publicHosts.length === 0) {
    say('note', '--tls-only has a meaning only for a node with a --public-host behind TLS.');
  }
}

function checkSite(settings: NodeSettings, say: Say): void {
  const { siteFolder } = settings;
  if (siteFolder === undefined) {
    say('note', 'No site is served. "npm run build" makes one; --site names another folder.');
    return;
  }
  try {
    loadSite(siteFolder);
    say('ok', `The site in ${siteFolder} is served.`);
  } catch (error) {
    say('wrong', `${sentence(error, settings)} "npm run build" makes one in dist/.`);
  }
}

function checkSignUps(settings: NodeSettings, say: Say): void {
  const { signUps, maxUsers, signUpWorkBits, publicHosts } = settings;
  if (signUps !== 'open') return;
  if (publicHosts.length > 0 && maxUsers === 0) {
    const work = signUpWorkBits === 0 ? ' and --sign-up-work' : '';
    say('note', `Anybody can sign up, any number of times: consider --max-users${work}.`);
  }
}

function sentence(error: unknown, settings: NodeSettings): string {
  const explained = explainFailure(error, settings);
  return explained instanceof Error ? explained.message : String(explained);
}
