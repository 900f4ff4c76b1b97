const ending = /\.tfrec(ords?)?(-\d{5}-of-\d{5})?$/i;
/** A file of a sharded set without an extension, as Cloud TPU's ImageNet has them. */
const numbered = /^[^.]*-\d{5}-of-\d{5}$/;
const compressed = /\.(gz|zlib)$/i;

/** Whether a file holds TFRecords, by its name; compressed ones too, to refuse them by name. */
export function isRecordName(name: string): boolean {
  const plain = name.replace(compressed, '');
  return ending.test(plain) || numbered.test(plain);
}
