import { columnsOfLanes, rowsOfPart } from '../columns-of-lanes.wgsl.ts';
import type { KernelForm } from '../kernel-form.ts';

export const materializeColumnsWgsl = ({ epilogue }: KernelForm): string =>
  columnsOfLanes(`
  ${rowsOfPart('p.rows')}
  ${epilogue.begin}
  if (c < p.c4) {
    for (var row = start + lane; row < end; row += 16u) {
      let value = x(row, c);
      out_put(row * p.c4 + c, value);
      ${epilogue.add('value', 'row', 'c')}
    }
  }
  ${epilogue.finish('part', 'c')}`);
