import { configFragments } from '@velocast/runtime'
import { Type } from 'typebox'

const word = (...values: string[]) => Type.Union(values.map((value) => Type.Literal(value)))

/** The simulator's own variables may also be given as flags: SIMULATOR_PORT=8090 is `--port 8090`. */
export const simulatorConfig = Type.Object({
  ...configFragments.process,
  SIMULATOR_PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: 8090,
    description: 'where GBFS and the weather services listen, on the loopback; 0 takes any free port',
  }),
  SIMULATOR_SEED: Type.Integer({
    default: 1,
    description: 'a whole number that decides everything random: city, demand, weather, outages',
  }),
  SIMULATOR_STATIONS: Type.Integer({
    minimum: 4,
    maximum: 5000,
    default: 60,
    description: "stations of the simulated city; a recording's are as recorded",
  }),
  SIMULATOR_GBFS_VERSION: Type.Unsafe<'1.1' | '2.3' | '3.0'>({
    ...word('1.1', '2.3', '3.0'),
    default: '2.3',
    description: 'version of the GBFS documents: 1.1, 2.3 or 3.0',
  }),
  SIMULATOR_OUTAGES: Type.Unsafe<'all' | 'stations' | 'none'>({
    ...word('all', 'stations', 'none'),
    default: 'all',
    description: 'what fails now and then: all (stations and the feed), stations, none',
  }),
  SIMULATOR_SPEED: Type.Number({
    minimum: 0,
    default: 1,
    description: 'simulated seconds in a real second',
  }),
  SIMULATOR_START_AT: Type.Optional(
    Type.String({ description: 'what the clock shows at the start, ISO 8601; the real time by default' }),
  ),
  SIMULATOR_LATITUDE: Type.Optional(
    Type.Number({ minimum: -90, maximum: 90, description: "the city's centre; with SIMULATOR_LONGITUDE" }),
  ),
  SIMULATOR_LONGITUDE: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
  SIMULATOR_TIME_ZONE: Type.Optional(
    Type.String({ description: "IANA name; a recording's is otherwise found by where its stations are" }),
  ),
  SIMULATOR_SYSTEM_ID: Type.Optional(Type.String({ description: 'system_id of the feed' })),
  SIMULATOR_DATA: Type.Optional(
    Type.String({ description: 'a folder or file of recorded snapshots to play instead of a city' }),
  ),
  SIMULATOR_INFORMATION: Type.Optional(
    Type.String({ description: "the recording's station_information, where it lies elsewhere" }),
  ),
  SIMULATOR_HISTORY_DAYS: Type.Integer({
    minimum: 0,
    default: 35,
    description: 'days of the recording that lie before the present moment',
  }),
  SIMULATOR_WEEKS_MOVED: Type.Optional(
    Type.Integer({ description: 'how far the recording is moved, as an earlier run reported it' }),
  ),
  SIMULATOR_WINDOW_START: Type.Optional(
    Type.String({ description: 'nothing recorded before this moment is played, ISO 8601' }),
  ),
  SIMULATOR_WINDOW_END: Type.Optional(
    Type.String({
      description:
        'the recorded moment up to which the recording is history at the start, ISO 8601; held to within a week',
    }),
  ),
})
