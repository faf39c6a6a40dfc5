import type { Draw } from '../seeded-random.ts'

const FIRST = [
  'Linden', 'Mill', 'Harbour', 'Castle', 'Orchard', 'Market', 'Bridge', 'Chapel', 'Forge', 'Garden', 'Hill', 'Juniper',
  'King', 'Lake', 'Maple', 'North', 'Oak', 'Poplar', 'Quarry', 'River', 'Saddler', 'Tanner', 'Union', 'Vine', 'Willow',
  'Abbey', 'Baker', 'Copper', 'Dyer', 'Elm', 'Foundry', 'Glover',
] // biome-ignore format: one name a line would be a page
const SECOND = ['Street', 'Square', 'Lane', 'Avenue', 'Gate', 'Row', 'Quay', 'Park', 'Hall', 'Cross'] // biome-ignore format: as above

/** So many different names, in an order that the draws decide. */
export const nameStations = (count: number, draw: Draw): string[] => {
  const names = FIRST.flatMap((first) => SECOND.map((second) => `${first} ${second}`))
  for (let i = names.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1))
    ;[names[i], names[j]] = [names[j]!, names[i]!]
  }
  return Array.from({ length: count }, (_, index) => {
    const name = names[index % names.length]!
    const lap = Math.floor(index / names.length)
    return lap === 0 ? name : `${name} ${lap + 1}`
  })
}
