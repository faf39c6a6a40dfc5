/**
 * What `make` gives, made once for each key: it must give the same for the same key. At most so many are kept; when there
 * would be more, all are let go of and made anew.
 */
export const remember = <Key, Value>(most: number, make: (key: Key) => Value): ((key: Key) => Value) => {
  const known = new Map<Key, Value>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined) return found
    if (known.size >= most) known.clear()
    const made = make(key)
    known.set(key, made)
    return made
  }
}
