/**
 * Three people on one node (five in long runs) do as they please, by a seed, one of them on two devices. Answers of the
 * node get lost after it did the work, devices begin again, passwords change, and with the first new
 * one an account of the oldest kind gets another identity. A plain model says who may see what. After
 * each step everybody sees exactly that, on the devices they have and on one that knows nothing, and
 * so do visitors with a link.
 */
import { describe, expect, it } from 'vitest';
import { isLongRun } from '#lib/bytes/testing.ts';
import { createSeededRandom, type SeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import { visit } from './links/testing.ts';
import { Acts, type Act } from './testing/acts.ts';
import { Circle, isLost } from './testing/circle.ts';
import { Model, sharesLine } from './testing/model.ts';
import { seen, type TestPerson } from './testing.ts';

const STEPS = isLongRun ? 200 : 40;
const SEEDS = Array.from({ length: isLongRun ? 10 : 2 }, (_, i) => i + 1);
const FRIENDS = isLongRun ? ['bob', 'carol', 'dave', 'erin'] : ['bob', 'carol'];

interface Picture {
  readonly views: Readonly<Record<string, Record<string, string>>>;
  readonly shares: readonly string[];
}

class Walk {
  readonly #circle: Circle;
  readonly #random: SeededRandom;
  readonly #model = new Model();
  readonly #acts: Acts;
  readonly #steps: string[] = [];

  constructor(circle: Circle, random: SeededRandom) {
    this.#circle = circle;
    this.#random = random;
    this.#acts = new Acts(this.#model, random, FRIENDS);
  }

  async step(): Promise<void> {
    const [random, circle] = [this.#random, this.#circle];
    const name = random.pick(['alice', ...FRIENDS]);
    const kind = random.below(20);
    const losesAnAnswer = random.below(5) === 0;
    if (kind === 0) {
      this.#steps.push(`${name} has a new password${losesAnAnswer ? ', an answer is lost' : ''}`);
      await circle.changePassword(name, losesAnAnswer);
    } else if (kind === 1) {
      this.#steps.push(`a device of ${name} begins again`);
      circle.restart(name);
    } else await this.#do(this.#acts.next(), losesAnAnswer);
  }

  async #do(act: Act, losesAnAnswer: boolean): Promise<void> {
    const { what, who, run, apply, settle } = act;
    this.#steps.push(`${what}${losesAnAnswer ? ', an answer is lost' : ''}`);
    const device = this.#circle.any(who);
    const putBack = this.#model.remember();
    try {
      await run(losesAnAnswer ? this.#circle.losingAnAnswer(device) : device);
      apply();
    } catch (error) {
      if (!losesAnAnswer || !isLost(error)) throw error;
      // It is done or it is not: which of the two, nobody was told.
      const found = await this.#picture();
      apply();
      if (JSON.stringify(found) !== JSON.stringify(this.#expected())) putBack();
      expect(found, this.#about).toEqual(this.#expected());
      await settle?.(this.#circle.fresh('alice'));
    }
  }

  /** Everybody sees what the model says. */
  async look(): Promise<void> {
    await this.#sees(this.#circle.any('alice'));
    for (const name of FRIENDS) await this.#sees(this.#circle.any(name));
  }

  /** So do visitors with a link, and devices that know nothing; and all that is shared is noted. */
  async lookAround(): Promise<void> {
    const { place } = this.#circle;
    for (const entry of this.#model.all()) {
      for (const address of entry.links) {
        expect(await visit(place, address), this.#about).toEqual(this.#model.behind(entry));
      }
    }
    for (const address of this.#model.gone) {
      const visited = visit(place, address);
      await expect(visited, this.#about).rejects.toMatchObject({ name: 'LinkRemoved' });
    }
    expect(await this.#picture(), this.#about).toEqual(this.#expected());
  }

  get #about(): string {
    return this.#steps.slice(-6).join('\n');
  }

  async #sees(who: TestPerson): Promise<void> {
    expect(await seen(who, 'alice'), this.#about).toEqual(this.#model.view(who.username));
  }

  /** What devices that know nothing find. */
  async #picture(): Promise<Picture> {
    const views: Picture['views'] = {};
    for (const name of ['alice', ...FRIENDS]) {
      Object.assign(views, { [name]: sorted(await seen(this.#circle.fresh(name), 'alice')) });
    }
    const shares = (await this.#circle.fresh('alice').sharing.all())
      .filter(({ path }) => path[1] !== 'shared')
      .map(({ path, shares: { read, write, links } }) =>
        sharesLine(path, read, write, links.length),
      );
    return { views, shares: shares.sort() };
  }

  #expected(): Picture {
    const views = Object.fromEntries(
      ['alice', ...FRIENDS].map((name) => [name, sorted(this.#model.view(name))]),
    );
    return { views, shares: this.#model.shares() };
  }
}

function sorted(view: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(view).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe.each(SEEDS)('people (seed %i)', (seed) => {
  it(
    'see what the model says after each step',
    { timeout: isLongRun ? 1_800_000 : 240_000 },
    async () => {
      const random = createSeededRandom(seed);
      const walk = new Walk(await Circle.gather(random, FRIENDS), random);
      for (let step = 0; step < STEPS; step++) {
        await walk.step();
        await walk.look();
        if (step % 8 === 7) await walk.lookAround();
      }
    },
  );
});
