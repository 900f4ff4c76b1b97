import { BackendError } from '../../../../src/core/errors.ts';
import { compareWithReference, type Outcome } from '../../../reference/tensors/compare.ts';
import type { Gpu } from '../../device/device.ts';
import type { DeviceForm } from '../device-form.ts';
import { GpuTensorExecutor } from '../tensor-executor.ts';
import { conversionCalls, wrongConversion } from './conversions.ts';
import { productCalls } from './products.ts';

/** What a device computes wrongly, or does not compile. */
export interface Fault {
  /** A kernel, or a conversion. */
  readonly of: string;
  readonly text: string;
  /** Whether it is how float16 is written or read. */
  readonly isConversion: boolean;
}

/** Largest errors over the root mean square of an output: of sums in float32, and of outputs rounded to float16. */
const tolerances = { float32: 2e-5, packed: 4e-3, half: 4e-3 } as const;

/** Makes small calls in the form and compares them with the kernels' references: what is wrong, each kernel once. */
export async function selfTest(gpu: Gpu, form: DeviceForm): Promise<Fault[]> {
  const executor = new GpuTensorExecutor(gpu, form);
  try {
    const conversions = conversionCalls(form.tier);
    const outcomes = await compareWithReference(executor, [...conversions, ...productCalls()]);
    const faults = outcomes.flatMap((outcome) => {
      const isConversion = conversions.includes(outcome.call);
      const text = isConversion ? wrongConversion(outcome) : wrongProduct(outcome, form);
      const of = outcome.call.label;
      return text === undefined ? [] : [{ of, text: `${of}: ${text}`, isConversion }];
    });
    return faults.filter(({ of }, i) => faults.findIndex((other) => other.of === of) === i);
  } catch (error) {
    if (error instanceof BackendError && error.code === 'GPU_SHADER')
      return [{ of: 'a shader', text: error.message, isConversion: false }];
    throw error;
  } finally {
    executor.close();
  }
}

const wrongProduct = ({ name, error }: Outcome, { tier }: DeviceForm): string | undefined =>
  error <= tolerances[tier] ? undefined : `${name} is off by ${error.toPrecision(2)} of its root mean square`;
