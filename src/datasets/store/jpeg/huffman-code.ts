const LONGEST_CODE = 16;
/** Before codes are shortened. Frequencies would have to grow as Fibonacci numbers past 2^32 to get there. */
const LONGEST_BRANCH = 63;

export interface HuffmanCode {
  /** How many codes have each length 1..16. */
  readonly counts: Uint8Array;
  /** In the order of their codes. */
  readonly symbols: Uint8Array;
}

/**
 * The best code of at most 16 bits for 256 symbols of these frequencies: T.81, K.2, as libjpeg builds it, except that
 * of symbols whose codes were equally long before shortening the frequent ones keep the shorter.
 */
export function optimalCode(frequencies: Uint32Array): HuffmanCode {
  const byRarity = [...frequencies.keys()].filter((symbol) => frequencies[symbol] !== 0);
  byRarity.sort((a, b) => (frequencies[a] as number) - (frequencies[b] as number));
  // a symbol more, the rarest, takes the code of ones only
  const depths = leafDepths([1, ...byRarity.map((symbol) => frequencies[symbol] as number)]);
  const counts = new Uint16Array(LONGEST_BRANCH + 1);
  for (const depth of depths) counts[depth] = (counts[depth] as number) + 1;
  shorten(counts);
  const kept = Uint8Array.from(counts.subarray(1, LONGEST_CODE + 1));
  return { counts: kept, symbols: inCodeOrder(byRarity.reverse(), kept) };
}

/** Of equally long codes the lower symbol has the lower, as in libjpeg: fewer bytes of ones, 0.1 % of a file. */
function inCodeOrder(byFrequency: readonly number[], counts: Uint8Array): Uint8Array {
  let place = 0;
  const groups = [...counts].map((count) => {
    place += count;
    return byFrequency.slice(place - count, place).sort((a, b) => a - b);
  });
  return Uint8Array.from(groups.flat());
}

/**
 * Depths of the leaves of the Huffman tree over ascending weights. New trees come in ascending order too, so the two
 * lightest are always the next leaf or the next tree, and what is taken earlier ends no less deep.
 */
function leafDepths(leafWeights: readonly number[]): Uint8Array {
  const leaves = leafWeights.length;
  const nodes = 2 * leaves - 1;
  const weights = new Float64Array(nodes);
  weights.set(leafWeights);
  const parents = new Uint16Array(nodes);
  let leaf = 0;
  let tree = leaves;
  for (let next = leaves; next < nodes; next++) {
    for (let child = 0; child < 2; child++) {
      const isLeaf =
        leaf < leaves && (tree === next || (weights[leaf] as number) <= (weights[tree] as number));
      const taken = isLeaf ? leaf++ : tree++;
      weights[next] = (weights[next] as number) + (weights[taken] as number);
      parents[taken] = next;
    }
  }
  const depths = new Uint8Array(nodes);
  for (let i = nodes - 2; i >= 0; i--) depths[i] = (depths[parents[i] as number] as number) + 1;
  return depths.subarray(0, leaves);
}

/**
 * Makes codes at most 16 bits long and drops one of the longest, that of ones only, which JPEG does not allow: T.81,
 * figure K.3.
 */
function shorten(counts: Uint16Array): void {
  const add = (length: number, change: number) => {
    counts[length] = (counts[length] as number) + change;
  };
  for (let length = LONGEST_BRANCH; length > LONGEST_CODE; length--) {
    while (counts[length] !== 0) {
      // a pair of leaves goes: one takes their parent's place, the other joins a shorter leaf, which moves down
      let shorter = length - 2;
      while (counts[shorter] === 0) shorter--;
      add(length, -2);
      add(length - 1, 1);
      add(shorter + 1, 2);
      add(shorter, -1);
    }
  }
  let longest = LONGEST_CODE;
  while (counts[longest] === 0) longest--;
  add(longest, -1);
}
