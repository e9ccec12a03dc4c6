import { expect, it } from 'vitest';
import { nodeId } from './testing.ts';
import { compareStates, registryStateFromHeader, registryStateToHeader } from './index.ts';

const [one, other] = [nodeId('one'), nodeId('other')];
const state = { identitySequence: 3, pkiSequence: 4711, root: one };

it('says a state in a header, and reads it again', () => {
  const header = registryStateToHeader(state);
  expect(header).toBe(`3.4711 ${one.toString()}`);
  expect(registryStateFromHeader(header)).toEqual(state);
});

it.each([
  undefined,
  null,
  '',
  '3.4711',
  'x.1 zd',
  `3.-1 ${one.toString()}`,
  `3.4711 ${one.toString()} more`,
  `3.4711 ${'z'.repeat(300)}`,
  '3.4711 nothing',
])('reads nothing out of %j', (header) => {
  expect(registryStateFromHeader(header)).toBeUndefined();
});

it('knows the same state, a later and an earlier one, and a fork', () => {
  expect(compareStates(state, state)).toBe('same');
  expect(compareStates(state, { ...state, root: other })).toBe('forked');
  expect(compareStates(state, { ...state, pkiSequence: 4712, root: other })).toBe('ahead');
  expect(compareStates(state, { ...state, pkiSequence: 1 })).toBe('behind');
  expect(compareStates(state, { identitySequence: 4, pkiSequence: 1, root: other })).toBe('ahead');
});
