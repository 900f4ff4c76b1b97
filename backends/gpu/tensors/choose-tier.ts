import { BackendError } from '../../../src/core/errors.ts';
import type { Gpu } from '../device/device.ts';
import { requireLimits } from '../device/require-limits.ts';
import { type DeviceForm, formsOf, nameOfForm } from './device-form.ts';
import { type Fault, selfTest } from './self-test/self-test.ts';

/** How a device computes, by its self-test. */
export interface TierChoice {
  readonly form: DeviceForm;
  /** For people: the tier, and why better ones are not used. */
  readonly name: string;
  /** Better forms in which the device computed something wrongly, a line each. */
  readonly refused: readonly string[];
}

const choices = new WeakMap<GPUDevice, Map<boolean, Promise<TierChoice>>>();

/**
 * The best form of a device in which it computes what it should: found once a device and precision, by its adapter's features
 * and by a self-test, and never by time, since bits depend on it.
 */
export function chooseTier(gpu: Gpu, isMixed: boolean): Promise<TierChoice> {
  const ofDevice = choices.get(gpu.device) ?? new Map<boolean, Promise<TierChoice>>();
  choices.set(gpu.device, ofDevice);
  const known = ofDevice.get(isMixed);
  if (known !== undefined) return known;
  const choosing = choose(gpu, isMixed);
  ofDevice.set(isMixed, choosing);
  choosing.catch(() => ofDevice.delete(isMixed));
  return choosing;
}

interface Refusal {
  readonly form: DeviceForm;
  readonly faults: readonly Fault[];
}

/** Calls of kernels bind so many tensors, and share so much memory in a workgroup. */
const neededLimits = { maxStorageBuffersPerShaderStage: 10, maxComputeWorkgroupStorageSize: 32_768 };

async function choose(gpu: Gpu, isMixed: boolean): Promise<TierChoice> {
  requireLimits(gpu, neededLimits);
  const refusals: Refusal[] = [];
  const forms = formsOf(gpu.capabilities, isMixed);
  for (let form = forms.shift(); form !== undefined; form = forms.shift()) {
    const faults = await selfTest(gpu, form);
    if (faults.length === 0) return choiceOf(form, refusals);
    refusals.push({ form, faults });
    const isConversion = faults.some((fault) => fault.isConversion);
    if (isConversion && form.conversion === undefined) forms.unshift({ ...form, conversion: 'integers' });
  }
  const { name, driver } = gpu.adapter;
  const reasons = refusals.map(reasonOf).join('; ');
  throw new BackendError(
    'GPU_WRONG',
    `the GPU adapter ${name} computes wrongly, driver ${driver}: ${reasons}`,
  );
}

function choiceOf(form: DeviceForm, refusals: readonly Refusal[]): TierChoice {
  const notes = refusals.map(({ form, faults }) => {
    const names = faults.map(({ of }) => of).join(', ');
    return `not ${nameOfForm(form)}: ${names}`;
  });
  const name = nameOfForm(form) + (notes.length > 0 ? ` (${notes.join('; ')})` : '');
  return { form, name, refused: refusals.map(reasonOf) };
}

const reasonOf = ({ form, faults }: Refusal): string =>
  `${nameOfForm(form)}: ${faults.map(({ text }) => text).join(', ')}`;
