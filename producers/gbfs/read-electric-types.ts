import { FeedError } from '../feed-error.ts'
import { isObject } from './read-envelope.ts'
import { readId } from './read-station-id.ts'

const ELECTRIC = new Set<unknown>(['electric', 'electric_assist'])
/** Lyft leaves scooters out of `num_bikes_available`, though they are among the station's vehicle types. */
const BICYCLES = new Set<unknown>(['bicycle', 'cargo_bicycle'])

/** The ids of the vehicle types that are e-bikes. Throws a FeedError when it is not a `vehicle_types` document. */
export const readElectricTypes = (document: unknown): Set<string> => {
  const types = isObject(document) && isObject(document.data) ? document.data.vehicle_types : undefined
  if (!Array.isArray(types))
    throw new FeedError('not-as-specified', 'the document has no list "data.vehicle_types"')
  return new Set(
    types
      .filter(isObject)
      .filter(
        ({ form_factor, propulsion_type }) => BICYCLES.has(form_factor) && ELECTRIC.has(propulsion_type),
      )
      .flatMap(({ vehicle_type_id }) => readId(vehicle_type_id, 'vehicle_type_id', () => {}) ?? []),
  )
}
