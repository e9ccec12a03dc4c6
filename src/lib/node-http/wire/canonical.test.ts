import { describe, expect, test } from 'vitest';
import { canonicalHost, canonicalOrigin } from './canonical.ts';

describe('spellings of one host', () => {
  test.each([
    [
      'drive.example',
      ['DRIVE.example', 'drive.example.', 'drive.example:443', 'Drive.Example.:80'],
    ],
    ['drive.example:8000', ['DRIVE.EXAMPLE:8000', 'drive.example.:8000', 'drive.example:08000']],
    ['localhost:8000', ['LocalHost:8000', 'localhost.:8000']],
    ['127.0.0.1:8000', ['127.0.0.1:8000', '127.1:8000', '0x7f.0.0.1:8000', '127.0.0.1.:8000']],
    ['[::1]:8000', ['[0:0:0:0:0:0:0:1]:8000', '[::0001]:8000', '[0::1]:8000']],
    ['[::ffff:7f00:1]', ['[::FFFF:127.0.0.1]', '[::ffff:7F00:1]:443']],
    ['xn--mller-kva.example', ['müller.example', 'MÜLLER.example.', 'XN--MLLER-KVA.example:443']],
  ])('%s', (canonical, spellings) => {
    for (const spelling of [canonical, ...spellings]) {
      expect(canonicalHost(spelling), spelling).toBe(canonical);
    }
  });

  test.each([
    '',
    '.',
    'a b',
    'a/b',
    'a\\b',
    'me@localhost:8000',
    'localhost:8000@evil.example',
    'local%68ost:8000',
    'localhost:8000#x',
    'localhost:8000?x',
    'local\thost:8000',
    'localhost:x',
    'localhost:70000',
    '[::1',
    '::1',
    '[fe80::1%25eth0]',
    'LOCALHOST:@',
  ])('"%s" is none', (text) => {
    expect(canonicalHost(text)).toBeUndefined();
  });

  test('a port that no scheme implies tells two apart', () => {
    expect(canonicalHost('drive.example:444')).not.toBe(canonicalHost('drive.example'));
  });
});

describe('spellings of one origin', () => {
  test.each([
    ['https://drive.example', ['HTTPS://Drive.Example', 'https://drive.example.:443/']],
    ['http://localhost:8000', ['http://LOCALHOST:8000', 'http://localhost.:8000/']],
    ['http://[::1]:8000', ['http://[0:0::1]:8000']],
    ['https://xn--mller-kva.example', ['https://müller.example']],
  ])('%s', (canonical, spellings) => {
    for (const spelling of [canonical, ...spellings]) {
      expect(canonicalOrigin(spelling), spelling).toBe(canonical);
    }
  });

  test('the scheme and its port belong to it', () => {
    const origins = ['http://a.example', 'https://a.example', 'https://a.example:80'];
    expect(new Set(origins.map(canonicalOrigin)).size).toBe(3);
  });

  test.each(['null', '', 'file:///x', 'data:,x', 'drive.example', 'https://'])(
    '"%s" is none',
    (it) => {
      expect(canonicalOrigin(it)).toBeUndefined();
    },
  );
});
