/** The owner's device dies at any call to the node; what another one finds is the old or the new. */
import { describe, expect, it } from 'vitest';
import { Killed, killedAt } from '#lib/account/testing.ts';
import type { TestPerson } from '../testing.ts';
import type { LinkedItem } from './links.ts';
import { house, visit } from './testing.ts';

const DOCS = ['alice', 'docs'];
const PLAN = ['alice', 'docs', 'plan.txt'];
const STEPS_MAX = 200;
const WHOLE = { 'inner/deep.txt': 'deep', 'plan.txt': 'the plan' };

type Town = Awaited<ReturnType<typeof house>>;

/** Does it on devices that die one call later each time, until one lives. */
async function atEveryStep(
  { town, alice }: Town,
  act: (device: TestPerson) => Promise<unknown>,
  check: (links: readonly LinkedItem[]) => Promise<void>,
): Promise<number> {
  for (let step = 1; step <= STEPS_MAX; step++) {
    try {
      await act(alice.onNode(killedAt(town.node, step)));
      return step - 1;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    await check(await alice.another().links.all());
  }
  throw new Error('it never ends');
}

async function opens({ town, alice }: Town, links: readonly LinkedItem[]): Promise<void> {
  for (const { path, link } of links) {
    const content = await visit(town, alice.links.addressOf(link), link.userPassword);
    expect(content).toEqual(path.length === 2 ? WHOLE : 'the plan');
  }
}

describe('a device that dies', () => {
  it.each([
    ['to read', PLAN, false],
    ['to write', DOCS, true],
  ])('making a link %s leaves none, or one that opens', async (_, path, isWritable) => {
    const set = await house();
    await set.alice.links.create(DOCS, false);
    const deaths = await atEveryStep(
      set,
      (device) => device.links.create(path, isWritable),
      (links) => opens(set, links),
    );
    expect(deaths).toBeGreaterThan(5);
    await opens(set, await set.alice.links.all());
  });

  it('changing a link leaves it as it was, or as it shall be', async () => {
    const set = await house();
    const { label } = await set.alice.links.create(PLAN, false, { userPassword: 'old' });
    const deaths = await atEveryStep(
      set,
      (device) => device.links.update(PLAN, label, { userPassword: 'new' }),
      async (links) => {
        expect(links).toHaveLength(1);
        await opens(set, links);
      },
    );
    expect(deaths).toBeGreaterThan(5);
    expect((await set.alice.links.of(PLAN))[0]?.userPassword).toBe('new');
  });

  it('taking a link back leaves it listed and open, or neither', async () => {
    const set = await house();
    const link = await set.alice.links.create(PLAN, false);
    const deaths = await atEveryStep(
      set,
      (device) => device.links.remove(PLAN, [link.label]),
      async (links) => {
        if (links.length > 0) return opens(set, links);
        const visiting = visit(set.town, set.alice.links.addressOf(link));
        await expect(visiting).rejects.toMatchObject({ name: 'LinkRemoved' });
      },
    );
    expect(deaths).toBeGreaterThan(5);
    expect(await set.alice.links.all()).toEqual([]);
  });
});
