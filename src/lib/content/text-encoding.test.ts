import { describe, expect, it } from 'vitest';
import { decodeText, detectEncoding } from './text-encoding.ts';

const base64 = (text: string) => Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0));
const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (it) => parseInt(it, 16));
const utf8 = (text: string) => new TextEncoder().encode(text);

/** Written by Python's codecs: the encoding, what was written, its bytes. */
const WRITTEN: readonly (readonly [encoding: string, text: string, bytes: string])[] = [
  ['windows-1252', 'Größe: 12\nÄnderung: ja\n', 'R3L232U6IDEyCsRuZGVydW5nOiBqYQo='],
  [
    'windows-1252',
    "Le café où j'ai mangé était déjà fermé à Noël.",
    'TGUgY2Fm6SBv+SBqJ2FpIG1hbmfpIOl0YWl0IGTpauAgZmVybekg4CBOb+tsLg==',
  ],
  [
    'windows-1252',
    'El niño mañana comerá un plátano en España',
    'RWwgbmnxbyBtYfFhbmEgY29tZXLhIHVuIHBs4XRhbm8gZW4gRXNwYfFh',
  ],
  [
    'windows-1252',
    'Für Käse und Brötchen, naïve “quotes” – dash €5',
    'RvxyIEvkc2UgdW5kIEJy9nRjaGVuLCBuYe92ZSCTcXVvdGVzlCCWIGRhc2gggDU=',
  ],
  [
    'windows-1252',
    'Ærlig talt, så er det en god øl på åen',
    'xnJsaWcgdGFsdCwgc+UgZXIgZGV0IGVuIGdvZCD4bCBw5SDlZW4=',
  ],
  ['windows-1252', 'Straße', 'U3RyYd9l'],
  ['windows-1250', 'Zażółć gęślą jaźń', 'WmG/87PmIGfqnGy5IGphn/E='],
  [
    'windows-1250',
    'Příliš žluťoučký kůň úpěl ďábelské ódy',
    'UPjtbGmaIJ5sdZ1vdehr/SBr+fIg+nDsbCDv4WJlbHNr6SDzZHk=',
  ],
  [
    'windows-1250',
    'Wszystkich użytkowników prosimy o zmianę hasła przed końcem miesiąca.',
    'V3N6eXN0a2ljaCB1v3l0a293bmlr83cgcHJvc2lteSBvIHptaWFu6iBoYXOzYSBwcnplZCBrb/FjZW0gbWllc2m5Y2Eu',
  ],
  ['windows-1250', 'Árvíztűrő tükörfúrógép', 'wXJ27Xp0+3L1IHT8a/ZyZvpy82fpcA=='],
  [
    'windows-1251',
    'Привет, мир! Это простой текст.',
    'z/Do4uXyLCDs6PAhIN3y7iDv8O7x8u7pIPLl6vHyLg==',
  ],
  [
    'windows-1251',
    'Съешь же ещё этих мягких французских булок, да выпей чаю',
    '0frl+Pwg5uUg5fm4IP3y6PUg7P/j6uj1IPTw4O328+fx6uj1IOHz6+7qLCDk4CDi++/l6SD34P4=',
  ],
  ['koi8-r', 'Привет, мир! Это простой текст.', '8NLJ18XULCDNydIhIPzUzyDQ0s/T1M/KINTFy9PULg=='],
  [
    'koi8-r',
    'Съешь же ещё этих мягких французских булок, да выпей чаю',
    '89/F29gg1sUgxd2jINzUycggzdHHy8nIIMbSwc7D1drTy8nIIMLVzM/LLCDEwSDX2dDFyiDewcA=',
  ],
  [
    'windows-1253',
    'Καλημέρα κόσμε, αυτό είναι ένα κείμενο.',
    'yuHr5+zd8eEg6vzz7OUsIOH19Pwg5d/t4ekg3e3hIOrl3+zl7e8u',
  ],
  [
    'windows-1254',
    'Türkçe metin: şişe, ığdır, çöğüş ağaç İstanbul',
    'VPxya+dlIG1ldGluOiD+af5lLCD98GT9ciwg5/bw/P4gYfBh5yDdc3RhbmJ1bA==',
  ],
  ['windows-1255', 'שלום עולם, זה טקסט פשוט בעברית', '+ezl7SDy5eztLCDm5CDo9/HoIPT55egg4fLh+On6'],
  ['windows-1256', 'مرحبا بالعالم هذا نص بسيط', '49HNyMcgyMfh2sfh4yDl0Mcg5NUgyNPt2A=='],
  ['shift_jis', 'これは日本語のメモです\n', 'grGC6oLNk/qWe4zqgsyDgYOCgsWCtwo='],
  ['shift_jis', '東京特許許可局', 'k4yLnpPBi5aLlonCi8c='],
  ['shift_jis', 'ファイル名: テスト.txt', 'g3SDQINDg4uWvDogg2WDWINnLnR4dA=='],
  ['shift_jis', '会議は3月5日に行います。', 'ie+LY4LNM4yONZP6gsmNc4KigtyCt4FC'],
  ['shift_jis', 'ｶﾀｶﾅ半角', 'tsC2xZS8inA='],
  ['euc-jp', 'これは日本語のメモです\n', 'pLOk7KTPxvzL3LjspM6l4aXipMekuQo='],
  ['euc-jp', '東京特許許可局', 'xey1/sbDtfa19rLEtsk='],
  ['euc-jp', '会議は3月5日に行います。', 'svG1xKTPM7fuNcb8pMu51KSkpN6kuaGj'],
  ['gb18030', '这是一个中文文本文件。', '1eLKx9K7uPbW0M7EzsSxvs7EvP6how=='],
  ['gb18030', '会议将于三月五日举行', 'u+HS6b2r09rI/dTCzuXI1b7Z0NA='],
  ['gb18030', '你好', 'xOO6ww=='],
  ['big5', '這是一個中文文字檔。', 's2+sT6RArdOkpKTlpOWmcsDJoUM='],
  ['big5', '會議將於三月五日舉行', 't3zEs7FOqfOkVKTrpK2k6cF8puY='],
  ['big5', '你好', 'p0Gmbg=='],
  ['euc-kr', '이것은 한국어 텍스트 파일입니다.', 'wMywzcC6IMfRsbm+7iDF2L26xq4gxsTAz8DUtM+02S4='],
  ['euc-kr', '안녕하세요', 'vsiz58fPvLy/5A=='],
  [
    'utf-16le',
    'Grüße, UTF-16 ohne BOM\n',
    'RwByAPwA3wBlACwAIABVAFQARgAtADEANgAgAG8AaABuAGUAIABCAE8ATQAKAA==',
  ],
  ['utf-16le', 'Привет мир\n', 'HwRABDgEMgQ1BEIEIAA8BDgEQAQKAA=='],
  ['utf-16le', 'これは日本語です\nabc\n', 'UzCMMG8w5WUsZ56KZzBZMAoAYQBiAGMACgA='],
  [
    'utf-16be',
    'Grüße, UTF-16 ohne BOM\n',
    'AEcAcgD8AN8AZQAsACAAVQBUAEYALQAxADYAIABvAGgAbgBlACAAQgBPAE0ACg==',
  ],
  ['utf-16be', 'Привет мир\n', 'BB8EQAQ4BDIENQRCACAEPAQ4BEAACg=='],
  ['iso-2022-jp', 'これは日本語のメモです\n', 'GyRCJDMkbCRPRnxLXDhsJE4lYSViJEckORsoQgo='],
  [
    'iso-8859-2',
    'Příliš žluťoučký kůň úpěl ďábelské ódy',
    'UPjtbGm5IL5sdbtvdehr/SBr+fIg+nDsbCDv4WJlbHNr6SDzZHk=',
  ],
  ['ibm866', 'Привет, мир! Это простой текст.', 'j+CooqXiLCCsqOAhIJ3iriCv4K7h4q6pIOKlquHiLg=='],
  [
    'windows-1252',
    'As ações são muito boas e não põem em risco a família.',
    'QXMgYef1ZXMgc+NvIG11aXRvIGJvYXMgZSBu428gcPVlbSBlbSByaXNjbyBhIGZhbe1saWEu',
  ],
  [
    'windows-1252',
    'Þetta er íslenskur texti með stöfum eins og ð og þ.',
    '3mV0dGEgZXIg7XNsZW5za3VyIHRleHRpIG1l8CBzdPZmdW0gZWlucyBvZyDwIG9nIP4u',
  ],
  ['windows-1252', 'Tere õhtust, kõik on hästi', 'VGVyZSD1aHR1c3QsIGv1aWsgb24gaORzdGk='],
  ['windows-1252', 'A B – 20 °C · §5 “x”', 'QaBCIJYgMjAgsEMgtyCnNSCTeJQ='],
  ['windows-1252', 'É', 'yQ=='],
  [
    'windows-1252',
    'Où êtes-vous allé hier soir ? À la plage, là-bas.',
    'T/kg6nRlcy12b3VzIGFsbOkgaGllciBzb2lyID8gwCBsYSBwbGFnZSwgbOAtYmFzLg==',
  ],
  [
    'windows-1252',
    'Más información en el año 2020: ¿qué pasó?',
    'TeFzIGluZm9ybWFjafNuIGVuIGVsIGHxbyAyMDIwOiC/cXXpIHBhc/M/',
  ],
  ['windows-1252', 'MÜNCHEN GRÜSSE STRASSE ÄÖÜ', 'TdxOQ0hFTiBHUtxTU0UgU1RSQVNTRSDE1tw='],
  ['macintosh', 'Größe und Änderung für Käse', 'R3Kap2UgdW5kIIBuZGVydW5nIGafciBLinNl'],
  [
    'macintosh',
    "Le café où j'ai mangé était déjà fermé",
    'TGUgY2FmjiBvnSBqJ2FpIG1hbmeOII50YWl0IGSOaoggZmVybY4=',
  ],
  [
    'windows-1250',
    'Šta je čovjek? Džep, žaba, ćevapi.',
    'inRhIGplIOhvdmplaz8gRJ5lcCwgnmFiYSwg5mV2YXBpLg==',
  ],
  [
    'windows-1250',
    'Acesta este un text în limba română şi are cârnaţi.',
    'QWNlc3RhIGVzdGUgdW4gdGV4dCDubiBsaW1iYSByb23ibuMgumkgYXJlIGPicm5h/mku',
  ],
  [
    'windows-1251',
    'Це звичайний текст українською мовою, їжак і ґанок.',
    '1uUg5+Lo9+Dp7ejpIPLl6vHyIPPq8OC/7fH86u7+IOzu4u7+LCC/5uDqILMgtODt7uou',
  ],
  [
    'windows-1251',
    'Това е текст на български език.',
    '0u7i4CDlIPLl6vHyIO3gIOH66+Pg8PHq6CDl5+jqLg==',
  ],
  ['windows-1251', 'ВНИМАНИЕ! НЕ ВКЛЮЧАТЬ', 'ws3IzMDNyMUhIM3FIMLKy97XwNLc'],
  ['windows-1251', 'Иван', 'yOLg7Q=='],
  ['windows-1251', 'привет', '7/Do4uXy'],
  ['windows-1251', 'нет', '7eXy'],
  ['windows-1255', 'קובץ טקסט לדוגמה', '9+Xh9SDo9/HoIOzj5eLu5A=='],
  ['windows-874', 'สวัสดีชาวโลก นี่คือข้อความ', 'ysfRyrTVqtLH4sWhILnV6KTXzaLpzaTH0sE='],
  ['shift_jis', '読んでください', 'k8eC8YLFgq2CvoKzgqI='],
  ['shift_jis', '御請求書', 'jOSQv4uBj5E='],
  ['shift_jis', '田中太郎', 'k2OShpG+mFk='],
  ['euc-jp', '田中太郎様', 'xcTD5sLAz7rNzQ=='],
  ['euc-jp', '読んでください', 'xsmk86THpK+kwKS1pKQ='],
  ['gb18030', '张三', '1cXI/Q=='],
  ['gb18030', '请阅读说明', 'x+vUxLbBy7XD9w=='],
  ['gb18030', '中华人民共和国', '1tC7qsjLw/G5srrNufo='],
  ['big5', '請閱讀說明', 'vdC+XMWqu6Gp+g=='],
  ['big5', '中華民國', 'pKS12KXBsOo='],
  ['big5', '張三', 'sWmkVA=='],
  ['euc-kr', '한국', 'x9GxuQ=='],
  ['euc-kr', '김철수 보고서', 'sejDtrz2ILq4sO28rQ=='],
  ['euc-kr', '회의록', 'yLjAx7fP'],
  [
    'windows-1257',
    'Šis ir parasts teksts, kurā ir daudz dažādu vārdu.',
    '0GlzIGlyIHBhcmFzdHMgdGVrc3RzLCBrdXLiIGlyIGRhdWR6IGRh/uJkdSB24nJkdS4=',
  ],
];

