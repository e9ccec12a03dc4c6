/** What is public, as the screens ask for it: folders by their paths, and the website among them. */
import { Links, publicAddress, PublicFiles, Website, type SocialDeps } from '#lib/social/index.ts';
import { looksLikeMultiaddr } from '#lib/webrtc/index.ts';
import type { WebsiteFacts } from '../../types.ts';
import { hostOfLinks } from './link-host.ts';

export interface PublicationsDeps {
  readonly social: SocialDeps;
  /** The server the drive lives on, as accounts name it. */
  readonly server: string | undefined;
  readonly tellChanged: (path: readonly string[]) => void;
}

export class Publications {
  readonly #deps: PublicationsDeps;
  readonly #files: PublicFiles;
  readonly #website: Website;
  readonly #links: Links;

  constructor(deps: PublicationsDeps) {
    this.#deps = deps;
    this.#files = new PublicFiles(deps.social);
    this.#website = new Website(deps.social);
    this.#links = new Links(deps.social);
  }

  async publish(path: readonly string[]): Promise<void> {
    await this.#files.publish(path);
    this.#deps.tellChanged(path);
  }

  async unpublish(path: readonly string[]): Promise<void> {
    await this.#files.unpublish(path);
    this.#deps.tellChanged(path);
  }

  /** The path that makes another one public: its own, or that of a folder above. */
  async publicBy(path: readonly string[], signal?: AbortSignal): Promise<string[] | undefined> {
    const by = await this.#files.publicBy(path, signal);
    return by && [...by];
  }

  async website(signal?: AbortSignal): Promise<WebsiteFacts> {
    const { root, isPublic } = await this.#website.state(signal);
    return { ...(root === undefined ? {} : { root }), isPublic };
  }

  async publishWebsite(path: readonly string[]): Promise<void> {
    await this.#website.publish(path);
    this.#deps.tellChanged(path);
  }

  async unpublishWebsite(): Promise<void> {
    const { root } = await this.#website.state();
    await this.#website.unpublish();
    if (root !== undefined) this.#deps.tellChanged(root);
  }

  /** The address that shows to anybody what is public at a path; undefined without a host. */
  async publicAddress(path: readonly string[]): Promise<string | undefined> {
    const host = await hostOfLinks(this.#links, this.#deps.server);
    if (host === undefined || looksLikeMultiaddr(host)) return undefined;
    return publicAddress(host, path);
  }

  /** The address of a new link to an own item, to read. */
  async linkTo(path: readonly string[], signal?: AbortSignal): Promise<string> {
    const host = await hostOfLinks(this.#links, this.#deps.server);
    const link = await this.#links.create(path, false, {}, signal);
    this.#deps.tellChanged(path);
    return this.#links.addressOf(link, host);
  }
}
