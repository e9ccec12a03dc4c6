import { expect, it } from 'vitest';
import { attachmentsOf } from './attachments.ts';

it('attachments are bounded in number and in the length of their texts', () => {
  const long = { filename: 'x'.repeat(9_000), description: 'y'.repeat(9_000) };
  const many = new Map(Array.from({ length: 5_000 }, (_, at) => [String(at), long]));
  const found = attachmentsOf(many);
  expect(found).toHaveLength(1_000);
  expect(found[0]).toEqual({ id: '0', name: 'x'.repeat(300), description: 'y'.repeat(300) });
});
