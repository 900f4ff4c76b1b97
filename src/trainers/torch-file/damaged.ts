import { DataError } from '../../core/errors.ts';

/** What is wrong with a file of torch.save; whoever reads the file puts its name before. */
export const damaged = (reason: string): DataError =>
  new DataError('DAMAGED_TORCH_FILE', `not a readable file of torch.save: ${reason}`);
