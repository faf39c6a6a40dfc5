interface Position {
  latitude: number | null
  longitude: number | null
}

const METRES_A_DEGREE = 111_195

/** The distance of two near positions, on a plane; null where one of them is not known. */
export const metresBetween = (a: Position, b: Position): number | null => {
  if (a.latitude === null || a.longitude === null || b.latitude === null || b.longitude === null) return null
  const north = (a.latitude - b.latitude) * METRES_A_DEGREE
  const east = (a.longitude - b.longitude) * METRES_A_DEGREE * Math.cos((a.latitude * Math.PI) / 180)
  return Math.hypot(north, east)
}
