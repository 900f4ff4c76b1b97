const extensions = /\.(jpe?g|jpe|jfif|png|webp|gif|tiff?|bmp|avif|p[bgnp]m)$/i;

/** Whether a file is an image, by its name. */
export function isImageName(name: string): boolean {
  return extensions.test(name);
}
