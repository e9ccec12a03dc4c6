/**
 * `npm run publish:ipfs`: the built site as one CAR file, `.cache/site.car` or `--out FILE`, and its
 * CID. Equal sources give equal bytes, on every machine.
 *
 * `--api http://127.0.0.1:5001` puts it into the Kubo behind that RPC API and pins it; `--key NAME`
 * publishes it under that key of the Kubo, and the site then names the key's address as the one that
 * stays. `--ipns k51…` names such an address without a Kubo. `--ttl 1m` is how long others may keep
 * what the key said before. `--gateway https://host` says addresses at that gateway, too.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseUrl } from '#lib/bytes/index.ts';
import { buildSite, DIST, ROOT } from './build.ts';
import { addressesAt, gatewayOf, type Published } from './ipfs/addresses.ts';
import { KuboRefused, KuboRpc } from './ipfs/kubo-rpc.ts';
import { filesBelow, folderCar, withStableAddress } from './ipfs/site-car.ts';

const USAGE =
  'Usage: npm run publish:ipfs -- [--out FILE] [--api URL [--key NAME] [--ttl 5m]] ' +
  '[--ipns k51…] [--gateway URL]';

interface Command {
  readonly out: string;
  readonly api: string | undefined;
  readonly key: string | undefined;
  readonly ttl: string;
  readonly ipns: string | undefined;
  readonly gateway: string | undefined;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const command = readCommand();
  if (command === undefined) {
    console.error(USAGE);
    return 2;
  }
  const site = process.env['PYRGOS_SITE'] ?? DIST;
  if (process.env['PYRGOS_SITE'] === undefined && !buildSite()) {
    console.error('The site could not be built; the lines above say why.');
    return 1;
  }
  try {
    await publish(site, command);
    return 0;
  } catch (error) {
    if (!(error instanceof KuboRefused)) throw error;
    console.error(error.message);
    return 1;
  }
}

async function publish(site: string, command: Command): Promise<void> {
  const { out, api, key, ttl } = command;
  const kubo = api === undefined ? undefined : new KuboRpc(api);
  const ipns = command.ipns ?? (await addressOfKey(kubo, key));
  const { cid, bytes } = await folderCar(withStableAddress(filesBelow(site), ipns));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, bytes);
  console.log(`${cid}\n${out} (${(bytes.length / 1e6).toFixed(1)} MB)`);
  if (kubo !== undefined) {
    await kubo.importCar(bytes);
    console.log('pinned');
    if (key !== undefined) await kubo.publish(cid, key, ttl);
  }
  const own = kubo === undefined ? undefined : gatewayOf(await kubo.gatewayAddresses());
  for (const gateway of [own, command.gateway]) {
    if (gateway !== undefined) tellAddresses(gateway, { cid, ipns });
  }
}

async function addressOfKey(
  kubo: KuboRpc | undefined,
  key: string | undefined,
): Promise<string | undefined> {
  if (kubo === undefined || key === undefined) return undefined;
  const id = (await kubo.keys()).find(({ name }) => name === key)?.id;
  if (id !== undefined) return id;
  throw new KuboRefused(`There is no key "${key}"; "ipfs key gen ${key}" makes one.`);
}

function tellAddresses(gateway: string, published: Published): void {
  const { ipns, subdomain, path } = addressesAt(gateway, published);
  if (ipns !== undefined) console.log(`stays with the next version: ${ipns}`);
  console.log(`this version:                ${subdomain}`);
  console.log(`for a look, nobody stays signed in there: ${path}`);
}

function readCommand(): Command | undefined {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      options: { out: text, api: text, key: text, ttl: text, ipns: text, gateway: text },
    });
    const { api, key, ipns, gateway, ttl = '5m' } = values;
    if (key !== undefined && (api === undefined || ipns !== undefined)) return undefined;
    if (ipns !== undefined && !/^k[0-9a-z]{40,70}$/u.test(ipns)) return undefined;
    if (gateway !== undefined && parseUrl(gateway) === undefined) return undefined;
    const out = resolve(values.out ?? join(ROOT, '.cache', 'site.car'));
    return { out, api, key, ttl, ipns, gateway };
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}
