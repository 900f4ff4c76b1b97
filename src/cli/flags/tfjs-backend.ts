/** `--tfjs-backend` of the commands that run a model. */
export const tfjsBackendFlag = [
  '--tfjs-backend <name>',
  'backend of the tfjs trainer: wasm, webgpu (GPU), cpu (slow), or what @tensorflow/tfjs-node brings: node, node-gpu (default: webgpu where a GPU makes the batches, else wasm)',
] as const;
