/** PDF files are read, searched, filled in and written on, in a frame that can reach nothing. */
import type { FrameLocator, Page } from '@playwright/test';
import {
  attachedPdf,
  bookPdf,
  formPdf,
  lockedPdf,
  longPdf,
  raritiesPdf,
  textPdf,
  withLostTable,
} from '../media/pdf-files.ts';
import { inEverySize } from './accessibility-check.ts';
import { expect, LONG, test } from './fixtures.ts';
import type { FixtureFiles } from './fixture-files.ts';
import { open, pickFiles, seesDrive } from './pages/account-page.ts';
import { closeViewer, download, transfersEnd, viewer } from './pages/drive-page.ts';

test.use({ isSignedUp: true });

const CHAPTERS = ['The harbour', 'The heron', 'The lantern', 'The marble hall'];
const SITE = 'https://elsewhere.example/path';

test(
  'a book is read: pages, contents, links, zoom and a word on a later page',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    await begin(page, site.root, fixtureFiles, { 'book.pdf': bookPdf(CHAPTERS, SITE) });
    const pdf = await openPdf(page, 'book.pdf');
    await expect(text(pdf, 1)).toContainText('The harbour');
    await expect(pdf.getByText('of 4')).toBeVisible();
    await inEverySize(page, 'PDF');
    await page.setViewportSize({ width: 1280, height: 800 });

    await test.step('page by page', async () => {
      await pdf.getByRole('button', { name: 'Next page' }).click();
      await expect(number(pdf)).toHaveValue('2');
      await number(pdf).fill('3');
      await number(pdf).press('Enter');
      await expect(text(pdf, 3)).toContainText('The lantern');
      await page.keyboard.press('Home');
      await expect(number(pdf)).toHaveValue('1');
    });
    await test.step('by contents and small pictures', async () => {
      await pdf.getByRole('button', { name: 'Pages and contents' }).click();
      await pdf.getByRole('tab', { name: 'Contents' }).click();
      await pdf.getByRole('button', { name: 'The heron' }).click();
      await expect(number(pdf)).toHaveValue('2');
      await pdf.getByRole('tab', { name: 'Pages' }).click();
      await pdf.getByRole('button', { name: 'Page 1', exact: true }).click();
      await expect(number(pdf)).toHaveValue('1');
      await inEverySize(page, 'PDF with its pages');
      await page.setViewportSize({ width: 1280, height: 800 });
      await pdf.getByRole('button', { name: 'Pages and contents' }).click();
    });
    await test.step('by links, of which those to other sites are asked about', async () => {
      const links = pdf.locator('.linkAnnotation a');
      await links.nth(1).click();
      await expect(page.getByRole('dialog', { name: 'Open this address?' })).toContainText(SITE);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await links.nth(0).click();
      await expect(number(pdf)).toHaveValue('4');
    });
    await test.step('finding', async () => {
      await page.keyboard.press('ControlOrMeta+f');
      await pdf.getByRole('textbox', { name: 'Find in document' }).fill('the');
      await expect(pdf.getByRole('status').first()).toHaveText(/^\d of 4$/u);
      await pdf.getByRole('button', { name: 'Match case' }).click();
      await expect(pdf.getByRole('status').first()).toHaveText('No matches');
      await pdf.getByRole('textbox', { name: 'Find in document' }).fill('heron');
      await expect(pdf.locator('.highlight.selected')).toHaveText('heron');
      await inEverySize(page, 'PDF with a word found');
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.keyboard.press('Escape');
      await expect(pdf.getByRole('textbox', { name: 'Find in document' })).toBeHidden();
    });
    await test.step('zoom and turning', async () => {
      const width = async (): Promise<number> =>
        (await pdf.locator('.pdfViewer .page').first().boundingBox())?.width ?? 0;
      await pdf.getByRole('combobox', { name: 'Zoom' }).selectOption('1');
      const before = await width();
      await pdf.getByRole('button', { name: 'Zoom in' }).click();
      await expect.poll(width).toBeGreaterThan(before * 1.05);
      await pdf.getByRole('combobox', { name: 'Zoom' }).selectOption('1');
      await pdf.getByRole('button', { name: 'Rotate' }).click();
      await expect.poll(width).toBeGreaterThan(before * 1.3);
    });
    await test.step('printing', async () => {
      await frameOf(page).evaluate(() => {
        globalThis.print = () => {
          const pictures = [...document.querySelectorAll<HTMLImageElement>('.printed img')];
          document.body.dataset['printed'] = pictures.map((it) => it.naturalWidth).join(' ');
        };
      });
      await pdf.getByRole('button', { name: 'Print', exact: true }).first().click();
      await pdf.getByRole('spinbutton', { name: 'To page' }).fill('2');
      await pdf.getByRole('dialog').getByRole('button', { name: 'Print' }).click();
      await expect(pdf.locator('body')).toHaveAttribute('data-printed', '1239 1239');
      await expect(pdf.getByRole('dialog')).toBeHidden();
    });
    await test.step('it is opened again where it was left', async () => {
      await number(pdf).fill('3');
      await number(pdf).press('Enter');
      await expect(number(pdf)).toHaveValue('3');
      await page.keyboard.press('Escape');
      await expect(viewer(page)).toBeHidden();
      await openPdf(page, 'book.pdf');
      await expect(number(pdf)).toHaveValue('3');
    });
  },
);

