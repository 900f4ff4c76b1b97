import { addInto } from '../../src/ranks/add-into.ts';

/**
 * Adds vectors as a full binary tree: neighbours first, then neighbours' sums. A contiguous, aligned share of the leaves is
 * a subtree, so ranks that each add up their share, and then these sums, have the bits of one that adds them all. What the sums
 * of parts and of ranks are compared with.
 */
export class TreeSum {
  /** Sums of 1, 2, 4 ... leaves that wait for their neighbour: the ones of a binary counter. */
  readonly #waiting: (Float32Array | undefined)[] = [];

  /** Takes the next leaf. Its memory becomes the tree's. */
  add(leaf: Float32Array): void {
    let sum = leaf;
    let level = 0;
    for (let left = this.#waiting[0]; left !== undefined; left = this.#waiting[++level]) {
      addInto(left, sum);
      this.#waiting[level] = undefined;
      sum = left;
    }
    this.#waiting[level] = sum;
  }

  /** The sum of all leaves, of which there must have been a power of two. Begins anew. */
  take(): Float32Array {
    const sums = this.#waiting.splice(0).filter((sum) => sum !== undefined);
    const [sum] = sums;
    if (sum === undefined || sums.length > 1) throw new Error('a tree sum takes a power of two of leaves');
    return sum;
  }
}
