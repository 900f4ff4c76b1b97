import { MillraceError, reasonOf } from '../../../src/core/errors.ts';
import { findAdapter } from './adapter.ts';

/* A program of its own, which ask-adapter.ts runs: it prints what `findAdapter` finds, or why it finds nothing, as JSON. */

async function search(choice: string | undefined) {
  try {
    return { found: (await findAdapter(choice))?.description };
  } catch (error) {
    return { code: error instanceof MillraceError ? error.code : undefined, message: reasonOf(error) };
  }
}

process.stdout.write(JSON.stringify(await search(process.argv[2])));