test('a form is filled in and written on; the file keeps its first bytes', async ({
  page,
  site,
  fixtureFiles,
}) => {
  const original = formPdf();
  await begin(page, site.root, fixtureFiles, { 'form.pdf': original });
  const pdf = await openPdf(page, 'form.pdf');
  const save = pdf.getByRole('button', { name: 'Save' });
  const field = pdf.locator('.annotationLayer input[type=text]');
  await expect(save).toBeDisabled();
  await field.fill('Anna');
  await expect(save).toBeEnabled();
  await pdf.getByRole('button', { name: 'Add text' }).click();
  await pdf

    .locator('.pdfViewer .page')
    .first()
    .click({ position: { x: 200, y: 400 } });
  await page.keyboard.type('A note in the margin');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+s');
  await expect(pdf.getByText('Saved')).toBeVisible();
  await expect(save).toBeDisabled();
  await expect(field).toHaveValue('Anna');
  await test.step('twice in one sitting', async () => {
    await field.fill('Anna and Boris');
    await save.click();
    await expect(save).toBeDisabled();
    await expect(field).toHaveValue('Anna and Boris');
  });
  await closeViewer(page);
  const saved = await download(page, 'form.pdf');
  expect(saved.length).toBeGreaterThan(original.length);
  expect(saved.subarray(0, original.length).equals(original)).toBe(true);
  await page.reload();
  await seesDrive(page);
  await openPdf(page, 'form.pdf');
  await expect(field).toHaveValue('Anna and Boris');
  await expect(pdf.locator('.freeTextAnnotation')).toBeAttached();
  await test.step('its scripts never ran', async () => {
    expect(await frameOf(page).evaluate(() => 'harm' in globalThis)).toBe(false);
  });
});

test(
  'a locked file asks for its password, and says when it is wrong',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    await begin(page, site.root, fixtureFiles, {
      'old.pdf': lockedPdf('RC4', 'open sesame', 'Sealed by RC4'),
      'new.pdf': lockedPdf('AES-256', 'open sesame', 'Sealed by AES'),
    });
    for (const [name, line] of [
      ['old.pdf', 'Sealed by RC4'],
      ['new.pdf', 'Sealed by AES'],
    ] as const) {
      const pdf = await openPdf(page, name);
      const field = pdf.getByRole('textbox', { name: 'Password' });
      await field.fill('close sesame');
      await field.press('Enter');
      await expect(pdf.getByRole('alert')).toHaveText(/not right/u);
      if (name === 'old.pdf') await inEverySize(page, 'PDF with a password');
      await field.fill('open sesame');
      await field.press('Enter');
      await expect(text(pdf, 1)).toContainText(line);
      await closeViewer(page);
    }
  },
);

test(
  'files in a document are listed, and saved beside it',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    const files = { 'data.csv': 'a,b', '../../.apps/evil.txt': 'x' };
    await begin(page, site.root, fixtureFiles, { 'files.pdf': attachedPdf(files) });
    const pdf = await openPdf(page, 'files.pdf');
    await pdf.getByRole('button', { name: 'Pages and contents' }).click();
    await pdf.getByRole('tab', { name: 'Files' }).click();
    await inEverySize(page, 'PDF with files');
    await page.setViewportSize({ width: 1280, height: 800 });
    await pdf.getByRole('button', { name: 'Save data.csv in the drive' }).click();
    await expect(pdf.getByText('data.csv was saved beside this document.')).toBeVisible();
    await pdf.getByRole('button', { name: 'Save evil.txt in the drive' }).click();
    await expect(pdf.getByText('evil.txt was saved beside this document.')).toBeVisible();
    await closeViewer(page);
    expect((await download(page, 'data.csv')).toString()).toBe('a,b');
    expect((await download(page, 'evil.txt')).toString()).toBe('x');
  },
);

