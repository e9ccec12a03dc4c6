/** The website of a person at a node that serves websites: its address, and a new name of its folder. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect, test } from './fixtures.ts';
import { ANNA, entry, pickFiles, signUp } from './pages/account-page.ts';
import { act, enter, goTo, makeFolder, transfersEnd } from './pages/drive-page.ts';

const PAGE = '<!doctype html><h1>Sunflowers</h1>';

test.use({ nodeOptions: { gatewayDomain: 'sites.localhost' } });

test('a website has an address, and stays public when its folder gets another name', async ({
  page,
  node,
  fixtureFiles,
}) => {
  const address = `http://anna.sites.${node.host}/`;
  const served = async (): Promise<string> => {
    const headers = { host: new URL(address).host };
    const [answer] = (await once(get(node.root, { headers }), 'response')) as [IncomingMessage];
    return (await answer.setEncoding('utf8').toArray()).join('');
  };
  await page.goto(node.root);
  await signUp(page, ANNA);
  await makeFolder(page, 'www');
  await enter(page, 'www');
  await pickFiles(page, [fixtureFiles.file('index.html', PAGE)]);
  await transfersEnd(page);
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Profile' }).click();
  await page.getByRole('button', { name: 'Choose folder' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'www' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Choose this folder' }).click();
  await page.getByRole('button', { name: 'Publish website' }).click();
  await expect(page.getByText(address)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Open website' })).toBeVisible();
  expect(await served()).toBe(PAGE);
  await goTo(page, 'Drive');
  await act(page, 'www', 'Rename');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('Your public website lies in this folder.')).toBeVisible();
  await expect(dialog.getByRole('checkbox')).toBeChecked();
  await dialog.getByRole('textbox').fill('garden');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(dialog).toBeHidden();
  await expect(entry(page, 'garden')).toBeVisible();
  expect(await served()).toBe(PAGE);
  await act(page, 'garden', 'Rename');
  await dialog.getByRole('checkbox').uncheck();
  await dialog.getByRole('textbox').fill('private');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(dialog).toBeHidden();
  expect(await served()).toBe('404\n');
});
