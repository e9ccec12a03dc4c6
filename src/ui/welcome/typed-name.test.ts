import { expect, it } from 'vitest';
import { typedName } from './typed-name.ts';

it('takes capital letters and spaces around a typed name as what was meant', () => {
  expect(typedName('Anna ')).toBe('anna');
  expect(typedName(' ANNA-2')).toBe('anna-2');
  expect(typedName('anna')).toBe('anna');
});
