/** Work goes on while the server is away; what was changed waits in the browser and is sent. */
import { enter, goUp, makeFolder, rename, sees, transfersEnd } from './acts.ts';
import { expect, test } from './fixtures.ts';
import { Profile } from './profile.ts';
import { ANNA, pickFiles, signIn, signUp } from './person.ts';

test('changes without the server are seen, outlive a reload, and reach it', async ({
  page,
  node,
  watch,
  materials,
}) => {
  test.setTimeout(120_000);
  watch.allow(/ERR_CONNECTION_REFUSED/);
  await page.goto(node.root);
  await signUp(page, ANNA);
  await pickFiles(page, [materials.file('old.txt', 'Old words.')]);
  await transfersEnd(page);
  await sees(page, ['old.txt']);

  await node.stop();
  await makeFolder(page, 'made away');
  await enter(page, 'made away');
  await pickFiles(page, [materials.file('words.txt', 'Written away.')]);
  await transfersEnd(page);
  await goUp(page, 'Home');
  await rename(page, 'old.txt', 'renamed.txt');
  await sees(page, ['made away', 'renamed.txt']);
  await expect(page.getByText(/\d+ changes wait to be sent/)).toBeVisible();
  await page.reload();
  await sees(page, ['made away', 'renamed.txt']);
  await enter(page, 'made away');
  await sees(page, ['words.txt']);
  await expect(page.getByText(/\d+ changes wait to be sent/)).toBeVisible();

  await node.restart();
  await expect(page.getByText('Your changes were sent to the server.')).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByText(`${node.host} cannot be reached.`)).toBeHidden();
  const elsewhere = new Profile();
  const other = await elsewhere.page();
  await other.goto(node.root);
  await signIn(other, ANNA);
  await sees(other, ['made away', 'renamed.txt']);
  await enter(other, 'made away');
  await sees(other, ['words.txt']);
  await elsewhere.destroy();
});
