/**
 * How likely a text is one of a kind of writing, for telling encodings apart. A text that was
 * decoded wrongly is made of rare letters, of signs inside words, of capitals behind small letters
 * and of several scripts in a word; one that was decoded rightly is made of what its languages use
 * most. The lists below are those letters and characters; they need not be complete.
 */

export type Script =
  | 'western'
  | 'central'
  | 'baltic'
  | 'turkish'
  | 'cyrillic'
  | 'greek'
  | 'hebrew'
  | 'arabic'
  | 'thai'
  | 'japanese'
  | 'simplified'
  | 'traditional'
  | 'korean';

const bothCases = (letters: string): string => letters + letters.toUpperCase();
const each = (...languages: readonly string[]): readonly ReadonlySet<string>[] =>
  languages.map((letters) => new Set(bothCases(letters)));

const KANA = Array.from({ length: 0x30ff - 0x3041 }, (_, i) => String.fromCharCode(0x3041 + i));

/**
 * Letters beyond ASCII that texts of a script are mostly made of, for each of its languages: one
 * text is in one language, and a mixture of several is a sign of wrong decoding.
 */
const COMMON: Readonly<Record<Script, readonly ReadonlySet<string>[]>> = {
  western: each(
    'äöüß',
    'éèêëàâçùûîïôœ',
    'ñóíáúü¿¡',
    'ãõçáéíóúâêôà',
    'àèéìòù',
    'åäöé',
    'æøåé',
    'áéíóúýþæöð',
    'éëïöüè',
    'õäöüšž',
    'àèéíòóúüçï·',
  ),
  central: each(
    'ąćęłńóśźż',
    'áčďéěíňóřšťúůýž',
    'áäčďéíĺľňóôŕšťúýž',
    'áéíóöőúüű',
    'ăâîșşțţ',
    'čćđšž',
  ),
  baltic: each('āčēģīķļņšūž', 'ąčęėįšųūž', 'õäöüšž'),
  turkish: [new Set(`${bothCases('çğöşü')}ıİ`)],
  cyrillic: each('оеаинтсрвлкмдпу', 'оаинтеірвслкмдпуї', 'аеиотнрсвлдкпмзяъ', 'аеиоунрстјвкдплмљњ'),
  greek: each('αοιετσνηυρπκμλςωάέήίόύώ'),
  hebrew: [new Set('אבגדהוזחטיךכלםמןנסעףפץצקרשת')],
  arabic: [new Set('اليومنرتبةدعسفهكقحجأشىخ،')],
  thai: [new Set('านรกอเงมยลวดทสตะปบคหแจพช่้ิีืุูั็์')],
  japanese: [
    new Set([
      ...KANA,
      ...'、。「」・ー日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝価式確村提運終果西勢減台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検町常校料沢裁状工建語球営空職証土与急止送援供可役構木割聞身費付切由説転食比難防補車優夫研収断井何南石足違消許東京',
    ]),
  ],
  simplified: [
    new Set(
      '，。、“”《》：；！？的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取格望术领共确传师观清今切院让识候带导争运文件举三五',
    ),
  ],
  traditional: [
    new Set(
      '，。、「」《》：；！？的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取格望術領共確傳師觀清今切院讓識候帶導爭運檔案字舉',
    ),
  ],
  korean: [
    new Set(
      '이다는을의에가고하은로지한기도를사리서인어대나자시해일스정들아그라제부과수있것보전원만주여으조구상장생화와안성국공경년소선유동영미비면중신오문적개세우연행거관계실내요용위분회발재물음습니까텍트파입간결점차음날말글책집길없않했었겠녕감반명단모무방바번본불산살새색설속순심양역였예운월작저종준진집참처천청초총최추출치크타통특편표품프필학함합항향현형호활후',
    ),
  ],
};

const IDEOGRAPHIC: ReadonlySet<Script> = new Set([
  'japanese',
  'simplified',
  'traditional',
  'korean',
]);
/** Scripts whose words have no ASCII letters in them. */
const APART: ReadonlySet<Script> = new Set([
  'cyrillic',
  'greek',
  'hebrew',
  'arabic',
  'thai',
  ...IDEOGRAPHIC,
]);
/** Signs that texts of every language hold. */
const SIGNS = new Set('“”‘’„‚«»–—…€°§•№·×©®\u00a0');
const NEVER = /[\p{Cc}\p{Co}\p{Cn}\ufffd]/u;
/** Letters of a script that are not among its frequent ones, where those are listed apart. */
const LETTERS: Partial<Record<Script, RegExp>> = {
  cyrillic: /[а-яёіїєґђѓєѕљњћќўџј]/iu,
  greek: /\p{Script=Greek}/u,
  arabic: /\p{Script=Arabic}/u,
  thai: /\p{Script=Thai}/u,
  japanese: /[\p{Script=Han}\uff66-\uff9f]/u,
  simplified: /\p{Script=Han}/u,
  traditional: /\p{Script=Han}/u,
  korean: /[\p{Script=Han}\p{Script=Hangul}]/u,
};
/** What a rare letter and a frequent one are worth, where it is not 0 and 1. */
const RARE: Partial<Record<Script, number>> = { cyrillic: 0.5, greek: 0.3, arabic: 0.4, thai: 0.2 };
const OFTEN: Partial<Record<Script, number>> = { hebrew: 0.93, thai: 0.9 };
/** Letters of Greek and Hebrew that stand at the end of a word only, and those that never do. */
const AT_THE_END = /[ςךםןףץ]/u;
const NOT_AT_THE_END = /[כמנפצ]/u;
const LATIN = /[A-Za-z]/u;
/** More of these in a row are rare where letters have marks. */
const MOST_MARKED = 2;

/**
 * The mean over all characters beyond ASCII, at most 1; the larger, the likelier.
 *
 * @param frequentShare of the characters of two bytes, how many stand where an encoding keeps its
 *   frequent ones.
 */
export function likelihood(text: string, script: Script, frequentShare = 0): number {
  const letters = [...text];
  const sums = COMMON[script].map(() => 0);
  const rare = RARE[script] ?? (IDEOGRAPHIC.has(script) ? 0.35 + 0.35 * frequentShare : 0);
  let count = 0;
  let same = 0;
  let row = 0;
  for (const [at, letter] of letters.entries()) {
    if (letter <= '\u007f') {
      row = 0;
      continue;
    }
    count += 1;
    row += 1;
    same += byNeighbours(letter, letters[at - 1] ?? ' ', letters[at + 1] ?? ' ', script);
    if (!APART.has(script) && row > MOST_MARKED) same -= 0.5;
    const ofScript = isOfScript(letter, script) ? rare : 0;
    COMMON[script].forEach((language, i) => {
      sums[i]! += language.has(letter) ? (OFTEN[script] ?? 1) : ofScript;
    });
  }
  return count === 0 ? 0 : (same + Math.max(...sums)) / count;
}

/** What the place of a letter says, in whatever language. */
function byNeighbours(letter: string, before: string, after: string, script: Script): number {
  if (NEVER.test(letter)) return -5;
  if (SIGNS.has(letter)) return isWordLetter(before) && isWordLetter(after) ? 0 : 0.8;
  let value = /[\p{L}\p{M}、。，！？：；「」《》]/u.test(letter) ? 0 : -0.5;
  if (/\p{Lu}/u.test(letter) && /\p{Ll}/u.test(before)) value -= 1;
  const isLast = !isWordLetter(after);
  if (AT_THE_END.test(letter) && !isLast) value -= 1;
  if (NOT_AT_THE_END.test(letter) && isLast) value -= 0.5;
  if (/\p{M}/u.test(letter) && !isWordLetter(before) && !/\p{M}/u.test(before)) value -= 1;
  const isMixed = LATIN.test(before) || LATIN.test(after);
  if (isMixed && APART.has(script)) value -= IDEOGRAPHIC.has(script) ? 0.3 : 0.7;
  return value;
}

function isOfScript(letter: string, script: Script): boolean {
  return LETTERS[script]?.test(letter) ?? false;
}

function isWordLetter(letter: string): boolean {
  return /[\p{L}\p{N}]/u.test(letter);
}
