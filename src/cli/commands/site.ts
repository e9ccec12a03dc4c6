/** `site publish|unpublish|show`: a folder that everybody can read as a website. */
import { publicAddress, type WebsiteState } from '#lib/social/index.ts';
import type { Circle } from '../circle.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { write } from '../io.ts';
import { showPath } from '../paths.ts';
import { jsonLine } from '../text.ts';
import { isSet } from '../values.ts';
import { hostOf } from './link.ts';
import { ownPaths } from './share.ts';

export const site: Command = {
  name: 'site',
  summary: 'Makes a folder your public website, ends that, or says which it is.',
  usage: 'publish PATH | unpublish | show',
  options: {},
  operands: [1, 2],
  async run(call) {
    const [act, typed, ...more] = call.operands;
    const isPublishing = act === 'publish';
    if (!isPublishing && act !== 'unpublish' && act !== 'show') {
      throw new Misused('Say what to do: site publish, site unpublish or site show.');
    }
    if ((typed === undefined) === isPublishing || more.length > 0) {
      throw new Misused('Usage: pyrgos site publish PATH | unpublish | show');
    }
    const { circle } = await call.access.signedIn(call.signal);
    if (isPublishing) {
      const [path = []] = await ownPaths(call, [typed ?? '']);
      await circle.website.publish(path, call.signal);
    } else if (act === 'unpublish') await circle.website.unpublish(call.signal);
    await show(call, circle, await circle.website.state(call.signal));
  },
};

async function show(call: Call, circle: Circle, { root, isPublic }: WebsiteState): Promise<void> {
  const { username } = circle.deps.person;
  const host = root !== undefined && isPublic ? await hostOf(call, circle) : undefined;
  const address = host && root ? publicAddress(host, root) : undefined;
  const folder = root === undefined ? undefined : showPath(root, username);
  if (isSet(call, 'json')) {
    return write(call.io, jsonLine({ folder: folder ?? null, public: isPublic, address }));
  }
  const text =
    folder === undefined
      ? 'There is no website.'
      : `${folder}  ${isPublic ? ['public', ...(address ? [address] : [])].join('  ') : 'not public'}`;
  await write(call.io, `${text}\n`);
}
