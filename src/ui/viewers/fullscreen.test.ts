import { describe, expect, it, vi } from 'vitest';
import { hasFullscreen, toggleFullscreen } from './fullscreen.ts';

const elementWith = (parts: object): HTMLVideoElement => parts as HTMLVideoElement;

describe('full screen', () => {
  it('enlarges the player where elements can be enlarged, and leaves again', async () => {
    const requestFullscreen = vi.fn(async () => undefined);
    const exitFullscreen = vi.fn(async () => undefined);
    const frame = elementWith({ requestFullscreen });
    const enter = vi.fn();
    const video = elementWith({ requestFullscreen: vi.fn(), webkitEnterFullscreen: enter });
    await toggleFullscreen(video, frame, { fullscreenElement: null, exitFullscreen });
    expect(requestFullscreen).toHaveBeenCalledOnce();
    await toggleFullscreen(video, frame, { fullscreenElement: frame, exitFullscreen });
    expect(exitFullscreen).toHaveBeenCalledOnce();
    expect(enter).not.toHaveBeenCalled();
  });

  it('enlarges the film itself on an iPhone', async () => {
    const enter = vi.fn();
    const video = elementWith({ webkitEnterFullscreen: enter });
    // Older iPhones have no `fullscreenElement`, either.
    const page = { exitFullscreen: vi.fn() } as unknown as Document;
    await toggleFullscreen(video, elementWith({}), page);
    expect(enter).toHaveBeenCalledOnce();
    expect(hasFullscreen(video)).toBe(true);
    expect(hasFullscreen(elementWith({}))).toBe(false);
  });
});
