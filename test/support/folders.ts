import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder with these files (path: content), removed after the test. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFiles(root, files);
  return root;
}

export function writeFiles(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** The same of files whose names are bytes, given in Latin-1: é is the byte e9, which is no UTF-8. */
export function latinFolderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = folderOf();
  const bytes = (path: string) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(bytes(dirname(path)), { recursive: true });
    writeFileSync(bytes(path), content);
  }
  return root;
}
