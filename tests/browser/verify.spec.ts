/** Two friends compare their keys: by number, by a picture, and with a camera that plays a film. */
import { expect, type Page } from '@playwright/test';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { film, FILM, test } from './camera.ts';
import { picture } from './fixture-files.ts';
import { LONG } from './fixtures.ts';
import { goTo, signOut } from './pages/drive-page.ts';
import { ANNA, BORIS, signIn, signUp } from './pages/account-page.ts';

const [DESK] = SIZES;
const row = (page: Page, name: string) =>
  page.locator('.row').filter({ has: page.getByText(name, { exact: true }) });
const verifyButton = (page: Page, name: string) =>
  row(page, name).getByRole('button', { name: `Verify: ${name}` });

/** How often the camera was opened, and how many of those are still open. */
function cameraUse(page: Page): Promise<{ opened: number; live: number }> {
  return page.evaluate(() => {
    const { cameraTracks: all } = globalThis as unknown as { cameraTracks: MediaStreamTrack[] };
    return { opened: all.length, live: all.filter((it) => it.readyState === 'live').length };
  });
}

async function tabTo(page: Page, label: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('Tab');
    await expect(page.getByLabel(label)).toBeFocused({ timeout: 100 });
  }).toPass();
}

test('two friends verify each other', LONG, async ({ page, site, fixtureFiles, context }) => {
  const sheet = page.getByRole('dialog');
  const yes = sheet.getByText('Verified. boris still has the keys you compared.');
  const no = sheet.getByText('Not verified yet.');
  const codePath = fixtureFiles.path('code.png');
  let digits = '';
  let ownDigits = '';

  await page.setViewportSize(DESK);
  await page.goto(site.root);
  await signUp(page, BORIS);
  await signOut(page);
  await signUp(page, ANNA);
  await goTo(page, 'Friends');
  await page.getByLabel('Find people').fill('boris');
  await page.getByRole('button', { name: 'Ask to follow: boris' }).click();
  await expect(page.getByText('boris was asked.')).toBeVisible();
  await signOut(page);

  await test.step('one shows a number and a code', async () => {
    await signIn(page, BORIS);
    await goTo(page, 'Friends');
    await page.getByRole('button', { name: 'Allow and follow back: anna' }).click();
    await verifyButton(page, 'anna').click();
    await expect(no).toBeVisible();
    await sheet.getByRole('img', { name: 'Your code, for anna to scan' }).screenshot({
      path: codePath,
    });
    digits = await sheet.getByRole('group', { name: 'Safety number' }).innerText();
    expect(digits.replaceAll(/\s/g, '')).toMatch(/^\d{60}$/);
    await inEverySize(page, 'verify, not verified');
    await page.setViewportSize(DESK);
    await sheet.getByRole('button', { name: 'Close' }).click();
    await signOut(page);
  });

  await test.step('the other types it, with the keyboard alone', async () => {
    await signIn(page, ANNA);
    await goTo(page, 'Friends');
    await verifyButton(page, 'boris').focus();
    await page.keyboard.press('Enter');
    await expect(no).toBeVisible();
    ownDigits = await sheet.getByRole('group', { name: 'Safety number' }).innerText();
    expect(ownDigits).toBe(digits);
    const field = 'Or type the 60 digits from the other screen';
    await tabTo(page, field);
    const others = digits.replace(/\d/, (digit) => String((Number(digit) + 1) % 10));
    await page.keyboard.insertText(others.replaceAll('\n', ' '));
    await page.keyboard.press('Enter');
    await expect(sheet.getByText('They do not match, so boris is not verified.')).toBeVisible();
    await inEverySize(page, 'verify, no match');
    await page.setViewportSize(DESK);
    await page.getByLabel(field).focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText(digits.replaceAll('\n', ' '));
    await page.keyboard.press('Enter');
    await expect(yes).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
    await expect(verifyButton(page, 'boris')).toBeFocused();
    await expect(row(page, 'boris').getByText('Verified', { exact: true })).toBeVisible();
    await inEverySize(page, 'friends, one verified');
    await page.setViewportSize(DESK);
  });

  await test.step('takes it back, and says so after a look at the numbers', async () => {
    await verifyButton(page, 'boris').click();
    await expect(yes).toBeVisible();
    await sheet.getByRole('button', { name: 'They do not match' }).click();
    await expect(yes).toBeHidden();
    await sheet.getByRole('button', { name: 'They match' }).click();
    await expect(yes).toBeVisible();
    await sheet.getByRole('button', { name: 'They do not match' }).click();
    await expect(yes).toBeHidden();
    await sheet.getByRole('button', { name: 'Close' }).click();
    await expect(row(page, 'boris').getByText('Verified', { exact: true })).toBeHidden();
  });

  await test.step('chooses pictures: none of a code, the own code, the friend’s', async () => {
    await verifyButton(page, 'boris').click();
    await expect(no).toBeVisible();
    const ownPath = fixtureFiles.path('own.png');
    await sheet.getByRole('img', { name: 'Your code, for boris to scan' }).screenshot({
      path: ownPath,
    });
    const picker = sheet.locator('input[type=file]');
    await picker.setInputFiles(fixtureFiles.file('grey.png', picture(300, 300, [90, 90, 90])));
    await expect(sheet.getByText('No code was found in this picture.')).toBeVisible();
    await picker.setInputFiles(ownPath);
    await expect(sheet.getByText('This is your own code.')).toBeVisible();
    await expect(sheet.getByText('No code was found in this picture.')).toBeHidden();
    await picker.setInputFiles(codePath);
    await expect(yes).toBeVisible();
    await sheet.getByRole('button', { name: 'They do not match' }).click();
    await sheet.getByRole('button', { name: 'Close' }).click();
  });

  await test.step('looks with the camera, which goes off with the dialog or the page', async () => {
    film(fixtureFiles.path('grey.png'), fixtureFiles.path(FILM));
    await verifyButton(page, 'boris').click();
    await sheet.getByRole('button', { name: 'Scan with the camera' }).click();
    await expect(sheet.getByLabel('What the camera sees')).toBeVisible();
    await inEverySize(page, 'verify, camera');
    await page.setViewportSize(DESK);
    expect(await cameraUse(page)).toEqual({ opened: 1, live: 1 });
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
      Reflect.deleteProperty(document, 'hidden');
    });
    await expect(sheet.getByText('The camera is off.')).toBeVisible();
    expect(await cameraUse(page)).toEqual({ opened: 1, live: 0 });
    await sheet.getByRole('button', { name: 'Scan with the camera' }).click();
    await expect(sheet.getByLabel('What the camera sees')).toBeVisible();
    await sheet.getByRole('button', { name: 'Close' }).click();
    await expect(sheet).toBeHidden();
    expect(await cameraUse(page)).toEqual({ opened: 2, live: 0 });
  });

  await test.step('and finds the code that the friend shows, also after another result', async () => {
    film(codePath, fixtureFiles.path(FILM));
    await verifyButton(page, 'boris').click();
    await expect(no).toBeVisible();
    await sheet.getByRole('button', { name: 'They do not match' }).click();
    await expect(sheet.getByText('They do not match, so')).toBeVisible();
    await sheet.getByRole('button', { name: 'Scan with the camera' }).click();
    await expect(yes).toBeVisible();
    await expect(sheet.getByText('The camera is off.')).toBeVisible();
    expect(await cameraUse(page)).toEqual({ opened: 3, live: 0 });
    await inEverySize(page, 'verify, verified');
    await page.setViewportSize(DESK);
    await sheet.getByRole('button', { name: 'Close' }).click();
  });

  await test.step('a camera that is refused is told of', async () => {
    await context.grantPermissions([], { origin: site.origin });
    await verifyButton(page, 'boris').click();
    await sheet.getByRole('button', { name: 'Scan with the camera' }).click();
    await expect(sheet.getByText('The camera may not be used here.')).toBeVisible();
    await inEverySize(page, 'verify, camera refused');
  });
});
