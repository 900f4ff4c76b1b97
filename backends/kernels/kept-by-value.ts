/** Plenty for the magnitudes of a policy, and few enough to keep where values are drawn from a range and seldom come again. */
const MOST = 64;

/** `make`, which makes the same of a value each time, with what it made kept: callers share it and must not write to it. */
export function keptByValue<Made>(make: (value: number) => Made): (value: number) => Made {
  const kept = new Map<number, Made>();
  return (value) => {
    const known = kept.get(value);
    if (known !== undefined) return known;
    if (kept.size === MOST) kept.clear();
    const made = make(value);
    kept.set(value, made);
    return made;
  };
}
