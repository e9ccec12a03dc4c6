/** A browser whose camera plays a film that the test makes. */
import { execFileSync } from 'node:child_process';
import { ensureFfmpeg } from '../../scripts/programs.ts';
import { test as base } from './fixtures.ts';

/** Its name among the fixture files. */
export const FILM = 'camera.y4m';

/** A browser whose camera shows a film of the fixtureFiles. */
export const test = base.extend({
  browserOptions: async ({ fixtureFiles }, use) => {
    await use({
      args: [
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${fixtureFiles.path(FILM)}`,
      ],
      context: { permissions: ['camera'] },
      prepare: watchCamera,
    });
  },
});

/** Keeps what the page was given of the camera where {@link cameraUse} finds it. */
async function watchCamera(context: { addInitScript(script: () => void): Promise<unknown> }) {
  await context.addInitScript(() => {
    const tracks: MediaStreamTrack[] = [];
    Object.assign(globalThis, { cameraTracks: tracks });
    const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
    if (mediaDevices === undefined) return;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await open(constraints);
      tracks.push(...stream.getTracks());
      return stream;
    };
  });
}

/** A film of a picture that somebody holds a little askew. */
export function film(of: string, to: string): void {
  const askew = 'scale=320:320,pad=640:480:(ow-iw)/2:(oh-ih)/2:gray,rotate=0.12:fillcolor=gray';
  execFileSync(ensureFfmpeg(), [
    ...['-loglevel', 'error', '-y', '-loop', '1', '-i', of, '-t', '1', '-r', '10'],
    ...['-vf', askew, '-pix_fmt', 'yuv420p', to],
  ]);
}
