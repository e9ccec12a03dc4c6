/** Books and office documents are shown in a frame that can reach nothing, and nothing of them runs. */
import type { FrameLocator, Page } from '@playwright/test';
import {
  docxFile,
  epubFile,
  openDocumentFile,
  pptxFile,
  slidePicture,
  slideText,
  xlsxFile,
} from '../media/office-files.ts';
import { inEverySize } from './accessibility-check.ts';
import { picture, type FixtureFiles } from './fixture-files.ts';
import { expect, test, LONG } from './fixtures.ts';
import { open, pickFiles, seesDrive } from './pages/account-page.ts';
import { closeViewer, transfersEnd, viewer } from './pages/drive-page.ts';

test.use({ isSignedUp: true });

const SITE = 'https://elsewhere.example/path';
const BLUE = picture(320, 180, [26, 95, 150]);
const CHAPTER = Array.from(
  { length: 60 },
  (_, i) =>
    `<p>${String(i + 1)}. The harbour lay still, and the boats turned slowly on their ropes while the light went.</p>`,
).join('');

test(
  'a book is read page by page, by contents and links, in its own look',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    const css = 'h1 { color: rgb(120, 20, 40); } body { position: fixed; inset: 0 }';
    await begin(page, site.root, fixtureFiles, {
      'book.epub': await epubFile(
        'The Harbour',
        [
          {
            title: 'Evening',
            body: `<h1>Evening</h1><p><img src="../picture.png" alt="The sea"/></p>${CHAPTER}
            <p><a href="chapter-2.xhtml#far">To the lantern</a></p>`,
          },
          {
            title: 'Night',
            body: `<h1>Night</h1>${CHAPTER}<p id="far">The lantern was lit.</p>
            <p><a href="${SITE}">Elsewhere</a></p>`,
          },
        ],
        BLUE,
        css,
      ),
    });
    const book = await openDocument(page, 'book.epub');
    const pages = book.getByRole('document', { name: 'The Harbour' });
    await expect(pages.getByRole('heading', { name: 'Evening' })).toBeInViewport();
    await expect(pages.getByRole('heading', { name: 'Evening' })).toHaveCSS(
      'color',
      'rgb(120, 20, 40)',
    );
    await test.step('pictures of the book are shown', async () => {
      const image = pages.getByRole('img', { name: 'The sea' });
      await expect
        .poll(() => image.evaluate((one: HTMLImageElement) => one.naturalWidth))
        .toBe(320);
    });
    await inEverySize(page, 'Book');
    await page.setViewportSize({ width: 1280, height: 800 });
    const place = book.locator('footer');
    await test.step('by keys, buttons and taps at the sides', async () => {
      await expect(place).toContainText('Page 1 of');
      await page.keyboard.press('ArrowRight');
      await expect(place).toContainText('Page 2 of');
      await page.keyboard.press('PageUp');
      await expect(place).toContainText('Page 1 of');
      await book.getByRole('button', { name: 'Next page' }).click();
      await expect(place).toContainText('Page 2 of');
      const box = await pages.boundingBox();
      await page.mouse.click((box?.x ?? 0) + 10, (box?.y ?? 0) + 300);
      await expect(place).toContainText('Page 1 of');
    });
    await test.step('larger text makes more pages, and the place stays', async () => {
      const count = async (): Promise<number> =>
        Number(/of (\d+)/u.exec((await place.textContent()) ?? '')?.[1]);
      const before = await count();
      await page.keyboard.press('End');
      for (let i = 0; i < 3; i++) await book.getByRole('button', { name: 'Larger text' }).click();
      await expect.poll(count).toBeGreaterThan(before);
      await expect
        .poll(async () => Number(/Page (\d+)/u.exec((await place.textContent()) ?? '')?.[1]))
        .toBeGreaterThanOrEqual(before);
      await page.keyboard.press('End');
      await expect(pages.getByText('To the lantern')).toBeInViewport();
    });
    await test.step('a link leads into another chapter', async () => {
      await pages.getByText('To the lantern').click();
      await expect(pages.getByText('The lantern was lit.')).toBeInViewport();
      await expect(place).toContainText('Night');
    });
    await test.step('a link to another site is asked about', async () => {
      await pages.getByText('Elsewhere').click();
      await expect(page.getByRole('dialog', { name: 'Open this address?' })).toContainText(SITE);
      await page.getByRole('button', { name: 'Cancel' }).click();
    });
    await test.step('by contents', async () => {
      await book.getByRole('button', { name: 'Contents' }).click();
      await inEverySize(page, 'Book with contents');
      await page.setViewportSize({ width: 1280, height: 800 });
      await book.getByRole('button', { name: 'Evening' }).click();
      await expect(pages.getByRole('heading', { name: 'Evening' })).toBeInViewport();
    });
    await test.step('papers', async () => {
      const paper = book.getByRole('button', { name: /^Paper/u });
      await paper.click();
      await expect(paper).toHaveAccessibleName('Paper: sepia');
      await expect(pages).toHaveCSS('color', 'rgb(64, 51, 31)');
      await paper.click();
      await expect(paper).toHaveAccessibleName('Paper: night');
      // The book's own colours would not be seen on it.
      await expect(pages.getByRole('heading')).toHaveCSS('color', 'rgb(207, 202, 194)');
      await inEverySize(page, 'Book at night');
    });
  },
);

