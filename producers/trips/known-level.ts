import type { StationStatus } from '@velocast/schemas'

/** An observation of a level of which nothing but the bikes is known: all other docks are free, nothing is out of order. */
export const knownLevel = (
  place: Pick<StationStatus, 'systemId' | 'stationId' | 'latitude' | 'longitude'>,
  level: Pick<StationStatus, 'observedAt' | 'polledAt' | 'bikes' | 'origin'> & { capacity: number },
): StationStatus => ({
  systemId: place.systemId,
  stationId: place.stationId,
  reportedAt: null,
  ebikes: null,
  docks: level.capacity - level.bikes,
  bikesDisabled: 0,
  docksDisabled: 0,
  isInstalled: true,
  isRenting: true,
  isReturning: true,
  latitude: place.latitude,
  longitude: place.longitude,
  ...level,
})
