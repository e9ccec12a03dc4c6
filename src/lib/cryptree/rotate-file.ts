/** Rotation of one file (A-8 §10): same fragments, same data key marked dirty, everything else new. */
import { CHUNK_BYTES, SECRET_BYTES } from '#lib/codec/index.ts';
import { buildFileNode } from './build.ts';
import type { Capability, ChunkLocation } from './capability.ts';
import { chunkCount, chunkLocations, locationAfter, nextLocation } from './chunk-chain.ts';
import type { OpenNode } from './node.ts';
import type { RelativeCapability } from './relative.ts';
import { signerToLink } from './rotation.ts';
import type { Step, Walk } from './rotation.ts';

/**
 * A file under new keys at new places with its old fragments: nothing is decrypted but the nodes.
 */
export async function rotateFile(walk: Walk, step: Step, capability: Capability): Promise<void> {
  const { random, mirrorBatId, signal, chunkBytes = CHUNK_BYTES } = walk.options;
  const { node, signer } = step;
  const streamSecret = random(SECRET_BYTES);
  const places = await oldPlaces(walk, step, chunkCount(node.properties.sizeBytes, chunkBytes));
  for (let index = places.length - 1; index >= 0; index--) {
    signal?.throwIfAborted();
    const old = { ...node.capability, ...(places[index] as ChunkLocation) };
    const chunk = index === 0 ? node : await walk.spaces.load(old, 'later', signal);
    if (chunk?.dataKey === undefined) continue; // a hole in the old file stays a hole
    const place = { ...capability, ...locationAfter(streamSecret, capability, index) };
    const value = buildFileNode(
      {
        capability: place,
        dataKey: chunk.dataKey.withDirty(true),
        fpct: chunk.fpct,
        properties: {
          ...node.properties,
          hashBranch: chunk.properties.hashBranch,
          thumbnail: chunk.properties.thumbnail,
          streamSecret,
        },
        parent: index === 0 ? step.parent : undefined,
        next: nextLocation(streamSecret, place),
        signer: index === 0 ? signerToLink(step) : undefined,
        mirrorBatId,
      },
      random,
    );
    await walk.spaces.put(signer, place, { value, fragments: [] });
    walk.oldChunks.push({ signer: step.oldSigner, mapKey: old.mapKey });
  }
}

/** Where the chunks of the old file lie: by its stream secret, or on old files from node to node. */
async function oldPlaces(walk: Walk, { node }: Step, count: number): Promise<ChunkLocation[]> {
  const { streamSecret } = node.properties;
  if (streamSecret !== undefined) {
    return [...chunkLocations(streamSecret, node.capability, count)];
  }
  const places: ChunkLocation[] = [node.capability];
  let chunk: OpenNode | undefined = node;
  while (places.length < count && chunk?.next !== undefined) {
    const { mapKey, bat }: RelativeCapability = chunk.next;
    places.push({ mapKey, bat });
    chunk = await walk.spaces.load(
      { ...node.capability, mapKey, bat },
      'later',
      walk.options.signal,
    );
  }
  return places;
}
