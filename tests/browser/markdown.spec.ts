/** Markdown and tables, shown in a frame: what is in the document can do nothing. */
import {
  closeViewer,
  download,
  editor,
  enter,
  goUp,
  makeFolder,
  sees,
  seesText,
  textFrame,
  textIsSaved,
  transfersEnd,
} from './pages/drive-page.ts';
import { inEverySize } from './accessibility-check.ts';
import { expect, test, LONG } from './fixtures.ts';
import { picture } from './fixture-files.ts';
import { open, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

test.beforeEach(async ({ page, site }) => {
  await page.goto(site.root);
  await seesDrive(page);
});

const TRIP = `---
title: The trip
tags: [sea, tower]
---

# Plans

- [ ] buy *tickets*
- [x] pack

| Day | Place |
| --- | ----- |
| 1   | Port  |

\`\`\`js
const answer = 42;
\`\`\`

A note[^1], [the list](lists/all.md), [below](#the-end), [elsewhere](https://example.org/a?b).

![map](pictures/a%20map.png) ![far](https://example.org/x.png) ![none](none.png)

## The end

[^1]: Words below.
`;

test('a document is read, ticked and edited', LONG, async ({ page, fixtureFiles }) => {
  test.setTimeout(240_000);
  const paper = textFrame(page).getByRole('document', { name: 'Text of the file' });
  await makeFolder(page, 'pictures');
  await makeFolder(page, 'lists');
  await enter(page, 'pictures');
  await pickFiles(page, [fixtureFiles.file('a map.png', picture(40, 30, [20, 120, 90]))]);
  await transfersEnd(page);
  await goUp(page, 'Home');
  await enter(page, 'lists');
  await pickFiles(page, [fixtureFiles.file('all.md', '# All of them')]);
  await transfersEnd(page);
  await goUp(page, 'Home');
  await pickFiles(page, [fixtureFiles.file('trip.md', TRIP)]);
  await transfersEnd(page);
  await open(page, 'trip.md');

  await test.step('it is shown as it is meant', async () => {
    await expect(paper.getByRole('heading', { name: 'Plans' })).toBeVisible();
    await expect(paper.getByRole('row', { name: 'tags sea, tower' })).toBeVisible();
    await expect(paper.getByRole('cell', { name: 'Port' })).toBeVisible();
    await expect(paper.locator('code .tok-keyword')).toHaveText('const');
    await expect(paper.getByText('Words below.')).toBeVisible();
    await expect(paper.getByRole('img', { name: 'map' })).toHaveJSProperty('naturalWidth', 40);
    await expect(paper.getByText('[remote image blocked]')).toBeVisible();
    await expect(paper.getByText('[image not found: none.png]')).toBeVisible();
    await inEverySize(page, 'markdown');
    await page.setViewportSize({ width: 1280, height: 800 });
  });
  await test.step('a task is ticked and saved', async () => {
    await paper.getByRole('checkbox', { name: 'buy tickets' }).check();
    await textIsSaved(page);
    await closeViewer(page);
    const ticked = TRIP.replace('[ ] buy', '[x] buy');
    expect((await download(page, 'trip.md')).toString()).toBe(ticked);
  });
  await test.step('links lead into the document, the drive, and outside after a question', async () => {
    await open(page, 'trip.md');
    await paper.getByRole('link', { name: 'below' }).click();
    await expect(paper.getByRole('heading', { name: 'The end' })).toBeInViewport();
    await paper.getByRole('link', { name: 'elsewhere' }).click();
    const question = page.getByRole('dialog', { name: 'Open this address?' });
    await expect(question.getByText('https://example.org/a?b')).toBeVisible();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await paper.getByRole('link', { name: 'the list' }).click();
    await expect(paper.getByRole('heading', { name: 'All of them' })).toBeVisible();
  });
  await test.step('the text is edited beside what it becomes', async () => {
    await textFrame(page).getByRole('button', { name: 'Side by side' }).click();
    await editor(page).click();
    await page.keyboard.press('ControlOrMeta+End');
    await page.keyboard.type('\n\n## One more');
    await expect(paper.getByRole('heading', { name: 'One more' })).toBeVisible();
    await inEverySize(page, 'markdown side by side');
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.press('ControlOrMeta+s');
    await textIsSaved(page);
    await textFrame(page).getByRole('button', { name: 'Edit', exact: true }).click();
    await expect(paper).toBeHidden();
    await seesText(page, '## One more');
  });
});

const FORMULAS = String.raw`
The way is $\sqrt{a^2+b^2}$ long and costs $5 or $6.

$$
\sum_{k=1}^{n} k = \frac{n(n+1)}{2}
$$

$\href{javascript:globalThis.harm=1}{press}$ $\includegraphics{https://example.org/x.png}$

$\frac{1$

~~~mermaid
graph LR
  A[start] --> B[end]
  click A "javascript:globalThis.harm=1"
~~~

~~~mermaid
no such diagram
~~~
`;

test('formulas and diagrams are drawn, and lead nowhere', async ({ page, fixtureFiles }) => {
  const paper = textFrame(page).getByRole('document', { name: 'Text of the file' });
  await pickFiles(page, [fixtureFiles.file('way.md', FORMULAS)]);
  await transfersEnd(page);
  await open(page, 'way.md');
  await expect(paper.locator('p math msqrt msup')).toHaveCount(2);
  await expect(paper.locator('math[display=block] munderover')).toHaveCount(1);
  await expect(paper.getByText('costs $5 or $6.')).toBeVisible();
  // What is no formula stays as it is written.
  await expect(paper.locator('code', { hasText: String.raw`\frac{1` })).toBeVisible();
  const diagram = paper.getByRole('img', { name: 'graph LR' });
  await expect
    .poll(() => diagram.evaluate((it: HTMLImageElement) => it.naturalWidth))
    .toBeGreaterThan(99);
  await expect(paper.locator('pre', { hasText: 'no such diagram' })).toBeVisible();
  const addresses = paper.locator('[href], [src]:not(.diagram), [style*="url"], a, svg');
  await expect(addresses).toHaveCount(0);
});

/** Each sets `harm`, in the frame or in the page, if anything of it runs. */
const RUN = 'globalThis.harm=1;parent.harm=1;top.harm=1';
const HARMFUL = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload="${RUN}"><script>${RUN}</script><animate onbegin="${RUN}" attributeName=x></svg>`,
  `<svg><a xlink:href="javascript:${RUN}"><text y=20>press</text></a></svg>`,
  `<math><mi xlink:href="javascript:${RUN}">press</mi></math>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=${RUN}&gt;">`,
  `<svg></p><style><a id="</style><img src=x onerror=${RUN}>">`,
  `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  `<form id=test><input name=attributes><input name=innerHTML></form>`,
  `<form><math><mtext></form><form><mglyph><style></math><img src onerror=${RUN}>`,
  `<a name=currentScript></a><a id=defaultView></a><img name=getElementById>`,
  `<iframe src="javascript:${RUN}"></iframe><iframe srcdoc="<script>${RUN}</script>"></iframe>`,
  `<object data="javascript:${RUN}"></object><embed src="data:text/html,<script>${RUN}</script>">`,
  `<details open ontoggle="${RUN}">x</details><video onloadstart="${RUN}" src=x></video>`,
  `<body onload="${RUN}"><meta http-equiv=refresh content="0;url=javascript:${RUN}">`,
  `<base href="https://example.org/"><link rel=stylesheet href="https://example.org/a.css">`,
  `<style>*{background:url(https://example.org/s)}</style><p style="background:url(https://example.org/i)">`,
  `<img srcset="https://example.org/a.png 1x"><video poster="https://example.org/p.png"></video>`,
  `<audio src="https://example.org/a.mp3" autoplay></audio><picture><source srcset="https://example.org/b.png"></picture>`,
  `<a href="javascript:${RUN}">press</a> [press](javascript:${RUN}) <javascript:${RUN}>`,
  `[press](data:text/html,<script>${RUN}</script>) [press](vbscript:x)`,
  `<input autofocus onfocus="${RUN}"><button formaction="javascript:${RUN}">press</button>`,
  `<div tabindex=1 onfocus="${RUN}" contenteditable autofocus>press</div>`,
  `<x-tag is="a" onclick="${RUN}" slot=x popover>press</x-tag>`,
];

/** What is not closed takes all that follows with it: these have a document each. */
const isOpenEnded = (harm: string): boolean => /<style><|<style><!--|<a id="<\/style>/u.test(harm);

test('nothing in a document runs, is sent or is taken for ours', async ({
  page,
  fixtureFiles,
  noConsoleErrors,
}) => {
  test.setTimeout(240_000);
  noConsoleErrors.allow(/Blocked script execution|Content Security Policy|policy:/);
  const closed = HARMFUL.filter((harm) => !isOpenEnded(harm));
  const documents = [
    closed.map((harm, at) => `## Part ${at}\n\n${harm}\n\n`).join(''),
    ...HARMFUL.filter(isOpenEnded),
  ];
  const names = documents.map((_text, at) => `harm ${at}.md`);
  await pickFiles(
    page,
    documents.map((text, at) =>
      fixtureFiles.file(names[at]!, `First words.\n\n${text}\n\nLast words.\n`),
    ),
  );
  await transfersEnd(page);
  for (const [at, name] of names.entries()) {
    await test.step(name, async () => {
      await open(page, name);
      const paper = textFrame(page).getByRole('document', { name: 'Text of the file' });
      await expect(paper.getByText('First words.')).toBeVisible();
      if (at === 0) await expect(paper.getByText('Last words.')).toBeVisible();
      for (const link of await paper.getByText('press').all()) {
        await link.click({ force: true, timeout: 2_000 }).catch(() => undefined);
        expect(await page.getByRole('dialog', { name: 'Open this address?' }).count()).toBe(0);
      }
      for (const frame of page.frames()) {
        expect(await frame.evaluate(() => 'harm' in globalThis)).toBe(false);
      }
      expect(await paper.locator('article').evaluate(whatIsLeft)).toEqual([]);
      await closeViewer(page);
    });
  }
});

/** What could run, load, submit or pass for ours; runs in the frame. */
function whatIsLeft(article: Element): string[] {
  const bad =
    /^(?:script|iframe|object|embed|svg|math|style|form|button|textarea|link|meta|base|input)$/u;
  return [...article.querySelectorAll('*')].flatMap(({ localName, attributes, id }) => [
    ...(bad.test(localName) ? [localName] : []),
    ...(id === '' || id.startsWith('user-content-') ? [] : [id]),
    ...[...attributes]
      .map(({ name }) => name)
      .filter((it) => /^(?:on|style|src|href|act)/u.test(it)),
  ]);
}

test(
  'separated values are a table that is searched and sorted',
  LONG,
  async ({ page, fixtureFiles }) => {
    test.setTimeout(240_000);
    const rows = Array.from({ length: 5_000 }, (_, at) => `"thing, ${at}";${(at * 37) % 1000},5`);
    await pickFiles(page, [fixtureFiles.file('things.csv', `name;price\n${rows.join('\n')}\n`)]);
    await transfersEnd(page);
    await open(page, 'things.csv');
    const table = textFrame(page).getByRole('table');
    await expect(table.getByRole('columnheader', { name: 'price' })).toBeVisible();
    await expect(textFrame(page).getByText('5000 rows')).toBeVisible();
    // Only the rows in sight are in the document.
    expect(await table.getByRole('row').count()).toBeLessThan(100);
    await table.getByRole('button', { name: 'price' }).click();
    await expect(table.getByRole('cell').nth(1)).toHaveText('0,5');
    await table.getByRole('button', { name: 'price' }).click();
    await expect(table.getByRole('cell').nth(1)).toHaveText('999,5');
    await inEverySize(page, 'table');
    await page.setViewportSize({ width: 1280, height: 800 });
    await textFrame(page).getByRole('searchbox').fill('thing, 4999');
    await expect(textFrame(page).getByText('1 of 5000 rows')).toBeVisible();
    await expect(table.getByRole('cell').first()).toHaveText('thing, 4999');
    await textFrame(page).getByRole('button', { name: 'Edit', exact: true }).click();
    await seesText(page, 'name;price');
    await closeViewer(page);
    await sees(page, ['things.csv']);
  },
);
