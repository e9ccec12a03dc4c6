import { describe, expect, it } from 'vitest';
import { appOriginOf, isAppLabel } from './app-origins.ts';

const LABEL = `b${'a'.repeat(55)}`;

describe('origins of apps', () => {
  it.each([
    ['https://*.apps.example.org', `https://${LABEL}.apps.example.org`],
    ['http://*.apps.localhost:8000', `http://${LABEL}.apps.localhost:8000`],
  ])('%s stands for one origin of each label', (pattern, origin) => {
    expect(appOriginOf(pattern, LABEL)).toBe(origin);
    expect(new URL(origin).origin).toBe(origin);
  });

  it.each([
    '*',
    'https://apps.example.org',
    'https://*.org',
    'https://*.apps.example.org/path',
    'https://*.apps.example.org;img-src *',
    'https://*.user@example.org',
    'javascript://*.apps.example.org',
    `https://*.${'a.'.repeat(200)}org`,
  ])('%s is no pattern of origins', (pattern) => {
    expect(appOriginOf(pattern, LABEL)).toBeUndefined();
  });

  it.each(['', 'alice', `${LABEL}a`, LABEL.toUpperCase(), `x.${LABEL}`])(
    '"%s" is no label',
    (label) => {
      expect(isAppLabel(label)).toBe(false);
      expect(appOriginOf('https://*.apps.example.org', label)).toBeUndefined();
    },
  );
});
