/** Files of websites by C-9 §9.10. */
import { describe, expect, it } from 'vitest';
import { createTestDrive } from '#lib/drive/testing.ts';
import { DEFAULT_SITE_POLICY, siteFile, sitePolicy, type SiteFileOptions } from './site-file.ts';
import { bytesOfBody, putFiles, type TestFiles } from './testing.ts';

async function siteOf(files: TestFiles) {
  const { drive } = await createTestDrive();
  await putFiles(drive, 'www', files);
  await putFiles(drive, '', { 'secret.txt': 'secret' });
  const site = { drive, root: await drive.resolve(['www']) };
  const get = async (path: string, options?: SiteFileOptions) => {
    const file = await siteFile(site, path, options);
    const text = new TextDecoder().decode(await bytesOfBody(file));
    return [file.status, file.type, text] as const;
  };
  return { site, get };
}

const PAGES = {
  'index.html': 'start',
  'sub/index.html': 'sub',
  'bare/x.txt': 'x',
  '.well-known/a': 'hidden',
};

describe('a website', () => {
  it('answers folders by their index.html, and what is missing by 404.html', async () => {
    const { get } = await siteOf({ ...PAGES, '404.html': 'gone' });
    for (const path of ['', '/', 'index.html']) {
      expect(await get(path), path).toEqual([200, 'text/html', 'start']);
    }
    for (const path of ['sub', 'sub/', '/sub/index.html']) {
      expect(await get(path), path).toEqual([200, 'text/html', 'sub']);
    }
    for (const path of [
      'no',
      'bare',
      'bare/no',
      'index.html/x',
      '../secret.txt',
      '%2e%2e/secret.txt',
    ]) {
      expect(await get(path), path).toEqual([404, 'text/html', 'gone']);
    }
  });

  it('without a 404.html answers what is missing by nothing', async () => {
    const { get } = await siteOf(PAGES);
    expect(await get('no')).toEqual([404, 'text/plain', '']);
  });

  it('has types by extension, then by content, then as stored', async () => {
    const { get } = await siteOf({
      'a.js': 'x',
      'a.css': 'x',
      'a.json': '{}',
      'a.svg': '<svg/>',
      'a.xml': '<a/>',
      'a.wasm': 'x',
      'a.woff': 'x',
      'a.png': 'no picture',
      page: '<!DOCTYPE html><p>',
      'photo.bin': Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2),
    });
    const types: Record<string, string> = {
      'a.js': 'text/javascript',
      'a.css': 'text/css',
      'a.json': 'application/json',
      'a.svg': 'image/svg+xml',
      'a.xml': 'application/xml',
      'a.wasm': 'application/wasm',
      'a.woff': 'font/woff',
      'a.png': 'image/png',
      page: 'text/html',
      'photo.bin': 'image/jpg',
    };
    for (const [path, type] of Object.entries(types)) expect((await get(path))[1], path).toBe(type);
  });

  it('serves hidden files by name at a gateway, and not in the viewer', async () => {
    const { get } = await siteOf(PAGES);
    expect((await get('.well-known/a', { servesHidden: true }))[2]).toBe('hidden');
    expect((await get('.well-known/a'))[0]).toBe(404);
  });

  it('sets its policy by headers.json of at most 1024 bytes, if that says one', async () => {
    const policy = "default-src 'none'; script-src 'self'";
    const json = JSON.stringify({ 'content-security-policy': policy });
    expect(await sitePolicy((await siteOf({ 'headers.json': json })).site)).toBe(policy);
    const bad = [
      json.padEnd(1025),
      '{"content-security-policy":{"length":3}}',
      JSON.stringify({ 'content-security-policy': "default-src 'self'\r\nset-cookie: a=b" }),
      JSON.stringify({ 'content-security-policy': 'é' }),
      '[]',
      'no json',
    ];
    for (const text of bad) {
      const { site } = await siteOf({ 'headers.json': text });
      expect(await sitePolicy(site), text).toBe(DEFAULT_SITE_POLICY);
    }
    expect(await sitePolicy((await siteOf(PAGES)).site)).toBe("default-src 'self'");
  });
});
