/** An option of parseArgs that is text, and what it is when it is not given. */
export const text = (value: string) => ({ type: 'string', default: value }) as const;
