/**
 * Calls the C library, for what Node has no way to ask: by koffi, which is kept up and has its native parts in its packages. Rejects where
 * there is none for this system, or no such function in its C library.
 */
export const cFunction = async (declaration: string) => {
  // Here: threads that never ask for it are not to wait until it is loaded.
  const { default: koffi } = await import('koffi')
  return koffi.load(null).func(declaration)
}
