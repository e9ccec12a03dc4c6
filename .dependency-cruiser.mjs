/**
 * The one-way floors. A room may import rooms below it, through their `index.ts` alone; the lists
 * below are the only place where the order of the floors is written down.
 */

/**
 * From the ground up. Rooms of one floor may not import each other unless listed in `BESIDE`: no
 * implementation of a node imports another.
 */
const FLOORS = [
  ['bytes', 'codec', 'collections', 'content', 'crypto', 'rpc', 'system'],
  ['champ', 'codes', 'frames', 'protocol', 'stores', 'tickets', 'webrtc', 'zip'],
  ['node', 'car'],
  ['forwarding', 'name-registry', 'node-http', 'node-local', 'offline', 'writers'],
  ['archive', 'cryptree'],
  ['drive'],
  ['account', 'social'],
  ['apps'],
  ['client'],
];

/** Order within a floor, where one of its rooms rests on another. */
const BESIDE = new Map([
  ['codec', ['bytes']],
  ['crypto', ['bytes', 'codec']],
  ['car', ['node']],
  ['rpc', ['bytes']],
  ['system', ['bytes']],
  ['social', ['account']],
  ['webrtc', ['protocol']],
]);

/** Shells: thin, they may use the entry of every room. Nothing below may import them. */
const SHELLS = ['sw', 'workers'];

/** Only `crypto/` opens these. */
const CIPHERS = '^(@noble/|libsodium|hash-wasm|node:crypto|crypto$)';

/**
 * Where a room is entered. `client/` has a second entry for the worker its engine runs in; `crypto/`
 * one for a service worker, which may not import when asked and carries its engines inside;
 * `stores/` one for the stores of a self-hosted node; `webrtc/` one for its part in the page, one for
 * the engine, which are loaded when a node is named by a multiaddr, and one for the node; `workers/` one for the node that engine and
 * service worker open, which threads of the command line need not load.
 */
const ENTRIES = [
  '^src/lib/[^/]+/index\\.ts$',
  '^src/lib/client/engine/index\\.ts$',
  '^src/lib/crypto/static-engines\\.ts$',
  '^src/lib/stores/server/index\\.ts$',
  '^src/lib/webrtc/(engine|page|streams)\\.ts$',
  '^src/lib/workers/server-node\\.ts$',
];

const rooms = FLOORS.flat();

/** Tests, and what a room offers to tests. They may look into other rooms' `testing.ts`. */
const TESTS = ['\\.test\\.ts$', '/testing\\.ts$', '/testing/', '^tests/'];

/** What runs in Node alone. */
const NEEDS_NODE = ['^src/(cli|server)/', '^src/lib/(system|stores/server)/'];

const room = (/** @type {string} */ name) => `^src/lib/${name}/`;

/** A worker is started by the address of its script (`?worker&url`), which imports nothing of it. */
const STARTS_WORKERS = '^src/lib/client/index\\.ts$';

/** Tests of these try them with a real node. */
const TRIED_WITH_A_NODE = ['forwarding', 'node-http', 'offline', 'writers'];

/** The rule of a room, or of its tests alone. */
const floorRule = (
  /** @type {string} */ name,
  /** @type {string[]} */ below,
  /** @type {{ path?: string[], pathNot?: string[] }} */ tests = {},
) => {
  const forbidden = [...rooms, ...SHELLS].filter((it) => it !== name && !below.includes(it));
  const { path = [''], pathNot = [] } = tests;
  return {
    name: `floor-of-${name}${tests.path === undefined ? '' : '-tests'}`,
    severity: 'error',
    comment: `${name}/ may import ${below.length === 0 ? 'no other room' : below.join(', ')}.`,
    from: {
      path: path.map((part) => `${room(name)}(?=.*${part})`),
      pathNot: [STARTS_WORKERS, ...pathNot],
    },
    to: { path: `^src/(routes|ui)/|^src/lib/(${forbidden.join('|')})/` },
  };
};

