import { MillraceError, PluginError } from './errors.ts';

/**
 * Where in the code an error was thrown that is a fault in code, for whoever is to mend that; undefined of others, whose message is
 * enough. Of one that crossed from another thread or rank, or was reworded, it is the place of the first.
 */
export function stackOf(error: unknown): string | undefined {
  const isFault =
    !(error instanceof MillraceError) || error instanceof PluginError || error.code === 'UNEXPECTED';
  if (!isFault) return undefined;
  let origin: unknown = error;
  while (origin instanceof MillraceError) origin = origin.cause;
  return origin instanceof Error ? origin.stack : undefined;
}
