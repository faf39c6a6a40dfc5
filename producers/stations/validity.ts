/** For how long a document is good, by its own word (`ttl`) and by that of HTTP: before that it is not asked for again. */
export interface Validity {
  /** Of the newest document, milliseconds. */
  validForMs: number
  /** Epoch milliseconds; null where there has been no answer yet. */
  validUntil: number | null
}

export interface ValidityOptions {
  polledAt: number
  ttlMs?: number | null | undefined
  freshForMs?: number | undefined
  /** An operator who promises more is not believed: what changes meanwhile would be lost. */
  atMostMs: number
}

/** By whichever of the two promises more. */
export const validityOf = ({ polledAt, ttlMs, freshForMs, atMostMs }: ValidityOptions): Validity => {
  const validForMs = Math.min(Math.max(ttlMs ?? 0, freshForMs ?? 0), atMostMs)
  return { validForMs, validUntil: polledAt + validForMs }
}

/** Of an answer that only says that nothing has changed. */
export const prolonged = (
  { validForMs }: Validity,
  { polledAt, freshForMs, atMostMs }: Omit<ValidityOptions, 'ttlMs'>,
): Validity => validityOf({ polledAt, ttlMs: validForMs, freshForMs, atMostMs })
