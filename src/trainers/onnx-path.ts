/** Whether weights are an ONNX file, by their name. */
export const isOnnxPath = (path: string): boolean => /\.onnx$/i.test(path);
