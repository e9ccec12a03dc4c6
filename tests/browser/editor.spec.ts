/** The editor of texts, which runs in a frame that can reach nothing but its file. */
import type { Page } from '@playwright/test';
import {
  closeViewer,
  download,
  editor,
  makeFile,
  sees,
  seesText,
  textFrame,
  textIsSaved,
  transfersEnd,
  viewer,
} from './pages/drive-page.ts';
import { inEverySize } from './accessibility-check.ts';
import { expect, LONG, test } from './fixtures.ts';
import { LinkOwner } from './link-owner.ts';
import { BORIS, open, pickFiles, seesDrive } from './pages/account-page.ts';

/** Longer than the pause after which unsaved work is kept. */
const KEPT_MS = 2_000;

test.describe('in one’s own drive', () => {
  test.use({ isSignedUp: true });

  test.beforeEach(async ({ page, site }) => {
    await page.goto(site.root);
    await seesDrive(page);
  });

  test('a text is opened in the editor, changed and saved', async ({ page, fixtureFiles }) => {
    await pickFiles(page, [fixtureFiles.file('script.ts', 'const first = 1;\n')]);
    await transfersEnd(page);
    await open(page, 'script.ts');
    await seesText(page, 'const first = 1;');
    // The grammar is a module of its own, loaded when a file needs it.
    await expect(editor(page).locator('.cm-line span').first()).toHaveText('const');
    await type(page, 'const second = 2;');
    await save(page);
    await closeViewer(page);
    await page.reload();
    await seesDrive(page);
    await open(page, 'script.ts');
    await seesText(page, 'const second = 2;');
  });

  test(
    'encoding, mark and ends of lines of a file stay what they are',
    LONG,
    async ({ page, fixtureFiles }) => {
      const cyrillic = Buffer.from('cff0e8e2e5f22c20ece8f00d0acff0e8e2e5f20d0a', 'hex');
      await pickFiles(page, [
        fixtureFiles.file('cyrillic.txt', cyrillic),
        fixtureFiles.file('marked.txt', Buffer.from('\ufeffone\rtwo\r', 'utf16le')),
      ]);
      await transfersEnd(page);
      await open(page, 'cyrillic.txt');
      await seesText(page, 'Привет, мир');
      const ends = textFrame(page).getByRole('combobox', { name: 'Line endings' });
      await expect(ends).toHaveValue('crlf');
      await type(page, 'ya');
      await save(page);
      await type(page, ' 漢');
      await textFrame(page).getByRole('button', { name: 'Save', exact: true }).click();
      await expect(textFrame(page).getByText('has no “漢”')).toBeVisible();
      await textFrame(page).getByRole('button', { name: 'Go on editing' }).click();
      await page.keyboard.press('ControlOrMeta+z');
      await textIsSaved(page);
      await closeViewer(page);
      const saved = Buffer.concat([cyrillic, Buffer.from('ya')]);
      expect(await download(page, 'cyrillic.txt')).toEqual(saved);
      await open(page, 'marked.txt');
      await seesText(page, 'two');
      await type(page, '漢');
      await save(page);
      await closeViewer(page);
      expect(await download(page, 'marked.txt')).toEqual(
        Buffer.from('\ufeffone\rtwo\r漢', 'utf16le'),
      );
    },
  );

  test('a file that was saved elsewhere meanwhile is not overwritten unseen', async ({
    page,
    profile,
    site,
    fixtureFiles,
  }) => {
    test.setTimeout(240_000);
    await pickFiles(page, [fixtureFiles.file('list.txt', 'bank\nmail\nshop\n')]);
    await transfersEnd(page);
    const other = await profile.page();
    await other.goto(site.root);
    await seesDrive(other);
    for (const tab of [page, other]) {
      await open(tab, 'list.txt');
      await seesText(tab, 'shop');
    }
    await test.step('both versions are shown, and mine can become a copy', async () => {
      await type(other, 'theirs');
      await save(other);
      await type(page, 'mine');
      await page.keyboard.press('ControlOrMeta+s');
      await conflictIsShown(page);
      await inEverySize(page, 'conflict');
      await page.setViewportSize({ width: 1280, height: 800 });
      await textFrame(page).getByRole('button', { name: 'Save mine as a copy' }).click();
      await expect(textFrame(page).getByText('was saved as list (copy).txt')).toBeVisible();
      await seesText(page, 'theirs');
    });
    await test.step('mine can replace theirs', async () => {
      await type(other, ' again');
      await save(other);
      await type(page, ' but mine');
      await page.keyboard.press('ControlOrMeta+s');
      await conflictIsShown(page);
      await textFrame(page).getByRole('button', { name: 'Keep mine', exact: true }).click();
      await textIsSaved(page);
      await closeViewer(page);
      await sees(page, ['list.txt', 'list (copy).txt']);
      expect((await download(page, 'list.txt')).toString()).toBe(
        'bank\nmail\nshop\ntheirs but mine',
      );
      expect((await download(page, 'list (copy).txt')).toString()).toBe('bank\nmail\nshop\nmine');
    });
  });

  test('unsaved work outlives the page that was killed', LONG, async ({ page, profile, site }) => {
    await makeFile(page, 'Text file', 'diary.txt');
    await type(page, 'Dear diary, ');
    await page.waitForTimeout(KEPT_MS);
    await page.close({ runBeforeUnload: false });
    const next = await profile.page();
    await next.goto(site.root);
    await seesDrive(next);
    if (await viewer(next).isVisible()) await closeViewer(next);
    await open(next, 'diary.txt');
    await textFrame(next).getByRole('button', { name: 'Restore' }).click();
    await seesText(next, 'Dear diary, ');
    await save(next);
    await closeViewer(next);
    await open(next, 'diary.txt');
    await seesText(next, 'Dear diary, ');
    await expect(textFrame(next).getByRole('button', { name: 'Restore' })).toBeHidden();
  });

  test('closing asks about unsaved work, and keeps it, saves it or throws it away', async ({
    page,
  }) => {
    await makeFile(page, 'Text file', 'plan.txt');
    const question = page.getByRole('dialog', { name: 'Save your changes?' });
    const close = viewer(page).getByRole('button', { name: 'Close', exact: true });
    await type(page, 'one');
    await close.click();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await seesText(page, 'one');
    await close.click();
    await question.getByRole('button', { name: 'Save' }).click();
    await expect(viewer(page)).toBeHidden();
    await open(page, 'plan.txt');
    await seesText(page, 'one');
    await type(page, ' two');
    await page.waitForTimeout(KEPT_MS);
    await close.click();
    await question.getByRole('button', { name: 'Discard' }).click();
    await expect(viewer(page)).toBeHidden();
    await open(page, 'plan.txt');
    await seesText(page, 'one');
    await expect(editor(page)).not.toContainText('two');
    await expect(textFrame(page).getByRole('button', { name: 'Restore' })).toBeHidden();
  });

  test('everything is reached by keys, and Tab leaves after Escape', LONG, async ({ page }) => {
    const { keyboard } = page;
    await makeFile(page, 'Other file…', 'tool.py');
    await expect(editor(page)).toBeFocused();
    await keyboard.type('if ready:\ngo()\nstop');
    await keyboard.press('Tab');
    await keyboard.press('ControlOrMeta+f');
    const find = textFrame(page).getByRole('textbox', { name: 'Find' });
    await expect(find).toBeFocused();
    await keyboard.type('go');
    await expect(textFrame(page).getByText('1 found')).toBeVisible();
    await keyboard.press('Enter');
    await expect(textFrame(page).getByText('1 of 1')).toBeVisible();
    await keyboard.press('Escape');
    await expect(find).toBeHidden();
    await expect(editor(page)).toBeFocused();
    await keyboard.press('ControlOrMeta+s');
    await textIsSaved(page);
    // The first press would only let go of what was found.
    await keyboard.press('ArrowRight');
    await keyboard.press('Escape');
    await expect(textFrame(page).getByText('Press Tab to leave the text')).toBeVisible();
    await keyboard.press('Tab');
    await expect(editor(page)).not.toBeFocused();
    await keyboard.press('Escape');
    await expect(viewer(page)).toBeHidden();
    expect((await download(page, 'tool.py')).toString()).toContain('if ready:\n  go()');
  });

  test(
    'the editor is clean in every size, with its search',
    LONG,
    async ({ page, fixtureFiles }) => {
      test.setTimeout(240_000);
      const code = `/** Greets. */\nexport function greet(name: string): number {\n  const all = [1, 2.5, true];\n  return \`Hello \${name}\` === 'x' ? all.length : 42; // why not\n}\n`;
      await pickFiles(page, [fixtureFiles.file('greet.ts', code.repeat(12))]);
      await transfersEnd(page);
      await open(page, 'greet.ts');
      await expect(editor(page).locator('.cm-line span').first()).toBeVisible();
      await inEverySize(page, 'editor');
      await editor(page).click();
      await page.keyboard.press('ControlOrMeta+f');
      await page.keyboard.type('name');
      await expect(textFrame(page).getByText('found')).toBeVisible();
      await inEverySize(page, 'editor with search');
    },
  );
});

