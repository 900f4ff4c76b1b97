/** Tags of a TIFF directory that tell what its pixels are: TIFF 6.0 and its technical note on JPEG. */
export const tag = {
  imageWidth: 256,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  group3Options: 292,
  group4Options: 293,
  predictor: 317,
  colorMap: 320,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  yCbCrCoefficients: 529,
  yCbCrSubsampling: 530,
  referenceBlackWhite: 532,
} as const;

export const compression = { none: 1, oldJpeg: 6, jpeg: 7 } as const;

/** Those that libtiff reads as it comes with sharp. */
export const compressionsRead: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 50001]);

export const compressionNames: Readonly<Record<number, string>> = {
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  34933: 'PNG',
  50000: 'Zstandard',
  50002: 'JPEG XL',
};

/** What samples stand for. */
export const photometric = {
  ...{ minIsWhite: 0, minIsBlack: 1, rgb: 2, palette: 3, cmyk: 5, yCbCr: 6 },
} as const;

/** Others, which are not read. */
export const photometricNames: Readonly<Record<number, string>> = {
  4: 'a transparency mask',
  8: 'Lab',
  9: 'ICC Lab',
  10: 'ITU Lab',
  32803: 'a raw camera file',
  32844: 'LogL',
  32845: 'LogLuv',
  34892: 'a linear raw camera file',
};
