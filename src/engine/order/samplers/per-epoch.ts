/** What depends on the epoch alone, made once for neighbouring places of it. */
export function perEpoch<Value>(make: (epoch: number) => Value): (epoch: number) => Value {
  let latest: { readonly epoch: number; readonly value: Value } | undefined;
  return (epoch) => {
    if (latest?.epoch !== epoch) latest = { epoch, value: make(epoch) };
    return latest.value;
  };
}
