import { isObject, readEnvelope, readList } from './read-envelope.ts'

const ELECTRIC = new Set(['electric', 'electric_assist'])

/** The ids of the vehicle types with a motor. Throws a FeedError when it is not a `vehicle_types` document. */
export const readElectricTypes = (document: unknown): Set<string> => {
  const { data } = readEnvelope(document, Number.POSITIVE_INFINITY, () => {})
  return new Set(
    readList(data, 'vehicle_types')
      .filter(isObject)
      .filter((type) => ELECTRIC.has(String(type.propulsion_type)))
      .map((type) => String(type.vehicle_type_id)),
  )
}
