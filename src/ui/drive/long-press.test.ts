import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LongPress } from './long-press.ts';

const at = (clientX: number, clientY: number, pointerType = 'touch') => ({
  clientX,
  clientY,
  pointerType,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a finger that is held', () => {
  it('acts once, and takes the click that follows', () => {
    const press = new LongPress();
    const action = vi.fn();
    press.begin(at(10, 10), action);
    press.move(at(14, 12));
    vi.advanceTimersByTime(600);
    press.hold(); // the browser says it, too
    expect(action).toHaveBeenCalledTimes(1);
    expect(press.takesClick()).toBe(true);
    expect(press.takesClick()).toBe(false);
  });

  it('does not act when it moves on, is lifted, or is no finger', () => {
    const press = new LongPress();
    const action = vi.fn();
    press.begin(at(10, 10), action);
    press.move(at(10, 40));
    vi.advanceTimersByTime(600);
    press.begin(at(10, 10), action);
    press.end();
    vi.advanceTimersByTime(600);
    press.begin(at(10, 10, 'mouse'), action);
    vi.advanceTimersByTime(600);
    expect(action).not.toHaveBeenCalled();
    expect(press.takesClick()).toBe(false);
  });
});
