import { type ErrorRecord, toErrorRecord } from './errors.ts';

/**
 * What was thrown for a sample: named by its key, and by the operator where the fault is one's. Of these only a DataError
 * says that the sample is bad, and that another may take its place.
 */
export function sampleError(error: unknown, { key }: { readonly key: string }): ErrorRecord {
  const record = toErrorRecord(error, { sample: key });
  // begins with whose fault it is, and says which sample it was
  if (record.class === 'PluginError') return record;
  return { ...record, sample: key, message: `${key}: ${where(record)}${record.message}` };
}

function where({ code, operator, message, cause }: ErrorRecord): string {
  // of what nobody foresaw the name says most
  if (code === 'UNEXPECTED') return typeof cause === 'object' ? `${cause.name}: ` : '';
  return operator === undefined || message.startsWith(`${operator}:`) ? '' : `${operator}: `;
}
