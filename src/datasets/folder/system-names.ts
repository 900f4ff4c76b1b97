/** What systems, NAS devices and programs leave among people's files, in lower case. */
const systemNames = new Set([
  '__macosx',
  '__pycache__',
  '@eadir',
  '@recycle',
  '@recently-snapshot',
  '#recycle',
  '#snapshot',
  '$recycle.bin',
  'system volume information',
  'lost+found',
  'thumbs.db',
  'desktop.ini',
]);

/** Whether a file or folder is nobody's data: hidden, such as `.ipynb_checkpoints`, or made by a system. */
export function isSystemName(name: string): boolean {
  return name.startsWith('.') || systemNames.has(name.toLowerCase());
}