test('what may only be read can be read, and says so', async ({ page, node, fixtureFiles }) => {
  const owner = await LinkOwner.at(node.origin, BORIS);
  await owner.put(['terms.txt'], fixtureFiles.file('terms.txt', 'Read me.\n'));
  const { address } = await owner.link(['terms.txt']);
  await page.goto(node.root + address);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await seesText(page, 'Read me.');
  await expect(textFrame(page).getByText('Read only')).toBeVisible();
  await editor(page).click();
  await page.keyboard.type('x');
  await seesText(page, 'Read me.');
  await expect(editor(page)).not.toContainText('x');
  await expect(textFrame(page).getByRole('button', { name: 'Save' })).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(viewer(page)).toBeHidden();
});

/** At the end of the text. */
async function type(page: Page, text: string): Promise<void> {
  // Keys go to the tab in front.
  await page.bringToFront();
  await editor(page).click();
  await expect(editor(page)).toBeFocused();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(text);
}

async function save(page: Page): Promise<void> {
  await textFrame(page).getByRole('button', { name: 'Save', exact: true }).click();
  await textIsSaved(page);
}

async function conflictIsShown(page: Page): Promise<void> {
  const heading = textFrame(page).getByRole('heading', { name: 'This file was changed elsewhere' });
  await expect(heading).toBeVisible();
}
