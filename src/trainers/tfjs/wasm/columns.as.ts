/** First output column whose tap `kx` lies inside the input. */
export function firstColumn(kx: i32, stride: i32, pad: i32): i32 {
  return pad <= kx ? 0 : (pad - kx + stride - 1) / stride;
}

/** Last output column whose tap `kx` lies inside an input of width `w`; -1 where none does. */
export function lastColumn(kx: i32, stride: i32, pad: i32, w: i32, ow: i32): i32 {
  const reach = w - 1 + pad - kx;
  return reach < 0 ? -1 : min(reach / stride, ow - 1);
}
