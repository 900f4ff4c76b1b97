/** Every byte through its channel's table, eight pixels (three words of eight bytes) at a time. */
export function lut(source: usize, target: usize, width: i32, height: i32, tables: usize): void {
  const end = source + <usize>(width * height * 3);
  for (; source < end; source += 24, target += 24) {
    store<u64>(target, eight(load<u64>(source), tables, tables + 256, tables + 512));
    store<u64>(target, eight(load<u64>(source, 8), tables + 512, tables, tables + 256), 8);
    store<u64>(target, eight(load<u64>(source, 16), tables + 256, tables + 512, tables), 16);
  }
}

/** Eight bytes, the first of which goes through table a, the next through b, then c, then a again. */
function eight(bytes: u64, a: usize, b: usize, c: usize): u64 {
  return (
    load<u8>(a + <usize>(bytes & 255)) |
    ((<u64>load<u8>(b + <usize>((bytes >> 8) & 255))) << 8) |
    ((<u64>load<u8>(c + <usize>((bytes >> 16) & 255))) << 16) |
    ((<u64>load<u8>(a + <usize>((bytes >> 24) & 255))) << 24) |
    ((<u64>load<u8>(b + <usize>((bytes >> 32) & 255))) << 32) |
    ((<u64>load<u8>(c + <usize>((bytes >> 40) & 255))) << 40) |
    ((<u64>load<u8>(a + <usize>((bytes >> 48) & 255))) << 48) |
    ((<u64>load<u8>(b + <usize>(bytes >> 56))) << 56)
  );
}
