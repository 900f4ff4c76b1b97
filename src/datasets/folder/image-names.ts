const extensions = /\.(jpe?g|jfif|png|webp|gif|tiff?|bmp|avif)$/i;

/** Whether a file is an image, by its name. */
export function isImageName(name: string): boolean {
  return extensions.test(name);
}
