import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from './errors.ts';
import { createPerson, signUpCheaply, type TestPerson } from './testing.ts';

const [COMPOSED, DECOMPOSED] = ['Überblick'.normalize('NFC'), 'Überblick'.normalize('NFD')];
const [SIGN, LETTER, APART] = ['\u212B', '\u00C5', 'A\u030A'];

describe('paths in another spelling than the stored one', { timeout: 120_000 }, () => {
  let alice: TestPerson;

  beforeAll(async () => {
    alice = createPerson({ PYRGOS_USER: 'alice' });
    await signUpCheaply(alice, 'alice');
    await alice.run(['put', '-', DECOMPOSED], 'first');
  }, 60_000);

  it('lead to it, and to nothing new', async () => {
    expect((await alice.run(['cat', COMPOSED])).out).toBe('first');
    expect(await alice.run(['put', '-', COMPOSED], 'x')).toMatchObject({ exitCode: EXIT.exists });
    expect(await alice.run(['mkdir', COMPOSED])).toMatchObject({ exitCode: EXIT.exists });
    expect(await alice.run(['get', COMPOSED, 'here'])).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(alice.folder, 'here'), 'utf8')).toBe('first');
    expect((await alice.run(['ls'])).out).toBe(`${DECOMPOSED}\n`);
  });

  it('never remove the file that is to be renamed or copied', async () => {
    expect(await alice.run(['cp', '-f', COMPOSED, COMPOSED])).toMatchObject({
      exitCode: EXIT.misused,
    });
    expect(await alice.run(['mv', '-f', DECOMPOSED, COMPOSED])).toMatchObject({ exitCode: 0 });
    expect((await alice.run(['ls'])).out).toBe(`${COMPOSED}\n`);
    expect((await alice.run(['cat', DECOMPOSED])).out).toBe('first');
  });

  it('are ambiguous where two look so and none is exact', async () => {
    for (const name of [SIGN, APART]) writeFileSync(join(alice.folder, name), name);
    expect(await alice.run(['put', SIGN, APART, '/'])).toMatchObject({ exitCode: 0, err: '' });
    expect((await alice.run(['cat', SIGN])).out).toBe(SIGN);
    expect((await alice.run(['cat', APART])).out).toBe(APART);
    const said = await alice.run(['--json', 'rm', LETTER]);
    expect(said.exitCode).toBe(EXIT.notFound);
    expect(JSON.parse(said.err)).toMatchObject({ error: { name: 'NameAmbiguous' } });
  });
});
