/** Names as people, systems and attackers make them: some three hundred, always the same ones. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  controls: [
    '\u0000',
    '\u0001x',
    'a\nb',
    'a\rb',
    'Icon\r',
    'tab\tin',
    'esc\u001b[31m',
    '\u007f',
    'a\u0085b',
  ],
  spellings: ['Über', 'Å', '한글', 'é', 'ệ', 'がぎ', '\u212B', '\u2126'].flatMap((name) => [
    ...new Set([name, name.normalize('NFC'), name.normalize('NFD')]),
  ]),
  lookAlikes: [
    'раураl',
    'paypal',
    'ⅳ',
    'ｆｕｌｌ',
    '\uFB01le',
    'a\u00A0b',
    'a b',
    'a\u200Bb',
    'a\u2044b',
  ],
  cases: ['case', 'Case', 'CASE', 'ß', 'SS', 'ss', 'ı', 'I', 'i', 'İ', 'ς', 'σ', 'Σ'],
  reserved: ['CON', 'con.txt', 'PRN', 'AUX', 'NUL', 'nul.tar.gz', 'COM1', 'COM¹', 'LPT9', 'CONIN$'],
  ends: [
    'dot.',
    'dots...',
    'blank ',
    ' before',
    'both ',
    '. .',
    ' ',
    '   ',
    '...',
    '\u3000',
    'x. ',
  ],
  signs: [...':\\?*"<>|%$&;!#@^`\'(){}[],+=~-_'].flatMap((sign) => [sign, `a${sign}b`]),
  windowsPaths: ['C:', 'C:\\x', '\\\\server\\share', '..\\up', 'a:stream', 'a::$DATA', '%TEMP%'],
  lengths: [
    'x'.repeat(255),
    'ä'.repeat(255),
    '漢'.repeat(255),
    '漢'.repeat(85),
    'x'.repeat(256),
    '😀'.repeat(127),
  ],
  pictures: ['👨‍👩‍👧‍👦', '🇩🇪', '👍🏽', '🏴‍☠️', '❤️', '❤', '1️⃣', 'क्षि', 'a\u0301\u0302\u0303'],
  directions: [
    '\u202Egnp.exe',
    'a\u202Db',
    '\u2066x\u2069',
    '\u200Fx',
    'עברית.txt',
    'عربي.txt',
    '\uFEFFbom',
  ],
  halves: ['\uD83D', '\uDE00', 'a\uD800b', '\uDE00\uD83D'],
  objects: [
    'constructor',
    'toString',
    '__proto__',
    'prototype',
    'hasOwnProperty',
    'valueOf',
    'then',
    'null',
    'undefined',
    'NaN',
    '0',
    '-1',
    'true',
  ],
  shells: ['-rf', '--', '-', '--help', '~', '~root', '$(id)', '`id`', '*', 'a;b', '!!', '&&'],
  dots: ['.', '..', '.x', '..x', '.DS_Store', '._a', '.gitignore', 'desktop.ini', 'Thumbs.db'],
  system: [
    '.transactions',
    '.capabilitycache',
    '.trash',
    'shared',
    '.Trash',
    'Shared',
    'shared ',
    'SHARED',
  ],
  empty: ['', '/', 'a/b', '/a'],
  copies: ['x (copy)', 'x (copy 2)', 'x (copy).txt', '(copy)', 'a.tar.gz', '.tar.gz', 'x.', '.x.'],
};

/** Each once; those of two kinds joined fill the list up. */
export function hostileNames(count = 300): string[] {
  const found = new Set(Object.values(KINDS).flat());
  const kinds = Object.values(KINDS);
  for (let i = 0; found.size < count; i++) {
    const [first, second] = [kinds[i % kinds.length]!, kinds[(i * 7 + 3) % kinds.length]!];
    found.add(`${first[i % first.length]!}${second[(i * 5) % second.length]!}.txt`);
  }
  return [...found].slice(0, count);
}