test('nothing of a book or a document runs, and it cannot lie over the viewer', async ({
  page,
  site,
  fixtureFiles,
  noConsoleErrors,
}) => {
  // The browser says so of every handler that it reads, also where none of it is shown.
  noConsoleErrors.allow(/Executing inline event handler|script-src-attr stopped inline/u);
  const run = "document.documentElement.dataset.ran = 'yes'";
  await begin(page, site.root, fixtureFiles, {
    'hostile.epub': await epubFile(
      'Hostile',
      [
        {
          title: 'One',
          head: `<script>${run}</script><style>:host { position: fixed !important; inset: 0 !important }</style>`,
          body: `<h1>Still here</h1><script>${run}</script><img src="nothing" onerror="${run}"/>
            <a href="javascript:${run}">Press</a><iframe srcdoc="&lt;script&gt;${run}&lt;/script&gt;"/>
            <svg xmlns="http://www.w3.org/2000/svg" onload="${run}"><script>${run}</script></svg>
            <form action="${SITE}"><button>Send</button></form>`,
        },
      ],
      BLUE,
    ),
    'hostile.docx': await docxFile(
      `<w:p><w:hyperlink r:id="r1"><w:r><w:t>Press</w:t></w:r></w:hyperlink></w:p>`,
      `javascript:${run}`,
    ),
  });
  const book = await openDocument(page, 'hostile.epub');
  const text = book.getByRole('document', { name: 'Hostile' });
  await expect(text.getByRole('heading', { name: 'Still here' })).toBeVisible();
  await text.getByText('Press').click();
  await expect(text.locator('iframe, script, form, button, [onerror], [onload]')).toHaveCount(0);
  await expect(book.locator('html')).not.toHaveAttribute('data-ran');
  await book.getByRole('button', { name: 'Contents' }).click();
  await expect(book.getByRole('button', { name: 'One' })).toBeVisible();
  await closeViewer(page);
  const word = await openDocument(page, 'hostile.docx');
  await word.getByText('Press').click();
  await expect(word.locator('html')).not.toHaveAttribute('data-ran');
  await expect(page.getByRole('dialog', { name: 'Open this address?' })).toBeHidden();
});

