import type { NodeKind } from '../node.ts';

/** Its input, whose values are kept to be read. Its name is the point's. */
export const observe: NodeKind<object> = { name: 'observe', shape: ([x = []]) => x };
