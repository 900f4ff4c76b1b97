/** Why a JPEG is stored as it is. Thrown and caught within this folder: for the caller it is a result, not an error. */
export class NotTranscodable extends Error {}

export function refuseIf(condition: boolean, reason: string): void {
  if (condition) throw new NotTranscodable(reason);
}

export const damaged = (what: string): NotTranscodable => new NotTranscodable(`damaged: ${what}`);
