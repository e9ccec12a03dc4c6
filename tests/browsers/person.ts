/** What the person of the story does, in words of the screens. */
import type { Tab } from './driven.ts';
import { until } from './driven.ts';
import {
  focusOn,
  KEYS,
  look,
  namesOnScreen,
  press,
  says,
  sees,
  seesNot,
  type,
  typeInto,
} from './screen.ts';

export const ANNA = { username: 'anna', password: 'violet-harbour-7-lanterns-drift' };

/** Letter by letter, as a person writes. */
export async function signUp(tab: Tab): Promise<void> {
  await sees(tab, 'heading', says('sign_up_title'));
  await typeInto(tab, says('username'), ANNA.username);
  await typeInto(tab, says('password'), ANNA.password);
  await staysSignedIn(tab);
  await press(tab, 'button', says('sign_up'));
  await seesDrive(tab);
}

export async function signIn(tab: Tab): Promise<void> {
  await sees(tab, 'heading', says('sign_in_title'));
  const other = { role: 'button', name: says('account_other') } as const;
  if ((await look(tab, other)) !== undefined) await press(tab, 'button', other.name);
  await typeInto(tab, says('username'), ANNA.username);
  await typeInto(tab, says('password'), ANNA.password);
  await staysSignedIn(tab);
  await press(tab, 'button', says('sign_in'));
  await seesDrive(tab);
}

async function staysSignedIn(tab: Tab): Promise<void> {
  const isChosen = (label: string): boolean =>
    [...document.querySelectorAll('input')].some(
      (input) => input.checked && input.labels?.[0]?.textContent?.trim() === label,
    );
  const name = says('stay_signed_in');
  if (!(await tab.run(isChosen, name))) await press(tab, 'field', name);
}

/**
 * By the keys: after a right click WebKit's driver sends no `pointerdown` until the page is loaded
 * again, and a menu opens at that event.
 */
export async function signOut(tab: Tab): Promise<void> {
  await focusOn(tab, says('account_menu', { name: ANNA.username }));
  await type(tab, KEYS.enter);
  await sees(tab, 'menuitem', says('sign_out'));
  await type(tab, KEYS.end);
  await type(tab, KEYS.enter);
  await sees(tab, 'heading', says('sign_in_title'));
}

/** The drive is on screen and its folder has been read. */
export async function seesDrive(tab: Tab): Promise<void> {
  const add = { role: 'button', name: says('add') } as const;
  await until('the drive is open', async () => (await look(tab, add))?.isEnabled, 60_000).catch(
    async (error: unknown) => {
      const shown = await tab.run(() => document.body.innerText.slice(-600)).catch(String);
      throw new Error(`${String(error)} The page shows: ${shown}`);
    },
  );
}

export async function holds(tab: Tab, names: readonly string[]): Promise<void> {
  const wanted = JSON.stringify([...names].sort());
  let shown = '';
  await until(`the folder holds ${wanted}`, async () => {
    shown = JSON.stringify(await namesOnScreen(tab));
    return shown === wanted;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)} It shows ${shown}.`);
  });
}

export async function pick(tab: Tab, paths: readonly string[], timeoutMs = 90_000): Promise<void> {
  await tab.setFiles('#pick-files', paths);
  await transfersEnd(tab, timeoutMs);
}

/**
 * Both protocols refuse to pick a folder, so the picker's input is given the files with their paths
 * as it would have them; from there on the app does what it does for a person.
 */
export async function pickFolder(
  tab: Tab,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await tab.run(
    (folder, texts) => {
      const picked = new DataTransfer();
      for (const [path, text] of Object.entries(texts)) {
        const file = new File([text], path.split('/').at(-1) ?? '');
        Object.defineProperty(file, 'webkitRelativePath', { value: `${folder}/${path}` });
        picked.items.add(file);
      }
      const input = document.querySelector<HTMLInputElement>('#pick-folder');
      if (input === null) throw new Error('There is no picker for folders.');
      input.files = picked.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    },
    name,
    files,
  );
  await transfersEnd(tab);
}

export async function transfersEnd(tab: Tab, timeoutMs = 90_000): Promise<void> {
  await until(
    'all transfers are done',
    () =>
      tab.run((words) => (document.body.textContent ?? '').includes(words), says('transfers_done')),
    timeoutMs,
  );
}

/** Opens a file in its viewer, or goes into a folder. */
export async function open(tab: Tab, name: string): Promise<void> {
  await press(tab, 'entry', name, { count: 2 });
}

export async function closeViewer(tab: Tab): Promise<void> {
  await press(tab, 'button', says('close'));
  await seesNot(tab, 'dialog', says('viewer'));
}

export async function beginDownload(tab: Tab, name: string): Promise<void> {
  await press(tab, 'entry', name, { button: 'right' });
  await press(tab, 'menuitem', says('download'));
}
