/**
 * The recording has gaps: the accounts of the operator and of `temp` are older than it, some commits
 * lie between two operations, and the blocks of others were too long to keep. What is missing is
 * given to the node, without a request, just before the first capture that depends on it.
 */
import type { Capture } from '../../../../../tests/vectors/captures.ts';
import { fromHex } from '#lib/bytes/index.ts';
import { asBytes, asList, asMap, CODEC, decodeCbor, field } from '#lib/codec/index.ts';
import { hashBlockNow, PublicSigningKey } from '#lib/crypto/index.ts';
import type { RecordedNode } from './recorded-node.ts';

const ALICE_HOME = 'z59vuwzfFDozragfU1yGKH3UNvnRYCH4XxV9CTht3J8LS3ixsYJqDH2';
const BOB_HOME = 'z59vuwzfFDomiQg1e23NY4eW1J3yLffvhSYR7eKsnAfc3EhrBmZTdee';
const OPERATOR = {
  username: 'peergos',
  owner: 'z59vuwzfFDoyoYBAfaB6qW2y6nzAnDHYeuy2BZCyTvtquogxL2kDThb',
  home: 'z59vuwzfFDooMyYfAH3W5v1zBXVxbj4FHjDbC63zwEByLJfMcJnDJZX',
};
const TEMP = {
  username: 'temp',
  owner: 'z59vuwzfFDornq8bQyngQ2PPthMYjg39eLPEoF8ptASLjvFvi6iS7Pd',
  home: 'z59vuwzfFDowsiv6eSHGUH4YgzcNC8UqnFuPLMfYZLjnCE7hdUf14L1',
};

/** Where a writer's pointer stands, unseen by the recording, when a capture is sent. */
const POINTERS: readonly (readonly [
  n: number,
  writer: string,
  target: string,
  sequence: number,
])[] = [
  [384, ALICE_HOME, 'zdpuAx9ZdaPEkftXAUtn6vfoHvnk4jFud7YRtuHz6RLK64YZ7', 23],
  [435, BOB_HOME, 'zdpuAyHAADWuVaAPVyHvd7sXiEoNdXSPHNSzDLhHTmzLGD4zy', 16],
  [543, OPERATOR.home, 'zdpuAzmBu6h8GHhwcHuCKfryxagJQhi3aKjdcwfoW7oXxzfXz', 8],
  [555, ALICE_HOME, 'zdpuAnBS3EW6BhSeLguwMJ4dvY71qTtQ9X97UQqszdJXthH7t', 31],
  [740, TEMP.owner, 'zdpuAt6fMmijS9b9et75pXPcbK51GFLX27Z4octXTQMrCpKyg', 1],
  [740, TEMP.home, 'zdpuAs1G6AFXnzXHhn1mV4QXC6rMVKCDqdaJWnCrPbE3RdUDM', 4],
];

const EMPTY_CHAMP = fromHex('83404080');
/** What the homes of those accounts own. */
const NOTHING_OWNED = [hashBlockNow(EMPTY_CHAMP, CODEC.dagCbor), EMPTY_CHAMP] as const;

/** What fills the gaps of `all`, to be called before each capture is sent. */
export function gapFiller(
  recorded: RecordedNode,
  all: readonly Capture[],
): (capture: Capture) => Promise<void> {
  const uploaded = uploadedBlocks(all);
  const responseOf = (n: number) => fromHex((all[n]?.responseBody ?? '') as string);
  return async (capture) => {
    if (capture.n === 0) {
      await recorded.enter(OPERATOR);
      await recorded.place(OPERATOR.owner, [NOTHING_OWNED]);
    }
    if (capture.n === 740) {
      const login = asMap(decodeCbor(responseOf(745)), 'the login');
      const author = all[745]?.query.find(([name]) => name === 'author')?.[1] ?? '';
      const loginKey = PublicSigningKey.fromCbor(decodeCbor(fromHex(author)));
      await recorded.enter({
        ...TEMP,
        chain: responseOf(740),
        login: { loginKey, entryPoints: field(login, 'r', 'the login') },
        bats: responseOf(751),
      });
      await recorded.place(TEMP.owner, [NOTHING_OWNED]);
    }
    for (const [n, writer, target, sequence] of POINTERS) {
      if (n === capture.n) await recorded.movePointer(writer, target, sequence);
    }
    await placeUnrecorded(recorded, capture, uploaded);
  };
}

/** The blocks of a list of them, in hex. */
export function blocksIn(hex: string): Uint8Array[] {
  return asList(decodeCbor(fromHex(hex)), 'blocks').map((block) => asBytes(block, 'a block'));
}

async function placeUnrecorded(
  recorded: RecordedNode,
  { path, query, status, responseBody }: Capture,
  uploaded: ReadonlySet<string>,
): Promise<void> {
  const owner = query.find(([name]) => name === 'owner')?.[1];
  if (!path.startsWith('/api/v0/champ/') || status !== 200 || owner === undefined) return;
  const blocks = blocksIn(responseBody as string).map(
    (block) => [hashBlockNow(block, CODEC.dagCbor), block] as const,
  );
  await recorded.place(
    owner,
    blocks.filter(([cid]) => !uploaded.has(cid.toString())),
  );
}

/** CIDs of all blocks that are part of a recorded upload. */
function uploadedBlocks(all: readonly Capture[]): Set<string> {
  const uploads = all.filter(({ path, requestBody }) => {
    return path.endsWith('block/put/bulk') && typeof requestBody === 'string';
  });
  const blocks = uploads.flatMap(({ requestBody }) => {
    const map = asMap(decodeCbor(fromHex(requestBody as string)), 'an upload');
    return asList(map.get('b'), 'the blocks').map((block) => asBytes(block, 'a block'));
  });
  return new Set(blocks.map((block) => hashBlockNow(block, CODEC.dagCbor).toString()));
}
