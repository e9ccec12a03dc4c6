/** What is known of the link of this page: asked for, locked, open, or why it cannot be opened. */
import type { LinkItem, OpenedLink } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { describeError, isAbort, nameOf } from '../app/describe-error.ts';
import { m } from '../text/messages.ts';
import { shownName } from '../text/shown-name.ts';
import type { GuestRouter } from './guest-router.svelte.ts';

export type Phase =
  | { readonly kind: 'opening' }
  | { readonly kind: 'locked' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'open'; readonly item: LinkItem };

export class LinkVisit {
  phase = $state.raw<Phase>({ kind: 'opening' });
  /** Whose it is, once that was made sure of. */
  owner = $state<string | undefined>(undefined);
  /** An address of the small picture of a file. */
  picture = $state<string | undefined>(undefined);
  /** Why the password was not taken. */
  wrongPassword = $state<string | undefined>(undefined);
  isUnlocking = $state(false);
  isSaving = $state(false);
  /** It is to be saved, and nobody is signed in. */
  asksAccount = $state(false);
  readonly #app: AppState;
  readonly #router: GuestRouter;
  readonly #address: string;
  readonly #siteUrl: string;

  constructor(app: AppState, router: GuestRouter, address: string, siteUrl: string) {
    this.#app = app;
    this.#router = router;
    this.#address = address;
    this.#siteUrl = siteUrl;
  }

  get item(): LinkItem | undefined {
    return this.phase.kind === 'open' ? this.phase.item : undefined;
  }

  /** Asks for the link: each time counts as one visit. */
  async open(): Promise<void> {
    this.phase = { kind: 'opening' };
    try {
      this.#enter(await this.#app.client.openLink(this.#address));
    } catch (error) {
      this.phase = { kind: 'failed', error };
    }
  }

  async unlock(password: string): Promise<void> {
    this.wrongPassword = undefined;
    this.isUnlocking = true;
    try {
      this.#enter(await this.#app.client.unlockLink(password));
    } catch (error) {
      if (nameOf(error) === 'WrongLinkPassword') this.wrongPassword = m.guest_password_wrong();
      else this.phase = { kind: 'failed', error };
    }
    this.isUnlocking = false;
  }

  view(): void {
    if (this.item !== undefined) this.#router.go({ app: 'view', path: this.item.path });
  }

  async download(): Promise<void> {
    const { item } = this;
    if (item === undefined) return;
    await this.#app.attempt(() => this.#app.client.download([item.entry.id]));
  }

  /** Copies it into the drive of who is signed in; asks for an account where nobody is. */
  async save(): Promise<void> {
    const { toasts, client } = this.#app;
    this.isSaving = true;
    try {
      const { username, leftOut } = await client.saveLink();
      const count = leftOut.length;
      const name = shownName(username);
      toasts.done(count === 0 ? m.guest_saved({ name }) : m.guest_saved_part({ count, name }), {
        label: m.guest_show_drive(),
        run: () => location.assign(this.#siteUrl),
      });
    } catch (error) {
      if (nameOf(error) === 'NotSignedIn') this.asksAccount = true;
      else if (!isAbort(error)) toasts.failed(describeError(error));
    }
    this.isSaving = false;
  }

  /** Somebody signed in so that it can be saved. */
  async signedIn(): Promise<void> {
    this.asksAccount = false;
    await this.save();
  }

  #enter(link: OpenedLink): void {
    if (link.kind === 'asks-password') {
      this.phase = { kind: 'locked' };
      return;
    }
    const { item } = link;
    this.#router.enter({ app: 'drive', path: item.path }, item.start);
    this.phase = { kind: 'open', item };
    const { client } = this.#app;
    client.linkOwner().then(
      (owner) => (this.owner = owner),
      () => undefined,
    );
    if (item.entry.kind === 'file') void this.#showPicture(item);
    if (item.downloads) void this.download();
  }

  async #showPicture({ entry }: LinkItem): Promise<void> {
    const [details] = await this.#app.client.details([entry.id]).catch(() => []);
    const thumbnail = details?.thumbnail;
    if (thumbnail !== undefined) this.picture = URL.createObjectURL(thumbnail);
  }
}
