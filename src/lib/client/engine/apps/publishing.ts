/** Publishing an app from its folder: signed, and readable by everybody or by those with a link. */
import { readAppToPublish, signPublishedApp } from '#lib/apps/index.ts';
import type { Drive } from '#lib/drive/index.ts';
import type { AppAudience, AppPublication } from '../../app-types.ts';
import type { TellChange } from '../events.ts';
import type { Publications } from '../people/publications.ts';

export interface PublishingDeps {
  readonly drive: Drive;
  readonly clock: () => number;
  readonly changed: TellChange;
  readonly publications: () => Publications;
}

export class AppPublishing {
  readonly #deps: PublishingDeps;

  constructor(deps: PublishingDeps) {
    this.#deps = deps;
  }

  async of(path: readonly string[], signal?: AbortSignal): Promise<AppPublication> {
    const { drive, publications } = this.#deps;
    const { title, version, digest, published } = await readAppToPublish(drive, path, signal);
    return {
      title,
      version,
      isPublished: published.some((one) => one.version === version && one.digest === digest),
      isPublic: (await publications().publicBy(path, signal)) !== undefined,
      versions: published.map((one) => ({ version: one.version, time: one.time })),
    };
  }

  /** Signs the app and lets others read it. Answers the path, or the address of a new link. */
  async publish(
    path: readonly string[],
    audience: AppAudience,
    signal?: AbortSignal,
  ): Promise<string> {
    const { drive, clock, changed, publications } = this.#deps;
    await signPublishedApp(drive, path, clock(), signal);
    changed(path, 'unknown', []);
    if (audience === 'link') return publications().linkTo(path, signal);
    await publications().publish(path);
    return `/${path.join('/')}`;
  }
}
