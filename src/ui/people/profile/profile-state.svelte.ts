/** The own profile on screen: what is kept, what was typed, and who is to see which field. */
import type { OwnProfile, ProfileField, ProfileTexts, ShareRecipient } from '#lib/client/index.ts';
import { isAbort } from '../../app/describe-error.ts';
import type { AppState } from '../../app/app-state.svelte.ts';
import { m } from '../../text/messages.ts';
import type { Avatars } from '../avatars.svelte.ts';
import { audienceOf, changeOfAudience, type Audience } from './audience.ts';

export type TextField = keyof ProfileTexts;
export const TEXT_FIELDS = [
  'firstName',
  'lastName',
  'status',
  'bio',
  'phone',
  'email',
  'webRoot',
] as const satisfies readonly TextField[];

export class ProfileState {
  kept = $state.raw<OwnProfile>();
  failure = $state.raw<unknown>();
  /** What is typed, by field. */
  texts = $state<Record<TextField, string>>(blank(''));
  audiences = $state<Record<TextField, Audience>>(blank<Audience>('nobody'));
  saving = $state(false);
  /** The photo or its audience is being changed. */
  busy = $state(false);
  readonly #app: AppState;
  readonly #avatars: Avatars;
  readonly #stop = new AbortController();

  constructor(app: AppState, avatars: Avatars) {
    this.#app = app;
    this.#avatars = avatars;
  }

  /** Fields whose text or audience is another one than what is kept. */
  readonly changed = $derived(
    TEXT_FIELDS.filter(
      (field) =>
        this.texts[field].trim() !== this.#keptText(field).trim() ||
        this.audiences[field] !== audienceOf(this.sharedWith(field)),
    ),
  );

  sharedWith(field: ProfileField): readonly ShareRecipient[] {
    return this.kept?.sharedWith[field] ?? [];
  }

  async read(): Promise<void> {
    this.failure = undefined;
    try {
      this.kept = await this.#app.client.ownProfile(this.#stop.signal);
      for (const field of TEXT_FIELDS) {
        this.texts[field] = this.#keptText(field);
        this.audiences[field] = audienceOf(this.sharedWith(field));
      }
    } catch (error) {
      if (!isAbort(error)) this.failure = error;
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  /** What nobody is to see any more is taken back before it is written anew. */
  async save(): Promise<void> {
    const { client, toasts } = this.#app;
    const fields = this.changed;
    this.saving = true;
    const isSaved = await this.#app.attempt(async () => {
      await this.#takeBack(fields);
      await client.changeProfile(this.#changedTexts(fields));
      await this.#give(fields);
    });
    if (isSaved) {
      await this.read();
      toasts.done(m.profile_saved());
    } else {
      await this.#readKept(); // some of it may be done
    }
    this.saving = false;
  }

  /** Takes a picture as the photo; none: there is no photo any more. */
  async changePhoto(picture: File | undefined): Promise<void> {
    const { client, toasts } = this.#app;
    await this.#whileBusy(async () => {
      await client.changePhoto(picture);
      await this.#avatars.refresh(this.#app.username);
      toasts.done(picture === undefined ? m.profile_photo_removed() : m.profile_photo_saved());
    });
  }

  async showPhotoTo(audience: Audience): Promise<void> {
    const { client } = this.#app;
    const { remove, add } = changeOfAudience(this.sharedWith('photo'), audience);
    await this.#whileBusy(async () => {
      if (remove.length > 0) await client.unshareProfile('photo', remove);
      if (add.length > 0) await client.shareProfile(['photo'], add);
    });
  }

  async #whileBusy(act: () => Promise<void>): Promise<void> {
    this.busy = true;
    await this.#app.attempt(act);
    await this.#readKept();
    this.busy = false;
  }

  /** What was typed stays. */
  async #readKept(): Promise<void> {
    await this.#app.attempt(async () => {
      this.kept = await this.#app.client.ownProfile(this.#stop.signal);
    });
  }

  async #takeBack(fields: readonly TextField[]): Promise<void> {
    for (const field of fields) {
      const { remove } = changeOfAudience(this.sharedWith(field), this.audiences[field]);
      if (remove.length > 0) await this.#app.client.unshareProfile(field, remove);
    }
  }

  #changedTexts(fields: readonly TextField[]): ProfileTexts {
    return Object.fromEntries(fields.map((field) => [field, this.#written(field)]));
  }

  /** In one step for each group; a field without a text has nothing to share. */
  async #give(fields: readonly TextField[]): Promise<void> {
    for (const name of ['friends', 'followers'] as const) {
      const given = fields.filter((field) => {
        const { add } = changeOfAudience(this.sharedWith(field), this.audiences[field]);
        return this.texts[field].trim() !== '' && this.audiences[field] === name && add.length > 0;
      });
      if (given.length > 0) {
        await this.#app.client.shareProfile(given, [{ kind: 'group', name }]);
      }
    }
  }

  /** A website is typed from the home on. */
  #keptText(field: TextField): string {
    const text = this.kept?.texts[field] ?? '';
    const home = `${this.#app.username}/`;
    return field === 'webRoot' && text.startsWith(home) ? text.slice(home.length) : text;
  }

  #written(field: TextField): string {
    const text = this.texts[field].trim();
    if (field !== 'webRoot' || text === '') return text;
    return `${this.#app.username}/${text.replaceAll(/^\/+|\/+$/gu, '')}`;
  }
}

function blank<T>(value: T): Record<TextField, T> {
  return Object.fromEntries(TEXT_FIELDS.map((field) => [field, value])) as Record<TextField, T>;
}
