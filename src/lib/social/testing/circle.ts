/** The people of the model test and their devices, which restart, and whose passwords change. */
import { changePassword, signIn } from '#lib/account/index.ts';
import { createOldestAccount, seededRandom, type TestPlace } from '#lib/account/testing.ts';
import type { SeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import { createPointerMemory } from '#lib/writers/index.ts';
import { Lost, observed } from '#lib/writers/testing.ts';
import { befriend, createTown, personOf, settle, type TestPerson } from '../testing.ts';

/** What only asks leaves the same behind, whether it was heard or not. */
const ASKING = /\.(?:get|has|sizeBytes|champLookup|properties|chain|publicKey|pending)$/;
/** An answer is lost within so many calls that change something, if there are as many. */
const CALLS = 5;
/** After one of these the act is done, whatever is heard of it. */
const DECIDING = /^(?:pointers\.set|accounts\.setLogin|names\.update)/;

export class Circle {
  readonly place: TestPlace;
  readonly #random: SeededRandom;
  readonly #devices = new Map<string, TestPerson[]>();
  readonly #passwords = new Map<string, string>();
  #signedIn = 0;

  private constructor(place: TestPlace, random: SeededRandom) {
    this.place = place;
    this.#random = random;
  }

  /** Alice on two devices, and her friends: Bob, whose account is of the oldest kind, and others. */
  static async gather(random: SeededRandom, friends: readonly string[]): Promise<Circle> {
    const circle = new Circle(createTown(), random);
    for (const name of ['alice', ...friends.filter((friend) => friend !== 'bob')]) {
      circle.#devices.set(name, [await settle(circle.place, name)]);
      circle.#passwords.set(name, `${name} has a long password`);
    }
    const bob = { username: 'bob', password: 'bob was here early on' };
    await createOldestAccount(circle.place, bob);
    circle.#passwords.set('bob', bob.password);
    circle.#devices.set('bob', [await circle.#signedInAs('bob')]);
    for (const name of friends) await befriend(circle.any('alice'), circle.any(name));
    circle.#devices.get('alice')!.push(circle.any('alice').another());
    return circle;
  }

  /** One of the devices somebody has. */
  any(name: string): TestPerson {
    return this.#random.pick(this.#devices.get(name)!);
  }

  /** A device that knows nothing yet. */
  fresh(name: string): TestPerson {
    return this.any(name).another();
  }

  /** One of somebody's devices begins again, and knows what is stored alone. */
  restart(name: string): void {
    const devices = this.#devices.get(name)!;
    const at = this.#random.below(devices.length);
    devices[at] = devices[at]!.another();
  }

  /** The same device, which loses the answer to a call that changed something. */
  losingAnAnswer(device: TestPerson): TestPerson {
    return device.onNode(this.#losing());
  }

  /** Somebody changes the password, and signs in with it everywhere. */
  async changePassword(name: string, losesAnAnswer: boolean): Promise<void> {
    const oldPassword = this.#passwords.get(name)!;
    const newPassword = `${name} now has password ${(this.#signedIn += 1)} of many`;
    const deps = this.#deps(
      `password ${this.#signedIn}`,
      losesAnAnswer ? this.#losing() : undefined,
    );
    try {
      await changePassword(deps, { username: name, oldPassword, newPassword });
      this.#passwords.set(name, newPassword);
    } catch (error) {
      if (!losesAnAnswer || !isLost(error)) throw error;
      // Exactly one of the two opens the account.
      const [isOld, isNew] = [
        await this.#opens(name, oldPassword),
        await this.#opens(name, newPassword),
      ];
      if (isOld === isNew) throw new Error(`${name}: old ${isOld}, new ${isNew}`, { cause: error });
      if (isNew) this.#passwords.set(name, newPassword);
    }
    const devices = this.#devices.get(name)!;
    for (const at of devices.keys()) devices[at] = await this.#signedInAs(name);
  }

  async #signedInAs(username: string): Promise<TestPerson> {
    const seed = `${username} ${(this.#signedIn += 1)}`;
    const password = this.#passwords.get(username)!;
    return personOf(this.place, await signIn(this.#deps(seed), { username, password }), seed);
  }

  async #opens(username: string, password: string): Promise<boolean> {
    return signIn(this.#deps(`${username} tries`), { username, password }).then(
      () => true,
      () => false,
    );
  }

  #deps(seed: string, node = this.place.node): TestPlace {
    const pointerMemory = createPointerMemory();
    return { ...this.place, node, random: seededRandom(seed), pointerMemory };
  }

  #losing(): TestPlace['node'] {
    const isDeciding = this.#random.below(2) === 0;
    let left = isDeciding ? 0 : this.#random.below(CALLS);
    const counts = (call: string): boolean =>
      isDeciding ? DECIDING.test(call) : !ASKING.test(call);
    const plan = (_index: number, call: string) =>
      counts(call) && left-- === 0 ? 'lost reply' : undefined;
    return observed(this.place.node, plan).node as TestPlace['node'];
  }
}

/** Whether an act ended because an answer was lost. */
export function isLost(error: unknown): boolean {
  return error instanceof Lost || (error instanceof Error && isLost(error.cause));
}