test(
  'rare pictures and letters are shown, and damaged files as far as they can be',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    const whole = textPdf([['A page that was found again']]);
    await begin(page, site.root, fixtureFiles, {
      'rare.pdf': raritiesPdf(),
      'lost.pdf': withLostTable(whole),
      'broken.pdf': Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(5_000, 'x')]),
      'long.pdf': longPdf(5_000),
    });
    const pdf = await openPdf(page, 'rare.pdf');
    await test.step('JPEG 2000, JBIG2 and Japanese', async () => {
      await expect(text(pdf, 1)).toContainText('日本語');
      await expect
        .poll(() => colours(page, [110, 190], [275, 190], [335, 190]))
        .toEqual(['red', 'black', 'white']);
    });
    await closeViewer(page);
    await test.step('a lost table of objects', async () => {
      await openPdf(page, 'lost.pdf');
      await expect(text(pdf, 1)).toContainText('A page that was found again');
      await closeViewer(page);
    });
    await test.step('nothing that can be shown', async () => {
      await open(page, 'broken.pdf');
      await expect(viewer(page).getByText('This PDF is damaged')).toBeVisible();
      await expect(viewer(page).getByRole('button', { name: 'Download' }).first()).toBeVisible();
      await closeViewer(page);
    });
    await test.step('5,000 pages', async () => {
      await openPdf(page, 'long.pdf');
      await expect(pdf.getByText('of 5000')).toBeVisible();
      await page.keyboard.press('End');
      await expect(text(pdf, 5_000)).toContainText('Page 5000');
    });
  },
);

test.describe('on a phone', () => {
  test.use({
    browserOptions: { context: { viewport: { width: 390, height: 844 }, hasTouch: true } },
  });

  test(
    'the tools lie below, and the rest of them behind one button',
    LONG,
    async ({ page, site, fixtureFiles }) => {
      await begin(page, site.root, fixtureFiles, { 'book.pdf': bookPdf(CHAPTERS, SITE) });
      const pdf = await openPdf(page, 'book.pdf');
      await expect(text(pdf, 1)).toContainText('The harbour');
      const tools = await pdf.getByRole('toolbar').boundingBox();
      expect((tools?.y ?? 0) + (tools?.height ?? 0)).toBeCloseTo(844, 0);
      await expect(pdf.getByRole('button', { name: 'Zoom in' })).toBeHidden();
      await pdf.getByRole('button', { name: 'More' }).click();
      await pdf.getByRole('button', { name: 'Zoom in' }).click();
      await inEverySize(page, 'PDF with all tools');
    },
  );
});

async function begin(
  page: Page,
  url: string,
  fixtureFiles: FixtureFiles,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  await page.goto(url);
  await seesDrive(page);
  await pickFiles(
    page,
    Object.entries(files).map(([name, bytes]) => fixtureFiles.file(name, bytes)),
  );
  await transfersEnd(page);
}

async function openPdf(page: Page, name: string): Promise<FrameLocator> {
  await open(page, name);
  return viewer(page).frameLocator('iframe');
}

const number = (pdf: FrameLocator) => pdf.getByRole('textbox', { name: 'Page number' });
const text = (pdf: FrameLocator, page: number) =>
  pdf.locator(`.pdfViewer .page[data-page-number="${String(page)}"] .textLayer`);

function frameOf(page: Page) {
  const found = page.frames().find((frame) => frame.parentFrame() === page.mainFrame());
  if (found === undefined) throw new Error('No viewer is open.');
  return found;
}

/** Names of colours on the first page, at points in units of the page from its upper left. */
async function colours(page: Page, ...points: (readonly [number, number])[]): Promise<string[]> {
  return frameOf(page).evaluate((at) => {
    const canvas = document.querySelector<HTMLCanvasElement>('.pdfViewer .page canvas');
    const scale = (canvas?.width ?? 0) / 595;
    return at.map(([x, y]) => {
      const data = canvas?.getContext('2d')?.getImageData(x * scale, y * scale, 1, 1).data;
      const [red = 0, green = 0, blue = 0] = data ?? [];
      if (red > 230 && green > 230 && blue > 230) return 'white';
      if (red > 200 && green < 60 && blue < 60) return 'red';
      return red + green + blue < 60 ? 'black' : `${String(red)} ${String(green)} ${String(blue)}`;
    });
  }, points);
}
