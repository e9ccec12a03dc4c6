/** A film behind a link at a self-hosted node on loopback, in a browser that was never there before. */
import { LinkOwner } from '../browser/link-owner.ts';
import { NodeSite } from '../browser/node-site.ts';
import { ANNA } from '../browser/pages/account-page.ts';
import { Profile } from '../browser/profile.ts';
import { countedFilm } from '../media/films.ts';
import { rounded } from './engine-run.ts';

const FILM = 'film.mp4';
const FILM_SECONDS = 20;

/** From the click on "Open" to the first frame that is drawn. */
export async function linkFirstFrameMs(): Promise<number> {
  const node = await NodeSite.open();
  const profile = new Profile();
  try {
    const anna = await LinkOwner.at(node.origin, ANNA);
    await anna.put([FILM], await countedFilm('heavy.mp4', FILM_SECONDS));
    const { address } = await anna.link([FILM]);
    const page = await profile.page();
    await page.goto(node.root + address);
    const button = page.getByRole('button', { name: 'Open', exact: true });
    await button.waitFor();
    const ms = await button.evaluate(async (element: HTMLElement) => {
      const start = performance.now();
      element.click();
      let video = document.querySelector('video');
      while (video === null) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        video = document.querySelector('video');
      }
      const shown = video;
      await new Promise((resolve) => shown.requestVideoFrameCallback(resolve));
      return performance.now() - start;
    });
    return rounded(ms);
  } finally {
    await profile.destroy();
    await node.destroy();
  }
}
