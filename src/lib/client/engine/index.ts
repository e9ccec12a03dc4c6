/** The engine behind the façade; the page never imports this, only the worker shell does. */
export { createEngine } from './engine.ts';
export type { Engine, EngineDeps } from './engine.ts';
