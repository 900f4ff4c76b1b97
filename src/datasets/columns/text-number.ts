/** 53 bits of two 32-bit FNV-1a hashes over the UTF-16 units, the second from the end. */
export function textNumber(text: string): number {
  let [a, b] = [0x811c9dc5, 0x9dc5811c];
  for (let i = 0, j = text.length - 1; j >= 0; i++, j--) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(j), 0x01000193);
  }
  return (a >>> 11) * 2 ** 32 + (b >>> 0);
}
