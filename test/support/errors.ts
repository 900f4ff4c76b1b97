import { expect } from 'vitest';

/** An error with this code and a message like this. */
export const coded = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });
