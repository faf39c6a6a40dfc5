import { isObject, readEnvelope, readList } from './read-envelope.ts'

const ELECTRIC = new Set(['electric', 'electric_assist'])
/** Lyft leaves scooters out of `num_bikes_available`, though they are among the station's vehicle types. */
const BICYCLES = new Set(['bicycle', 'cargo_bicycle'])

/** The ids of the vehicle types that are e-bikes. Throws a FeedError when it is not a `vehicle_types` document. */
export const readElectricTypes = (document: unknown): Set<string> => {
  const { data } = readEnvelope(document, Number.POSITIVE_INFINITY, () => {})
  return new Set(
    readList(data, 'vehicle_types')
      .filter(isObject)
      .filter((type) => BICYCLES.has(String(type.form_factor)) && ELECTRIC.has(String(type.propulsion_type)))
      .map((type) => String(type.vehicle_type_id)),
  )
}
