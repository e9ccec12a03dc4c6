/** Parsers that several subjects use. */
import type { TransferFailure } from '../types.ts';
import { type Parser, errorDescription, listOf, object, text } from '#lib/rpc/index.ts';

export const path = listOf(text);
export const ids = listOf(text);
export const names = listOf(text);
export const failure: Parser<TransferFailure> = object({ path, error: errorDescription });
