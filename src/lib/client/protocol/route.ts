/** Calls about places in the app. */
import { path } from './common.ts';
import type { Route } from '../types.ts';
import { type Parser, nullable, object, shape, text, texts } from '#lib/rpc/index.ts';

export const route: Parser<Route> = object({ app: text, path }, { args: texts });

export const routeProtocol = {
  sealRoute: shape([route], text),
  openRoute: shape([text], nullable(route)),
};
