/** What is measured, in the words of the report, and how good it is meant to be. */

export interface Field {
  readonly name: string;
  readonly what: string;
  readonly reach: (value: number) => boolean;
  readonly goal: string;
}

const atLeast = (bound: number) => ({
  reach: (value: number) => value >= bound,
  goal: `≥ ${String(bound)}`,
});
const atMost = (bound: number) => ({
  reach: (value: number) => value <= bound,
  goal: `≤ ${String(bound)}`,
});

export const FIELDS: readonly Field[] = [
  { name: 'upload_mib_s', what: 'one 200 MiB file, page to stored', ...atLeast(100) },
  { name: 'download_mib_s', what: 'the same, stored to bytes checked', ...atLeast(120) },
  { name: 'seek_ms', what: 'median of 20 seeks in a 300 MB film', ...atMost(Infinity) },
  { name: 'seek_plain_ms', what: 'the same by plain HTTP', ...atMost(Infinity) },
  { name: 'seek_ratio', what: 'one through the other', ...atMost(1.8) },
  { name: 'locate_100gib_ms', what: 'label of the last chunk of 100 GiB', ...atMost(100) },
  { name: 'small_files_s', what: '1,000 files of 4 KiB', ...atMost(12) },
  { name: 'list_10k_ms', what: '10,000 entries to first rows on screen', ...atMost(400) },
  {
    name: 'scroll_task_ms',
    what: 'most that one task computes while they are scrolled',
    ...atMost(50),
  },
  { name: 'scroll_task_4x_ms', what: 'the same, the page 4 times slower', ...atMost(200) },
  {
    name: 'story_task_ms',
    what: 'most that one task computes from sign-up to a viewer',
    ...atMost(50),
  },
  { name: 'story_task_4x_ms', what: 'the same, the page 4 times slower', ...atMost(200) },
  { name: 'signin_ms', what: 'click to drive on screen', ...atMost(1200) },
  { name: 'initial_js_br_bytes', what: 'script of the welcome page, brotli', ...atMost(120_000) },
  {
    name: 'guest_js_br_bytes',
    what: 'script of the page of a link, brotli',
    ...atMost(90_000),
  },
  { name: 'app_loader_br_bytes', what: 'script that runs an app, brotli', ...atMost(30_000) },
  {
    name: 'webrtc_client_br_bytes',
    what: 'script that reaches a node by its multiaddr, brotli',
    ...atMost(20_000),
  },
  { name: 'webrtc_dial_ms', what: 'such a node named, click to answer', ...atMost(600) },
  { name: 'webrtc_download_mib_s', what: 'a file of 64 MiB from there', ...atLeast(8) },
  {
    name: 'link_first_frame_ms',
    what: 'a film behind a link, click to its first frame',
    ...atMost(1_500),
  },
  { name: 'app_start_ms', what: 'a small app, click to its first paint', ...atMost(400) },
  {
    name: 'live_reload_ms',
    what: 'a script of a running app saved, until the new one runs',
    ...atMost(300),
  },
  {
    name: 'port_mib_s',
    what: 'bytes between an app and its engine, the slower direction',
    ...atLeast(200),
  },
  {
    name: 'editor_10mb_ms',
    what: 'a text of 10 MB, click to its first line in the editor',
    ...atMost(600),
  },
  {
    name: 'pdf_first_page_ms',
    what: 'a PDF of 200 MB and 400 pages, click to its first page',
    ...atMost(2_000),
  },
  { name: 'pdf_first_page_bytes', what: 'read of it until then', ...atMost(2 * 1024 * 1024) },
  { name: 'pdf_small_first_page_ms', what: 'the same of a small PDF', ...atMost(1_500) },
  {
    name: 'share_read_ms',
    what: 'a folder of 10,000 files shared with a friend, no network',
    ...atMost(Infinity),
  },
  { name: 'revoke_10k_files_s', what: 'the same, taken back', ...atMost(10) },
  { name: 'qr_found_of_48', what: 'distorted codes that are read', ...atLeast(41) },
  { name: 'qr_first_hit_ms', what: 'median time to read one', ...atMost(Infinity) },
  { name: 'heap_peak_mb', what: 'largest JS heap while 2 GiB go up', ...atMost(200) },
  { name: 'http_upload_mib_s', what: '200 MiB by the command line to a node', ...atLeast(60) },
  { name: 'http_download_mib_s', what: 'the same, back and compared', ...atLeast(80) },
  { name: 'node_rps', what: 'blocks of 64 KiB a second, 32 connections', ...atLeast(0) },
  { name: 'node_rss_mb', what: 'memory of the node after that', ...atMost(Infinity) },
  {
    name: 'node_delay_p99_ms',
    what: 'its loop held up while 1,000 files and 200 MiB come',
    ...atMost(20),
  },
  { name: 'node_delay_max_ms', what: 'the longest time of that', ...atMost(Infinity) },
  { name: 'p2p_p50_ms', what: 'a call of another node without content', ...atMost(Infinity) },
  { name: 'p2p_http_p50_ms', what: 'the same by plain HTTP', ...atMost(Infinity) },
  { name: 'p2p_download_mib_s', what: 'blocks of 1 MiB of another node', ...atLeast(0) },
  { name: 'p2p_http_download_mib_s', what: 'the same by plain HTTP', ...atLeast(0) },
  { name: 'p2p_download_ratio', what: 'one through the other', ...atLeast(0.5) },
  {
    name: 'p2p_film_first_frame_ms',
    what: 'a film of a friend at another node, click to its first frame',
    ...atMost(2_000),
  },
  { name: 'p2p_film_seek_ms', what: 'median of 20 seeks in it', ...atMost(Infinity) },
  { name: 'p2p_film_own_seek_ms', what: "the same in one's own drive", ...atMost(Infinity) },
  { name: 'p2p_film_seek_ratio', what: 'one through the other', ...atMost(2.5) },
  {
    name: 'pki_million_mirror_s',
    what: 'a million names mirrored for the first time',
    ...atMost(180),
  },
  {
    name: 'pki_million_mirror_mb',
    what: 'most memory of the process that does it',
    ...atMost(500),
  },
  { name: 'pki_change_ms', what: 'one name more, mirrored', ...atMost(100) },
  { name: 'cli_start_ms', what: 'the command line says its version', ...atMost(150) },
];

export type Results = Map<string, number>;

/** A row for each field; `only` names those that were asked for, all when absent. */
export function table(results: Results, only: readonly string[] | undefined): string {
  const lines = FIELDS.map(({ name, what, reach, goal }) => {
    const value = results.get(name);
    const isMissing = value === undefined;
    const wasAsked = only === undefined || only.includes(name);
    const shown = isMissing ? (wasAsked ? 'failed' : '–') : String(value);
    const mark = isMissing && !wasAsked ? ' ' : !isMissing && reach(value) ? '✓' : '✗';
    const aim = goal.includes('Infinity') ? '' : goal;
    return `${mark} ${name.padEnd(20)} ${shown.padStart(12)}  ${aim.padEnd(10)} ${what}`;
  });
  return lines.join('\n');
}

/** One object, a missing measurement as null. */
export function json(results: Results): string {
  return JSON.stringify(
    Object.fromEntries(FIELDS.map(({ name }) => [name, results.get(name) ?? null])),
  );
}
