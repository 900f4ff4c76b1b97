/** The flags of Node for a worker thread: the process's, but for one that says what its text is. With it no thread starts. */
export const threadFlags = (): string[] =>
  process.execArgv.filter(
    (flag, i, all) => !/^--input-type(=|$)/.test(flag) && all[i - 1] !== '--input-type',
  );
