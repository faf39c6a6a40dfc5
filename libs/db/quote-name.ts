/** An SQL identifier, quoted. Names in statements come from our own declarations; this keeps `order` and the like possible. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
