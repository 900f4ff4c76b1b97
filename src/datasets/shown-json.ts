const SHOWN_CHARACTERS = 100;

/** The start of a parsed value as JSON, for messages. A parser reads values that are nested too deeply to be written again. */
export function shownJson(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? '').slice(0, SHOWN_CHARACTERS);
  } catch (cause) {
    if (cause instanceof RangeError) return `${Array.isArray(value) ? 'lists' : 'objects'} nested too deeply`;
    throw cause;
  }
}
