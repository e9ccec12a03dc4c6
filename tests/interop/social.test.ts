/** What other clients wrote of people and shares, read by ours, as the reference client saw it. */
import { describe, expect, it } from 'vitest';
import type { Session } from '#lib/account/index.ts';
import { childIn, Drive, removeIn, type DriveDeps } from '#lib/drive/index.ts';
import { Verification } from '#lib/social/index.ts';
import { deviceOn, loadWholeSet, signInTo } from '../../scripts/interop-read.ts';
import { readSocial, socialDeps, type SocialReport } from '../../scripts/interop-social.ts';
import { fingerprintIn, setFolders, setUsers, type SetUser } from './sets.ts';

const TIMEOUT_MS = 120_000;

interface Opened {
  readonly device: DriveDeps;
  readonly session: Session;
  readonly damage: string[];
}

async function open({ folder, username, password }: SetUser): Promise<Opened> {
  const damage: string[] = [];
  const set = await loadWholeSet(folder, username, (sentence) => damage.push(sentence));
  const device = deviceOn(set);
  return { device, session: await signInTo(set, device, password), damage };
}

/** Those parts of a report that the set has an answer for. */
function answeredIn(known: Partial<SocialReport>, report: SocialReport) {
  return Object.fromEntries(Object.entries(report).filter(([member]) => member in known));
}

describe.each(setUsers)('what $username of $folder knows of others', (user) => {
  const { social: known, everybody } = user;
  const absent = (known.social?.following ?? []).filter((name) => !everybody.includes(name));

  it('is what the reference client saw', { timeout: TIMEOUT_MS }, async () => {
    const { device, session, damage } = await open(user);
    const report = await readSocial(device, session, (sentence) => damage.push(sentence));
    expect(answeredIn(known, report)).toEqual(known);
    const named = damage.map((sentence) => sentence.split(':')[0]);
    expect(named).toEqual(absent.map((name) => `/${name}`));
  });

  it('is found again when what was received is forgotten', { timeout: TIMEOUT_MS }, async () => {
    const { device, session } = await open(user);
    await forgetReceived(device, session, everybody);
    const report = await readSocial(device, session, () => undefined);
    expect(answeredIn(known, report)).toEqual(known);
  });
});

const compared = setFolders.flatMap((folder) => {
  const fingerprint = fingerprintIn(folder);
  if (fingerprint === undefined) return [];
  const [one, other] = fingerprint.between.map((name) =>
    setUsers.find((user) => user.folder === folder && user.username === name),
  );
  return [{ folder, fingerprint, one: one!, other: other! }];
});

describe.runIf(compared.length > 0)('two people of a set', () => {
  it.each(compared)('of $folder compare what the reference client showed', async (pair) => {
    const { one, other, fingerprint } = pair;
    const { device, session } = await open(one);
    const verification = new Verification(socialDeps(device, session));
    const shown = await verification.of(other.username);
    expect(shown.safetyNumber).toBe(fingerprint.safetyNumber);
    expect(shown.qrText).toBe(fingerprint.qrTexts[0]);
    const isMarked = one.social.social?.verified.includes(other.username) === true;
    expect(shown.state.kind).toBe(isMarked ? 'verified' : 'not-verified');
    const before = await notesOf(device, session);
    expect(await verification.compare(other.username, fingerprint.qrTexts[1])).toBe(true);
    if (isMarked) expect(await notesOf(device, session)).toEqual(before);
    expect(await verification.compare(other.username, fingerprint.qrTexts[0])).toBe(false);
    expect(await notesOf(device, session)).not.toEqual(before);
  });
});

/** The file in which it is noted who was verified. */
async function notesOf(device: DriveDeps, { home }: Session): Promise<number[]> {
  const drive = new Drive(device, home);
  const bytes: number[] = [];
  const file = await drive.resolve(['.annotations']);
  for await (const piece of drive.read(file)) bytes.push(...piece);
  return bytes;
}

/** Removes the mirror of friends' trees and how far their logs were read. */
async function forgetReceived(
  device: DriveDeps,
  { home: place }: Session,
  everybody: readonly string[],
): Promise<void> {
  await new Drive(device, place).change(async (change, home) => {
    await removeIn(change, home, '.groups-from-friends.cborstream');
    const cache = await childIn(change, home, '.capabilitycache');
    if (cache === undefined) return;
    await removeIn(change, cache, 'world');
    for (const name of everybody) {
      await removeIn(change, cache, `${name}$incoming.cbor`);
    }
  });
}
