/**
 * Photos of the people on screen. They are asked for when somebody comes into sight, and each has
 * one address in this page however often it is shown; what is out of sight is kept for a while.
 */
import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Client } from '#lib/client/index.ts';

/** Of people who are not on screen. */
const MOST_KEPT = 100;
/** Beyond this number, initials are shown. */
const MOST_SHOWN = 300;
/** Then a photo is asked for again when it is shown again. */
const ASK_AGAIN_MS = 5 * 60_000;

export class Avatars {
  readonly #client: Pick<Client, 'photoOf'>;
  readonly #urls = new SvelteMap<string, string>();
  /** How often each is on screen. */
  readonly #shown = new Map<string, number>();
  /** When each was asked for, in the order of that. */
  readonly #askedMs = new Map<string, number>();
  readonly #stop = new AbortController();

  constructor(client: Pick<Client, 'photoOf'>) {
    this.#client = client;
  }

  /** The address of a photo; undefined while it is not known, and where there is none. */
  urlOf(name: string): string | undefined {
    return this.#urls.get(name);
  }

  /** Somebody is in sight, until the result is called. */
  show(name: string): () => void {
    if (!this.#shown.has(name) && this.#shown.size >= MOST_SHOWN) return () => undefined;
    this.#shown.set(name, (this.#shown.get(name) ?? 0) + 1);
    const isKnown = performance.now() - (this.#askedMs.get(name) ?? -Infinity) < ASK_AGAIN_MS;
    if (!isKnown) void this.refresh(name);
    return () => this.#hide(name);
  }

  /** Asks for a photo that may be another one now. */
  async refresh(name: string): Promise<void> {
    const nowMs = performance.now();
    this.#askedMs.delete(name);
    this.#askedMs.set(name, nowMs);
    try {
      const photo = await this.#client.photoOf(name, this.#stop.signal);
      if (this.#askedMs.get(name) === nowMs) this.#replace(name, photo);
    } catch {
      // Initials are shown; the photo is asked for again when the person is shown again.
      if (this.#askedMs.get(name) === nowMs) this.#askedMs.delete(name);
    }
  }

  /** Forgets everything. */
  stop(): void {
    this.#stop.abort();
    this.#askedMs.clear();
    for (const name of [...this.#urls.keys()]) this.#replace(name, undefined);
  }

  #hide(name: string): void {
    const left = (this.#shown.get(name) ?? 1) - 1;
    if (left > 0) this.#shown.set(name, left);
    else this.#shown.delete(name);
    const unseen = [...this.#askedMs.keys()].filter((one) => !this.#shown.has(one));
    for (const one of unseen.slice(0, Math.max(0, unseen.length - MOST_KEPT))) {
      this.#askedMs.delete(one);
      this.#replace(one, undefined);
    }
  }

  #replace(name: string, photo: Blob | undefined): void {
    const before = this.#urls.get(name);
    if (photo !== undefined) this.#urls.set(name, URL.createObjectURL(photo));
    else this.#urls.delete(name);
    if (before !== undefined) URL.revokeObjectURL(before);
  }
}

export const [getAvatars, setAvatars] = createContext<Avatars>();
