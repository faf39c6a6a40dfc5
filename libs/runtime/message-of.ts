/** What was thrown says of itself; not everything that is thrown is an Error. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
