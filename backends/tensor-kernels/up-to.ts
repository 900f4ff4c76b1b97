/** 0 ... count - 1 */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
