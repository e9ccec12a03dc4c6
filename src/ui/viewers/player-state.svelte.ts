/** A film or a song: the state of its `<video>`, what its keys do, and where it was left. */
import type { Entry } from '#lib/client/index.ts';
import { shownName } from '../text/shown-name.ts';
import { toggleFullscreen } from './fullscreen.ts';
import type { ResumePositions } from './resume-positions.ts';

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 3] as const;
/** What an arrow seeks, and what the letters beside K do. */
export const ARROW_SECONDS = 5;
const SEEK_SECONDS = 10;
const VOLUME_STEP = 0.05;
/** Until two frames were seen. */
const USUAL_FRAME_SECONDS = 1 / 30;
const REMEMBER_EVERY_SECONDS = 5;

export class PlayerState {
  element = $state<HTMLVideoElement>();
  paused = $state(true);
  time = $state(0);
  duration = $state(0);
  buffered = $state.raw<readonly { start: number; end: number }[]>([]);
  volume = $state(1);
  muted = $state(false);
  rate = $state(1);
  waiting = $state(false);
  readonly entry: Entry;
  readonly #path: readonly string[];
  readonly #positions: ResumePositions;
  #remembered = 0;
  /** When the frame on screen began, and how long frames are. */
  #frameStart: number | undefined;
  #frameSeconds = USUAL_FRAME_SECONDS;

  readonly bufferedTo = $derived(
    this.buffered.find((range) => range.start <= this.time + 1 && range.end >= this.time)?.end ??
      this.time,
  );

  constructor(entry: Entry, path: readonly string[], positions: ResumePositions) {
    this.entry = entry;
    this.#path = path;
    this.#positions = positions;
  }

  /** The film is known: go on where it was left, and tell the system what plays. */
  async ready(): Promise<void> {
    const seconds = await this.#positions.of(this.#path);
    if (seconds > 0 && seconds < this.duration && this.time < 1) this.time = seconds;
    if (!('mediaSession' in navigator)) return;
    const { mediaSession } = navigator;
    mediaSession.metadata = new MediaMetadata({ title: shownName(this.entry.name) });
    mediaSession.setActionHandler('play', () => void this.play());
    mediaSession.setActionHandler('pause', () => this.element?.pause());
    mediaSession.setActionHandler('seekbackward', () => this.seekBy(-SEEK_SECONDS));
    mediaSession.setActionHandler('seekforward', () => this.seekBy(SEEK_SECONDS));
    mediaSession.setActionHandler('seekto', ({ seekTime }) => this.seek(seekTime ?? 0));
  }

  async play(): Promise<void> {
    try {
      await this.element?.play();
    } catch {
      // Refused until the person presses play; the button shows it.
    }
  }

  /** Asks the element itself: {@link paused} follows it an event later, and keys may be faster. */
  toggle(): void {
    if (this.element?.paused === false) this.element.pause();
    else void this.play();
  }

  seek(seconds: number): void {
    this.time = Math.min(this.duration, Math.max(0, seconds));
  }

  seekBy(seconds: number): void {
    this.seek(this.time + seconds);
  }

  /** Louder or softer, by steps; what was muted is heard again. */
  turn(by: 1 | -1): void {
    this.volume = Math.min(1, Math.max(0, this.volume + by * VOLUME_STEP));
    this.muted = false;
  }

  /** One frame back or on, standing still. */
  frame(by: 1 | -1): void {
    this.element?.pause();
    const start = this.#frameStart;
    // Into the middle of the frame: seconds in a film are rounded.
    const middle = by === 1 ? 1.5 : -0.5;
    if (start === undefined) this.seekBy(by * this.#frameSeconds);
    else this.seek(start + middle * this.#frameSeconds);
  }

  /** Watches frames as they are drawn, until the element is gone. */
  watchFrames(element: HTMLVideoElement): void {
    if (!('requestVideoFrameCallback' in element)) return;
    const drawn: VideoFrameRequestCallback = (_now, { mediaTime }) => {
      const between = Math.abs(mediaTime - (this.#frameStart ?? mediaTime));
      if (between > 0.001 && between < 0.2 && !element.seeking) this.#frameSeconds = between;
      this.#frameStart = mediaTime;
      if (this.element === element) element.requestVideoFrameCallback(drawn);
    };
    element.requestVideoFrameCallback(drawn);
  }

  /** To the next slower or faster speed. */
  shiftSpeed(by: 1 | -1): void {
    const at = SPEEDS.findIndex((speed) => speed >= this.rate);
    this.rate = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + by))] ?? 1;
  }

  async pictureInPicture(): Promise<void> {
    if (document.pictureInPictureEnabled !== true) return;
    if (document.pictureInPictureElement === null) await this.element?.requestPictureInPicture();
    else await document.exitPictureInPicture();
  }

  async fullscreen(): Promise<void> {
    const frame = this.element?.closest('.player');
    if (this.element && frame) await toggleFullscreen(this.element, frame);
  }

  moved(): void {
    if (Math.abs(this.time - this.#remembered) >= REMEMBER_EVERY_SECONDS) this.remember();
  }

  remember(): void {
    if (this.duration === 0) return;
    this.#remembered = this.time;
    void this.#positions.remember(this.#path, this.time, this.duration);
  }

  stop(): void {
    this.remember();
    // A player that left the page goes on asking for bytes unless it is told to stop.
    this.element?.removeAttribute('src');
    this.element?.load();
    if (!('mediaSession' in navigator)) return;
    navigator.mediaSession.metadata = null;
    for (const action of ['play', 'pause', 'seekbackward', 'seekforward', 'seekto'] as const) {
      navigator.mediaSession.setActionHandler(action, null);
    }
  }

  key(event: KeyboardEvent): (() => void) | undefined {
    switch (event.key) {
      case ' ':
      case 'k':
        return () => this.toggle();
      case 'ArrowRight':
        return () => this.seekBy(ARROW_SECONDS);
      case 'ArrowLeft':
        return () => this.seekBy(-ARROW_SECONDS);
      case 'ArrowUp':
        return () => this.turn(1);
      case 'ArrowDown':
        return () => this.turn(-1);
      case ',':
        return () => this.frame(-1);
      case '.':
        return () => this.frame(1);
      case 'j':
        return () => this.seekBy(-SEEK_SECONDS);
      case 'l':
        return () => this.seekBy(SEEK_SECONDS);
      case 'm':
        return () => (this.muted = !this.muted);
      case 'f':
        return () => void this.fullscreen();
      case 'p':
        return () => void this.pictureInPicture();
      case '<':
        return () => this.shiftSpeed(-1);
      case '>':
        return () => this.shiftSpeed(1);
      case 'Home':
        return () => this.seek(0);
      case 'End':
        return () => this.seek(this.duration);
      default:
        return undefined;
    }
  }
}
