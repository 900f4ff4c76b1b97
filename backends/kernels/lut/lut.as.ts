/** Every byte through its channel's table. */
export function lut(source: usize, target: usize, width: i32, height: i32, tables: usize): void {
  for (const end = source + <usize>(width * height * 3); source < end; source += 3, target += 3) {
    store<u8>(target, load<u8>(tables + <usize>load<u8>(source)));
    store<u8>(target, load<u8>(tables + <usize>load<u8>(source, 1), 256), 1);
    store<u8>(target, load<u8>(tables + <usize>load<u8>(source, 2), 512), 2);
  }
}

/** The tables themselves. */
export function lutTables(source: usize, target: usize, width: i32, height: i32, tables: usize): void {
  memory.copy(target, tables, 768);
}
