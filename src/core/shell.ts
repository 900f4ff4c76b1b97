/** A word as a shell reads it as one: a POSIX shell, or on Windows both cmd.exe and PowerShell. */
export function quoted(word: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32')
    return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  // words with a comma are two in PowerShell; the path of no file has a quotation mark
  return /^[\w+=:./\\-]+$/.test(word) ? word : `"${word.replaceAll('"', '""')}"`;
}