test(
  'texts, slides and tables of office programs are shown',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    const cells = `<row r="1"><c r="A1" t="s" s="4"><v>0</v></c><c r="B1" t="inlineStr" s="4"><is><t>Price</t></is></c></row>
    <row r="2"><c r="A2" s="1"><v>46357</v></c><c r="B2" s="3"><v>1234.5</v></c><c r="C2" s="2"><v>0.125</v></c></row>
    <row r="5000"><c r="A5000" t="s"><v>1</v></c></row>`;
    await begin(page, site.root, fixtureFiles, {
      'letter.docx': await docxFile(
        `<w:p><w:r><w:rPr><w:b/><w:sz w:val="40"/></w:rPr><w:t>A letter</w:t></w:r></w:p>
       ${'<w:p><w:r><w:t>The boats came back before the evening, and all of them were full.</w:t></w:r></w:p>'.repeat(5)}
       <w:tbl><w:tr><w:tc><w:p><w:r><w:t>In a table</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
       <w:p><w:hyperlink r:id="r1"><w:r><w:t>Elsewhere</w:t></w:r></w:hyperlink></w:p>`,
        SITE,
      ),
      'prices.xlsx': await xlsxFile(
        { Prices: cells, Other: '<row r="1"><c r="A1" t="str"><v>Second sheet</v></c></row>' },
        ['Day', 'Far below'],
      ),
      'talk.pptx': await pptxFile(
        [
          slideText('ctrTitle', [[0, 'The harbour']]),
          slideText('title', [[0, 'What we saw']]) +
            slideText('', [
              [0, 'Boats'],
              [1, 'Small ones'],
              [0, 'Birds'],
            ]) +
            slidePicture('The sea'),
        ],
        BLUE,
      ),
      'notes.odt': await openDocumentFile(
        'text',
        `<text:h text:outline-level="1">Notes</text:h><text:p>Some <text:span text:style-name="T1">strong</text:span>
       words<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Below.</text:p></text:note-body></text:note>.</text:p>
       <text:list text:style-name="L1"><text:list-item><text:p>First</text:p></text:list-item></text:list>
       <table:table><table:table-row><table:table-cell><text:p>In a cell</text:p></table:table-cell></table:table-row></table:table>
       <text:p><draw:frame><draw:image xlink:href="Pictures/picture.png"/><draw:desc>The sea</draw:desc></draw:frame></text:p>`,
        {
          styles: `<style:style style:name="T1"><style:text-properties fo:font-weight="bold"/></style:style>
          <text:list-style style:name="L1"><text:list-level-style-number text:level="1"/></text:list-style>`,
          picture: BLUE,
        },
      ),
      'sums.ods': await openDocumentFile(
        'spreadsheet',
        `<table:table table:name="Sums"><table:table-row table:number-rows-repeated="3"/><table:table-row>
       <table:table-cell table:number-columns-repeated="2"/>
       <table:table-cell office:value-type="float" office:value="4"><text:p>4.00</text:p></table:table-cell>
       </table:table-row></table:table>`,
      ),
      'talk.odp': await openDocumentFile(
        'presentation',
        `<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>Opening</text:p></draw:text-box></draw:frame>
       <draw:frame><draw:text-box><text:p>A line</text:p></draw:text-box></draw:frame></draw:page>`,
      ),
    });
    await test.step('Word', async () => {
      const word = await openDocument(page, 'letter.docx');
      await expect(word.getByText('A letter')).toHaveCSS('font-weight', '700');
      await expect(word.getByRole('cell', { name: 'In a table' })).toBeVisible();
      await inEverySize(page, 'Word document');
      await page.setViewportSize({ width: 1280, height: 800 });
      await word.getByText('Elsewhere').click();
      await expect(page.getByRole('dialog', { name: 'Open this address?' })).toContainText(SITE);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await closeViewer(page);
    });
    await test.step('Excel', async () => {
      const sheet = await openDocument(page, 'prices.xlsx');
      for (const text of ['Day', '2026-12-01', '€ 1,234.50', '12.50%']) {
        await expect(sheet.getByRole('cell', { name: text, exact: true })).toBeVisible();
      }
      await inEverySize(page, 'Workbook');
      await page.setViewportSize({ width: 1280, height: 800 });
      expect(await sheet.getByRole('row').count()).toBeLessThan(80);
      await sheet.getByRole('region', { name: 'Prices' }).press('End');
      await expect(sheet.getByRole('cell', { name: 'Far below' })).toBeVisible();
      await sheet.getByRole('button', { name: 'Other' }).click();
      await expect(sheet.getByRole('cell', { name: 'Second sheet' })).toBeVisible();
      await closeViewer(page);
    });
    await test.step('PowerPoint', async () => {
      const slides = await openDocument(page, 'talk.pptx');
      await expect(slides.getByRole('heading', { name: 'What we saw' })).toBeVisible();
      await expect(slides.locator('ul ul').getByText('Small ones')).toBeVisible();
      await expect(slides.getByRole('img', { name: 'The sea' })).toBeVisible();
      await inEverySize(page, 'Presentation');
      await page.setViewportSize({ width: 1280, height: 800 });
      await closeViewer(page);
    });
    await test.step('OpenDocument text', async () => {
      const text = await openDocument(page, 'notes.odt');
      await expect(text.getByRole('heading', { name: 'Notes' })).toBeVisible();
      await expect(text.getByText('strong')).toHaveCSS('font-weight', '700');
      await expect(text.locator('ol').getByText('First')).toBeVisible();
      await expect(text.getByRole('cell', { name: 'In a cell' })).toBeVisible();
      await expect(text.getByRole('img', { name: 'The sea' })).toBeVisible();
      await expect(text.getByText('Below.')).toBeVisible();
      await inEverySize(page, 'OpenDocument text');
      await page.setViewportSize({ width: 1280, height: 800 });
      await closeViewer(page);
    });
    await test.step('OpenDocument spreadsheet and slides', async () => {
      const sheet = await openDocument(page, 'sums.ods');
      const cell = sheet.getByRole('cell', { name: '4.00' });
      await expect(cell).toHaveAttribute('aria-colindex', '4');
      await expect(cell.locator('..')).toHaveAttribute('aria-rowindex', '5');
      await closeViewer(page);
      const slides = await openDocument(page, 'talk.odp');
      await expect(slides.getByRole('heading', { name: 'Opening' })).toBeVisible();
      await expect(slides.getByText('A line')).toBeVisible();
      await closeViewer(page);
    });
  },
);

test('a damaged document says so and can be downloaded', async ({ page, site, fixtureFiles }) => {
  const whole = await epubFile('Whole', [{ title: 'One', body: '<p>Text</p>' }], BLUE);
  await begin(page, site.root, fixtureFiles, {
    'cut.epub': whole.subarray(0, whole.length - 200),
    'not-xml.docx': await docxFile('<w:p>', SITE),
  });
  for (const name of ['cut.epub', 'not-xml.docx']) {
    await open(page, name);
    await expect(viewer(page).getByText('This document is damaged')).toBeVisible();
    await expect(viewer(page).getByRole('button', { name: 'Download' }).first()).toBeVisible();
    await closeViewer(page);
  }
});

async function begin(
  page: Page,
  root: string,
  files: FixtureFiles,
  contents: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  await page.goto(root);
  await seesDrive(page);
  const paths = Object.entries(contents).map(([name, content]) => files.file(name, content));
  await pickFiles(page, paths);
  await transfersEnd(page);
}

async function openDocument(page: Page, name: string): Promise<FrameLocator> {
  await open(page, name);
  const frame = viewer(page).frameLocator('iframe');
  await expect(frame.locator('main')).toBeVisible();
  return frame;
}
