type Environment = Readonly<Record<string, string>>;

/** Says that a training continues where its bits may come out differently; undefined where it does not, or nobody knows. */
export function otherEnvironment(
  path: string,
  was: Environment | undefined,
  is: Environment | undefined = {},
): string | undefined {
  if (was === undefined) return undefined;
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const lines = names
    .filter((name) => was[name] !== is[name])
    .map((name) => `\n  ${name}: was ${was[name] ?? 'not known'}, is ${is[name] ?? 'not known'}`);
  if (lines.length === 0) return undefined;
  const effect = 'the last bits of its numbers may differ from those of an uninterrupted training';
  return `${path}: continues in another environment: ${effect}:${lines.join('')}`;
}
