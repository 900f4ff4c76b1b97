import type * as tfjs from '@tensorflow/tfjs';

/** The module TensorFlow.js, whose code tensorflow.ts loads when a trainer is opened. */
export type Tf = typeof tfjs;
