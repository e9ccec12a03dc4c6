/** `address`: under what a copy of the app from anywhere finds this node, as links and as a QR code. */
import { renderUnicodeCompact } from 'uqr';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { canonicalOrigin } from '#lib/node-http/index.ts';
import { runningAddresses } from '../data/running.ts';
import { openBesideNode } from '../data/open-stores.ts';
import { addressOf } from '../http/hosts.ts';
import { nodeLink } from '../sign-up-link.ts';
import { BadSetting } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { ownAddresses } from '../webrtc/index.ts';
import type { Command } from './command.ts';

export const address: Command = {
  name: 'address',
  words: '[URL OF THE APP]',
  what: 'links by which a copy of the app finds this node without a domain, and a QR code',
  run: async ({ settings, words, say }) => {
    const site = siteOf(settings, words[0]);
    const links = (await addressesIn(settings)).map((it) => nodeLink(site, it));
    const [best] = links;
    if (best === undefined) {
      throw new BadSetting('Pages reach this node by its domain only. See --webrtc-port.');
    }
    for (const link of links) say(link);
    say(qrCode(best));
    return true;
  },
};

/** For a terminal: two rows of the code in a line of text, white and black whatever its colours are. */
export function qrCode(text: string): string {
  const lines = renderUnicodeCompact(text, { border: 2 }).split('\n');
  // A block is white paper. Inverted codes are not read by every camera.
  return lines.map((line) => `\u001B[97;40m${line}\u001B[0m`).join('\n');
}

/** The app that is named, else the first that may ask this node, else the node's own. */
function siteOf(settings: NodeSettings, named: string | undefined): string {
  if (named === undefined) {
    const [running] = runningAddresses(settings.dataFolder);
    return settings.pageOrigins[0] ?? running ?? addressOf(settings, settings.port);
  }
  if (canonicalOrigin(named) === undefined && !/^https?:\/\/[^\s#]+$/u.test(named)) {
    throw new BadSetting(`"${named}" is not the URL of a copy of the app.`);
  }
  return named;
}

async function addressesIn(settings: NodeSettings): Promise<string[]> {
  await startCrypto();
  const { records, close } = await openBesideNode(settings);
  try {
    return await ownAddresses({ settings, records, random: systemRandom, clock: Date.now });
  } finally {
    await close();
  }
}
