/** The people around an account: what the commands about them work with, made when it is needed. */
import { TrustStore, type NameWitness, type Session } from '#lib/account/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import type { Drive, DriveDeps, Handle } from '#lib/drive/index.ts';
import {
  Follow,
  FriendRoots,
  identitiesFrom,
  Links,
  Profile,
  Sharing,
  Verification,
  Website,
  type Acquaintance,
  type SocialDeps,
  type SocialState,
} from '#lib/social/index.ts';

/** The tree of somebody we do not follow. */
class NotFollowed extends PyrgosError {
  override readonly name = 'NotFollowed';
  override readonly kind = 'not-found';
  constructor(username: string) {
    super(`You do not follow “${username}”, so there is nothing of theirs to see.`);
  }
}

export class Circle {
  readonly follow: Follow;
  readonly sharing: Sharing;
  readonly links: Links;
  readonly verification: Verification;
  readonly profile: Profile;
  readonly website: Website;
  readonly deps: SocialDeps;
  readonly #roots: FriendRoots;

  constructor(
    drive: Drive,
    driveDeps: DriveDeps,
    session: Session,
    witnesses: readonly NameWitness[] = [],
  ) {
    const { node, clock } = driveDeps;
    const trust = new TrustStore(drive, node, witnesses);
    const deps: SocialDeps = {
      drive,
      driveDeps,
      node,
      person: session,
      random: systemRandom,
      clock,
      ...identitiesFrom(trust),
    };
    this.deps = deps;
    this.follow = new Follow(deps);
    this.sharing = new Sharing(deps);
    this.links = new Links(deps);
    this.verification = new Verification(deps);
    this.profile = new Profile(deps);
    this.website = new Website(deps);
    this.#roots = new FriendRoots(deps);
  }

  /** Who is who now; answers that came are acted on, and the trees are those of whom we follow. */
  async state(signal?: AbortSignal): Promise<SocialState> {
    const state = await this.follow.state(signal);
    await this.#mount(signal);
    return state;
  }

  /** Those we do not follow, of whom those we follow handed something on that opens now. */
  async handedOn(signal?: AbortSignal): Promise<readonly Acquaintance[]> {
    return this.#roots.receive(await this.follow.people(signal), signal);
  }

  /**
   * The top of somebody's tree. Of others than ourselves it is looked up at the first use; an answer
   * that lets us follow them may still wait. @throws NotFollowed
   */
  async openRoot(username: string, signal?: AbortSignal): Promise<Handle> {
    const { roots } = this.deps.drive;
    if (!roots.has(username)) await this.#mount(signal);
    if (!roots.has(username)) await this.state(signal);
    if (!roots.has(username)) await this.handedOn(signal);
    if (!roots.has(username)) throw new NotFollowed(username);
    return roots.open(username, signal);
  }

  async #mount(signal?: AbortSignal): Promise<void> {
    this.#roots.mount(await this.follow.people(signal));
  }
}
