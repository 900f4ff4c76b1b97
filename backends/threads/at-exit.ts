const actions = new Set<() => void>();

/** Has the action done when the process ends, by whatever way. Returns what takes it back. */
export function atExit(action: () => void): () => void {
  // one listener for all: Node warns of more than ten
  if (actions.size === 0) process.on('exit', doAll);
  actions.add(action);
  return () => {
    actions.delete(action);
    if (actions.size === 0) process.off('exit', doAll);
  };
}

function doAll(): void {
  for (const action of actions) action();
}
