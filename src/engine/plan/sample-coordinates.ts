/** All that a sample's draws depend on. */
export interface SampleCoordinates {
  readonly seed: number;
  readonly epoch: number;
  readonly sampleId: number;
  /** Which of the sample's rows, from 0 on. Default 0. */
  readonly occurrence?: number | undefined;
  /** The sample's, for messages. No draw depends on it. */
  readonly key?: string;
}
