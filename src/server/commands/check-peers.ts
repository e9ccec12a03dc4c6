/** What `check` says of the way to other nodes. */
import { createServer } from 'node:net';
import { checkRole, openBesideNode } from '../data/open-stores.ts';
import { runningAddresses } from '../data/running.ts';
import { checkAnnounced, otherProcesses } from '../p2p/index.ts';
import { BadSetting } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';

export type Verdict = 'ok' | 'note' | 'wrong';
export type Say = (verdict: Verdict, text: string) => void;
export type Check = (settings: NodeSettings, say: Say) => Promise<void> | void;

const GATEWAY_MS = 3_000;
const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Rejects with Node's own error where the port cannot be had. */
export async function portIsFree(port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

/** Whether the role fits the rest, and the other processes of this node. */
export async function checkRoles(settings: NodeSettings, say: Say): Promise<void> {
  const { role, p2pGateway, p2pPort, p2pAnnounce, recordsUrl } = settings;
  try {
    checkRole(settings);
  } catch (error) {
    if (!(error instanceof BadSetting)) throw error;
    say('wrong', error.message);
    return;
  }
  if (role === 'web' && p2pGateway === undefined) {
    say('note', 'Without --p2p-gateway this process reaches no other node.');
  }
  if (role === 'web') {
    say('note', 'The regular work of the node needs a process of --role p2p or all beside it.');
  }
  if (p2pPort === undefined || recordsUrl === undefined) return;
  const stores = await openBesideNode(settings).catch(() => undefined);
  if (stores === undefined) return; // said of the stores
  try {
    const others = await otherProcesses(stores.records, settings, Date.now());
    checkAnnounced(p2pAnnounce, others);
    const count = String(others.length);
    if (others.length > 0) say('ok', `${count} more of this node's processes listen for others.`);
  } catch (error) {
    if (!(error instanceof BadSetting)) throw error;
    say('wrong', error.message);
  } finally {
    await stores.close();
  }
}

export async function checkPeers(settings: NodeSettings, say: Say): Promise<void> {
  const { p2pPort, p2pGateway, dht, dhtBootstrap, p2pGatewayPort, ipfs } = settings;
  if (ipfs !== undefined) await checkKubo(ipfs, say);
  if (p2pPort === undefined) {
    if (dht !== 'off' || dhtBootstrap.length > 0 || p2pGatewayPort !== undefined) {
      say('note', 'What is said of other nodes has no meaning without --p2p-port.');
    }
    if (p2pGateway !== undefined) await checkGatewayOf(p2pGateway, say);
    return;
  }
  if (p2pGateway !== undefined) {
    say('note', 'Other nodes are asked by --p2p-port; --p2p-gateway is not used.');
  }
  await checkPeerPort(settings, p2pPort, say);
  checkAddresses(settings, say);
  if (dht !== 'off' && dhtBootstrap.length === 0) {
    say('note', 'The table of nodes begins empty: name some with --dht-bootstrap.');
  }
  if (dht === 'public') {
    say('note', 'The public table tells everybody the address of this node.');
  }
}

async function checkPeerPort(
  { dataFolder, p2pHost }: NodeSettings,
  port: number,
  say: Say,
): Promise<void> {
  if (runningAddresses(dataFolder).length > 0) return; // a node that runs has it
  await portIsFree(port, p2pHost).then(
    () => say('ok', `Port ${String(port)} at ${p2pHost} is free for other nodes.`),
    () => say('wrong', `Port ${String(port)} at ${p2pHost} cannot be had for other nodes.`),
  );
}

/** Other nodes call back at what they are told. */
function checkAddresses({ p2pHost, p2pAnnounce, publicHosts }: NodeSettings, say: Say): void {
  if (p2pAnnounce.length > 0) {
    say('ok', `Other nodes are told ${p2pAnnounce.join(' and ')}.`);
  } else if (publicHosts.length > 0 && ANY_ADDRESS.has(p2pHost)) {
    say(
      'note',
      'Other nodes are told the addresses of the network cards. Behind a router say where they ' +
        'reach this node, such as --p2p-announce /dns4/drive.example.org/tcp/4001.',
    );
  }
}

async function checkGatewayOf(url: string, say: Say): Promise<void> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(GATEWAY_MS), redirect: 'manual' });
    say('ok', `The gateway at ${url} answers.`);
  } catch {
    say('note', `Nothing answers at the gateway ${url} (yet).`);
  }
}

async function checkKubo(api: string, say: Say): Promise<void> {
  say('note', 'Names, and the tables of what accounts publish, are shown to everybody on IPFS.');
  try {
    const signal = AbortSignal.timeout(GATEWAY_MS);
    const answer = await fetch(`${api}/api/v0/version`, { method: 'POST', signal });
    if (!answer.ok) throw new Error('refused');
    say('ok', `The Kubo at ${api} answers.`);
  } catch {
    say('note', `No Kubo answers at ${api} (yet).`);
  }
}
