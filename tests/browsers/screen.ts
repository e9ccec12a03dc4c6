/**
 * What a person sees and does at a screen, in any engine: things are found by what they are and
 * how they are called, clicked where they lie, and text is typed key by key. Words come from the
 * catalogue of messages, by their ids.
 */
import { readFileSync } from 'node:fs';
import { until, type InputSource, type Tab } from './driven.ts';

const CATALOGUE = JSON.parse(
  readFileSync(new URL('../../messages/en.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, unknown>>;

/** A message as it is on screen. */
export function says(id: string, values: Readonly<Record<string, string>> = {}): string {
  const text = CATALOGUE[id];
  if (typeof text !== 'string') throw new Error(`There is no plain message “${id}”.`);
  return text.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => values[name] ?? '');
}

/** What something is; an entry is a row or tile of a folder. */
export type Role = 'button' | 'menuitem' | 'heading' | 'field' | 'dialog' | 'entry' | 'status';

export interface Sought {
  readonly role: Role;
  /** The whole name; for an entry and a status a part of the text. */
  readonly name: string;
}

interface Found {
  readonly x: number;
  readonly y: number;
  readonly isEnabled: boolean;
  /** A click there reaches it: nothing lies over it, such as a dialog that is closing. */
  readonly isOnTop: boolean;
}

/** Where something visible lies; undefined when it is not there. */
export function look(tab: Tab, sought: Sought): Promise<Found | undefined> {
  return tab
    .run(
      ({ role, name }) => {
        const selectors = {
          button: 'button, [role=button]',
          menuitem: '[role=menuitem]',
          heading: 'h1, h2, h3, [role=heading]',
          field: 'input, textarea',
          dialog: 'dialog, [role=dialog]',
          entry: '[data-index]',
          status: '[role=status], [aria-live], .visually-hidden, p',
        };
        const tidy = (text: string | null | undefined): string =>
          (text ?? '').replaceAll(/\s+/g, ' ').trim();
        const nameOf = (element: Element): string => {
          const by = element.getAttribute('aria-labelledby');
          const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : [];
          const words =
            by === null ? labels : by.split(' ').map((id) => document.getElementById(id));
          return tidy(
            element.getAttribute('aria-label') ??
              (words.length > 0
                ? words.map((word) => word?.textContent).join(' ')
                : element.textContent),
          );
        };
        const isPart = role === 'entry' || role === 'status';
        for (const element of document.querySelectorAll(selectors[role])) {
          const text = isPart ? tidy(element.textContent) : nameOf(element);
          // A menu's word may be followed by its key.
          const isIt =
            isPart || role === 'dialog'
              ? text.includes(name)
              : role === 'menuitem'
                ? text.startsWith(name)
                : text === name;
          if (!isIt) continue;
          const box = element.getBoundingClientRect();
          if (role !== 'status' && (box.width === 0 || box.height === 0)) continue;
          const isEnabled = !(element as HTMLButtonElement).disabled;
          const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
          const top = document.elementFromPoint(x, y);
          const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : [];
          const isOnTop =
            top !== null &&
            (top.contains(element) || [element, ...labels].some((each) => each.contains(top)));
          return { x, y, isEnabled, isOnTop };
        }
        return undefined;
      },
      { role: sought.role, name: sought.name },
    )
    .then((found) => found ?? undefined);
}

/** Waits for something on screen. */
export function sees(tab: Tab, role: Role, name: string, timeoutMs = 30_000): Promise<Found> {
  return until(`${role} “${name}”`, () => look(tab, { role, name }), timeoutMs);
}

export async function seesNot(tab: Tab, role: Role, name: string): Promise<void> {
  await until(`no ${role} “${name}”`, async () => {
    return (await look(tab, { role, name })) === undefined;
  });
}

interface Press {
  readonly button?: 'left' | 'right';
  readonly count?: 1 | 2;
}

/** WebKit's driver takes two presses that follow two others sooner than this for the third and fourth. */
const BETWEEN_DOUBLE_PRESSES_MS = 700;

/** Waits for something that can be pressed and lies still, and presses it. */
export async function press(
  tab: Tab,
  role: Role,
  name: string,
  { button = 'left', count = 1 }: Press = {},
): Promise<void> {
  let last: Found | undefined;
  const at = await until(`${role} “${name}” can be pressed`, async () => {
    const found = await look(tab, { role, name });
    const isStill = found !== undefined && found.x === last?.x && found.y === last.y;
    last = found;
    return isStill && found.isEnabled && found.isOnTop && found;
  });
  const number = button === 'left' ? 0 : 2;
  const once = [
    { type: 'pointerDown', button: number },
    { type: 'pointerUp', button: number },
  ];
  const move = {
    type: 'pointerMove',
    x: Math.round(at.x),
    y: Math.round(at.y),
    origin: 'viewport',
  };
  const actions = [move, ...once, ...(count === 2 ? once : [])];
  const mouse: InputSource = {
    type: 'pointer',
    id: 'mouse',
    parameters: { pointerType: 'mouse' },
    actions,
  };
  if (count === 2) await new Promise((go) => setTimeout(go, BETWEEN_DOUBLE_PRESSES_MS));
  await tab.act([mouse]);
}

/** Keys without a character, as WebDriver calls them. */
export const KEYS = { end: '\uE010', enter: '\uE007' } as const;

/** Gives the keys to a button, as Tab would in the end. */
export async function focusOn(tab: Tab, name: string): Promise<void> {
  await sees(tab, 'button', name);
  await tab.run((label) => {
    const buttons = [...document.querySelectorAll('button')];
    buttons.find((button) => button.getAttribute('aria-label') === label)?.focus();
  }, name);
}

/** Types, one key after the other, into whatever has the focus. */
export async function type(tab: Tab, text: string): Promise<void> {
  const actions = [...text].flatMap((value) => [
    { type: 'keyDown', value },
    { type: 'keyUp', value },
  ]);
  await tab.act([{ type: 'key', id: 'keys', actions }]);
}

/** Clicks into a field and types; what the field then holds is what was typed. */
export async function typeInto(tab: Tab, name: string, text: string): Promise<void> {
  await press(tab, 'field', name);
  await type(tab, text);
  const value = await valueOf(tab, name);
  if (value !== text) throw new Error(`“${name}” holds “${value}” after “${text}” was typed.`);
}

export function valueOf(tab: Tab, name: string): Promise<string> {
  return tab.run((label) => {
    const inputs = [...document.querySelectorAll('input')];
    return inputs.find((input) => input.labels?.[0]?.textContent?.trim() === label)?.value ?? '';
  }, name);
}

/** Names of what is in the folder on screen, sorted. */
export function namesOnScreen(tab: Tab): Promise<string[]> {
  return tab.run(() =>
    [...document.querySelectorAll('[data-index] bdi')].map((name) => name.textContent ?? '').sort(),
  );
}

/** Reloads the page as a person does, and waits until the new one stands. */
export async function reload(tab: Tab): Promise<void> {
  await tab.run(() => {
    (globalThis as { isOld?: true }).isOld = true;
    setTimeout(() => location.reload());
  });
  await until('the page is loaded anew', () =>
    tab
      .run(() => !('isOld' in globalThis) && document.readyState === 'complete')
      .catch(() => false),
  );
}
