import { type ErrorRecord, toErrorRecord } from '../../core/errors.ts';

/** What was thrown for a row: named by the sample's key, and by the operator where the fault is one's. */
export function rowError(error: unknown, { key }: { readonly key: string }): ErrorRecord {
  const record = toErrorRecord(error, { sample: key });
  const where =
    record.operator === undefined || record.message.startsWith(`${record.operator}:`)
      ? ''
      : `${record.operator}: `;
  // what nobody foresaw came with this sample: another may do
  const errorClass = record.code === 'UNEXPECTED' ? ('DataError' as const) : record.class;
  return { ...record, class: errorClass, sample: key, message: `${key}: ${where}${record.message}` };
}
