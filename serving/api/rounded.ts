/** Four decimals are more than any forecast knows, and half the bytes of a float32 written out. */
export const rounded = (value: number): number => Math.round(value * 10_000) / 10_000
