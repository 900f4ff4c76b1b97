/** `interrupted` by Ctrl-C, `unread` by a reader that left: what shells make of SIGINT and SIGPIPE. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130, unread: 141 } as const;
