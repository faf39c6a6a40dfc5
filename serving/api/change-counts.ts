/** How often what is known of a system has changed: by it a kept answer knows whether it is still true. */
export interface ChangeCounts {
  /** Of everything. */
  readonly all: () => number
  /** Of what is known of one station: its vector, its name and capacity, its own past. */
  readonly ofStation: (stationId: string) => number
  readonly ofWeather: () => number
  readonly stationChanged: (stationId: string) => void
  readonly weatherChanged: () => void
}

export const createChangeCounts = (): ChangeCounts => {
  const byStation = new Map<string, number>()
  let all = 0
  let weather = 0
  return {
    all: () => all,
    ofStation: (stationId) => byStation.get(stationId) ?? 0,
    ofWeather: () => weather,
    stationChanged: (stationId) => {
      all++
      byStation.set(stationId, (byStation.get(stationId) ?? 0) + 1)
    },
    weatherChanged: () => {
      all++
      weather++
    },
  }
}