describe('detectEncoding', () => {
  it.each(WRITTEN)('finds %s by its text alone: %s', (encoding, text, bytes) => {
    const found = detectEncoding(base64(bytes), false)!;
    expect(found.encoding).toBe(encoding);
    expect(decodeText(base64(bytes), found.encoding, false)).toBe(text);
  });

  it('is certain of UTF-8, with and without a mark', () => {
    const certain = { encoding: 'utf-8', certain: true };
    expect(detectEncoding(utf8('plain ASCII\r\n'), false)).toEqual(certain);
    expect(detectEncoding(utf8('Größe 📏'), false)).toEqual(certain);
    expect(detectEncoding(utf8('\ufeffGröße'), false)).toEqual(certain);
  });

  it('is certain of UTF-16 with a mark', () => {
    expect(detectEncoding(hex('fffe4700f600df00'), false)).toEqual({
      encoding: 'utf-16le',
      certain: true,
    });
    expect(detectEncoding(hex('feff004700f600df'), false)).toEqual({
      encoding: 'utf-16be',
      certain: true,
    });
  });

  it('takes a character that was cut off at the end for no damage', () => {
    const cut = utf8('Größe 📏').slice(0, -2);
    expect(detectEncoding(cut, true)).toEqual({ encoding: 'utf-8', certain: true });
    expect(detectEncoding(hex('fffe4700f6'), true)?.encoding).toBe('utf-16le');
  });

  it('leaves a UTF-8 text with one damaged byte UTF-8', () => {
    const damaged = new Uint8Array([...utf8('Größe äöü ÄÖÜ éèê ñ ß'), 0xff, ...utf8(' Ende')]);
    expect(detectEncoding(damaged, false)?.encoding).toBe('utf-8');
  });

  it('finds the first foreign word wherever it stands', () => {
    const late = new Uint8Array([...utf8('plain words\n'.repeat(40_000)), ...hex('4772f6df65')]);
    expect(detectEncoding(late, false)?.encoding).toBe('windows-1252');
  });

  it('finds no text in bytes that are none', () => {
    expect(detectEncoding(hex('89504e470d0a1a0a0000000d49484452'), false)).toBeUndefined();
    expect(detectEncoding(hex('0001020304'), false)).toBeUndefined();
    expect(detectEncoding(hex('fffe0000410000000a000000'), false)).toBeUndefined();
    const noise = new Uint8Array(4096);
    for (let i = 0, state = 1; i < noise.length; i++) {
      state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
      noise[i] = state >> 16;
    }
    expect(detectEncoding(noise, true)).toBeUndefined();
  });
});
