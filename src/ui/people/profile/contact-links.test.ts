import { describe, expect, it } from 'vitest';
import { emailLink, phoneLink, webPlace } from './contact-links.ts';

describe('links of a profile', () => {
  it.each([
    ['+44 1865 276150', 'tel:+441865276150'],
    ['(030) 12-34', 'tel:0301234'],
    ['1;phone-context=evil', undefined],
    ['javascript:alert(1)', undefined],
    ['---', undefined],
    ['', undefined],
  ])('call %s', (text, href) => {
    expect(phoneLink(text)).toBe(href);
  });

  it.each([
    ['alice@example.org', 'mailto:alice@example.org'],
    ['a?bcc=eve@example.org', 'mailto:a%3Fbcc%3Deve@example.org'],
    ['a@example.org?bcc=eve', 'mailto:a@example.org%3Fbcc%3Deve'],
    ['a@b@c', undefined],
    ['alice', undefined],
    ['a b@example.org', undefined],
  ])('write to %s', (text, href) => {
    expect(emailLink(text)).toBe(href);
  });

  it.each([
    ['alice/www', { kind: 'folder', path: ['alice', 'www'] }],
    ['https://example.org/a', { kind: 'address', href: 'https://example.org/a' }],
    ['http://example.org', { kind: 'address', href: 'http://example.org/' }],
    ['alice', undefined],
    ['alice/../bob', undefined],
    ['bob/www', undefined],
    ['javascript:alert(1)', undefined],
    ['data:text/html,1', undefined],
    ['https://bank.example@evil.example/', undefined],
    ['//example.org', undefined],
  ])('lead to the website %s', (text, place) => {
    expect(webPlace(text, 'alice')).toEqual(place);
  });
});
