import type * as tfjs from '@tensorflow/tfjs';

/** The module of TensorFlow.js: loaded when a trainer is opened, so everything else is handed it. */
export type Tf = typeof tfjs;
