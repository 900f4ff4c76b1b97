import type { Origin } from './origin.ts';

/** Objects that a web server gives by their address. */
export const httpOrigin: Origin = {
  target: async (url, headers) => ({ url: new URL(url), headers }),
};