const floorRules = FLOORS.flatMap((names, floor) =>
  names.flatMap((name) => {
    const below = [...FLOORS.slice(0, floor).flat(), ...(BESIDE.get(name) ?? [])];
    if (!TRIED_WITH_A_NODE.includes(name)) return [floorRule(name, below)];
    return [
      floorRule(name, below, { pathNot: TESTS }),
      floorRule(name, [...below, 'node-local'], { path: TESTS.filter((it) => it !== '^tests/') }),
    ];
  }),
);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...floorRules,
    {
      name: 'room-entry',
      severity: 'error',
      comment: 'A room is entered by its index.ts.',
      from: { path: '^src/lib/([^/]+)/', pathNot: STARTS_WORKERS },
      to: {
        path: '^src/lib/[^/]+/',
        pathNot: [...ENTRIES, '^src/lib/$1/', ...TESTS],
      },
    },
    {
      name: 'room-entry-of-shells',
      severity: 'error',
      comment: 'A room is entered by its index.ts.',
      from: { path: '^src/', pathNot: '^src/lib/' },
      to: { path: '^src/lib/[^/]+/', pathNot: [...ENTRIES, ...TESTS] },
    },
    {
      name: 'nodes-are-handed-in',
      severity: 'error',
      comment: 'Rooms know the node as an interface; which one it is shells and few others decide.',
      from: {
        path: '^src/lib/',
        pathNot: [
          '^src/lib/(node-http|node-local|offline|archive|sw|workers)/',
          '^src/lib/drive/merge/',
          '^src/lib/client/engine/session/',
          ...TESTS,
        ],
      },
      to: { path: '^src/lib/(node-http|node-local|offline)/' },
    },
    {
      name: 'screens-talk-to-client',
      severity: 'error',
      comment: 'Screens know no keys, blocks or nodes; what a file is by its name they may know.',
      from: { path: '^src/(routes|ui)/' },
      to: {
        path: `^src/lib/(${rooms.filter((it) => !['client', 'content'].includes(it)).join('|')})/`,
      },
    },
    {
      name: 'frames-are-apart',
      severity: 'error',
      comment: 'What runs in frames knows the messages of its ports and small tools, nothing else.',
      from: { path: '^src/apps/', pathNot: TESTS },
      to: {
        path: '^src/(routes|ui|cli|server)/|^src/lib/(?!(bytes|content|frames|paraglide|rpc|zip)/)',
      },
    },
    {
      name: 'frames-are-built-apart',
      severity: 'error',
      comment: 'A page and its workers never import what runs in a frame.',
      from: { path: '^src/', pathNot: '^src/apps/' },
      to: { path: '^src/apps/' },
    },
    {
      name: 'one-entry-for-crypto',
      severity: 'error',
      comment: 'Only crypto/ imports a cipher, a hash or a signature.',
      from: { path: '^src/', pathNot: ['^src/lib/crypto/', ...TESTS] },
      to: { path: `${CIPHERS}|^node_modules/(@noble/|libsodium|hash-wasm)` },
    },
    {
      name: 'no-circle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-node-in-the-site',
      severity: 'error',
      comment: 'The site runs in browsers: nothing of Node outside tests.',
      from: { path: '^src/', pathNot: [...TESTS, ...NEEDS_NODE] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-server-stores-in-the-site',
      severity: 'error',
      comment:
        'Files, SQLite, S3 and PostgreSQL are for the self-hosted node and the command line.',
      from: { path: '^src/', pathNot: [...TESTS, ...NEEDS_NODE] },
      to: { path: '^src/lib/(system|stores/server)/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^(src|tests|scripts)/' },
      to: { couldNotResolve: true, pathNot: '^(\\$app/|\\$env/|virtual:)' },
    },
    {
      name: 'tests-stay-out',
      severity: 'error',
      comment: 'Nothing that ships imports a test.',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: TESTS },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'browser', 'svelte', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.svelte', '.json'],
    },
    // The second: files of apps, which are read and not imported.
    exclude: { path: '^src/lib/paraglide/|^tests/apps/samples/' },
  },
};
