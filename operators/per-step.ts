/** Keeps what an operator makes of its parameters, which are one object as long as a step lives: most draws need it. */
export function perStep<Parameters extends object, Made>(
  make: (parameters: Parameters) => Made,
): (parameters: Parameters) => Made {
  const made = new WeakMap<Parameters, Made>();
  return (parameters) => {
    const kept = made.get(parameters);
    if (kept !== undefined) return kept;
    const fresh = make(parameters);
    made.set(parameters, fresh);
    return fresh;
  };
}
