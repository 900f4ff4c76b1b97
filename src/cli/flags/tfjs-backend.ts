/** `--tfjs-backend` of the commands that run a model. */
export const tfjsBackendFlag = [
  '--tfjs-backend <name>',
  'backend of the tfjs trainer: wasm, webgpu (GPU), cpu (slow), or node and node-gpu of @tensorflow/tfjs-node (default: webgpu if a GPU makes the batches, else wasm)',
] as const;
