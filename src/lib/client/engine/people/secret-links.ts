/**
 * Secret links, as the screens ask for them. Their addresses and passwords are secrets that go to the
 * page, for its owner to copy, and nowhere else.
 */
import {
  Links,
  ShareRefused,
  type LinkProperties,
  type LinkTerms,
  type SocialDeps,
} from '#lib/social/index.ts';
import { hostOfLinks } from './link-host.ts';
import type { LinkName, SecretLink, SecretLinkTerms, ShareRight } from '../../types.ts';

export interface SecretLinksDeps {
  readonly social: SocialDeps;
  /** Where an entry lies. Throws where it is not known any more. */
  readonly pathOf: (id: string) => readonly string[];
  readonly tellChanged: (path: readonly string[]) => void;
  /** The server the drive lives on, as accounts name it. */
  readonly server: string | undefined;
}

export class SecretLinks {
  readonly #deps: SecretLinksDeps;
  readonly #links: Links;
  #host: Promise<string | undefined> | undefined;

  constructor(deps: SecretLinksDeps) {
    this.#deps = deps;
    this.#links = new Links(deps.social);
  }

  /** Links to an entry itself. */
  async of(id: string, signal?: AbortSignal): Promise<SecretLink[]> {
    const path = this.#deps.pathOf(id);
    const host = await this.#hostOfLinks();
    const links = await this.#links.of(path, signal);
    return links.map((link) => this.#shown(path, link, host));
  }

  /** All links there are. */
  async all(signal?: AbortSignal): Promise<SecretLink[]> {
    const host = await this.#hostOfLinks();
    const items = await this.#links.all(signal);
    return items.map(({ path, link }) => this.#shown(path, link, host));
  }

  /** @throws ShareRefused, PathNotFound */
  async make(
    id: string,
    right: ShareRight,
    terms: SecretLinkTerms,
    signal?: AbortSignal,
  ): Promise<SecretLink> {
    const path = this.#deps.pathOf(id);
    const host = await this.#hostOfLinks();
    const link = await this.#links.create(path, right === 'write', termsOf(terms), signal);
    this.#deps.tellChanged(path);
    return this.#shown(path, link, host);
  }

  /** Changes what was chosen; the address stays. @throws ShareRefused, PathNotFound */
  async change(
    { path, label }: LinkName,
    terms: SecretLinkTerms,
    signal?: AbortSignal,
  ): Promise<SecretLink> {
    const host = await this.#hostOfLinks();
    const link = await this.#links.update(path, BigInt(label), termsOf(terms), signal);
    this.#deps.tellChanged(path);
    return this.#shown(path, link, host);
  }

  /**
   * The address of a link to a folder that opens a file of it at once: the address says so itself
   * (C-7 §7.4), and nothing is stored. @throws ShareRefused if there is no such link
   */
  async toFile(
    { path, label }: LinkName,
    file: readonly string[],
    signal?: AbortSignal,
  ): Promise<string> {
    const host = await this.#hostOfLinks();
    const links = await this.#links.of(path, signal);
    const link = links.find((one) => one.label === BigInt(label));
    if (link === undefined) throw new ShareRefused('This link does not exist any more.');
    const folder = [...path, ...file.slice(0, -1)].join('/');
    return this.#links.addressOf(link, host, { open: true, path: folder, filename: file.at(-1) });
  }

  /** Takes a link back; one that is gone already is no error. */
  async remove({ path, label }: LinkName, signal?: AbortSignal): Promise<void> {
    await this.#links.remove(path, [BigInt(label)], signal);
    this.#deps.tellChanged(path);
  }

  /** Asked before anything is changed: without it there would be a link and no address of it. */
  async #hostOfLinks(): Promise<string | undefined> {
    this.#host ??= hostOfLinks(this.#links, this.#deps.server);
    // A failure is no answer: the next one who asks tries again.
    this.#host.catch(() => (this.#host = undefined));
    return this.#host;
  }

  #shown(path: readonly string[], link: LinkProperties, host: string | undefined): SecretLink {
    const { label, userPassword, isWritable, autoOpen, expirySeconds, maxRetrievals } = link;
    return {
      path,
      label: label.toString(),
      right: isWritable ? 'write' : 'read',
      password: userPassword,
      opens: autoOpen,
      ...(expirySeconds === undefined ? {} : { endsMs: expirySeconds * 1000 }),
      ...(maxRetrievals === undefined ? {} : { uses: maxRetrievals }),
      address: this.#links.addressOf(link, host),
      downloadAddress: this.#links.addressOf(link, host, { open: false, download: true }),
    };
  }
}

function termsOf({ password, endsMs, uses, opens }: SecretLinkTerms): LinkTerms {
  return {
    userPassword: password,
    autoOpen: opens,
    expirySeconds: endsMs === undefined ? undefined : Math.floor(endsMs / 1000),
    maxRetrievals: uses,
  };
}
