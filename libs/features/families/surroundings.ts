import type { Feature, FeatureFamily } from '../feature.ts'
import { hourMs } from '../slots.ts'
import type { LevelSums } from '../system-levels.ts'
import type { VectorInputs } from '../vector-inputs.ts'

/** How many stations are a station's neighbours. */
export const neighbourCount = 5

const levels = 'last known levels in or before the slot before the newest, at most 3 h old'
const neighbours = `the ${neighbourCount} nearest stations that were observed in the 24 h before`
const seen = 'or the observation is more than 24 h behind the newest of the system'

const featuresOf = (name: string, who: string, whose: string): Feature[] => [
  {
    name: `${name}_fill`,
    unit: 'share',
    doc: `How full ${who} are, the bikes of all in relation to the docks of all.`,
    formula: `sum of bikes / sum of capacity of ${whose} whose capacity is known and not 0, ${levels}`,
    missingWhen: `there is no such station, ${seen}`,
    version: 1,
  },
  {
    name: `${name}_fill_change_1h`,
    unit: 'share',
    doc: `By how much ${who} have become fuller within 1h.`,
    windowMs: hourMs,
    formula: `${name}_fill - the same 4 slots before`,
    missingWhen: 'either is missing',
    version: 1,
  },
  {
    name: `${name}_empty_share`,
    unit: 'share',
    doc: `How many of ${whose} have no bike.`,
    formula: `stations without bikes / stations, of ${whose}, ${levels}`,
    missingWhen: `there is no such station, ${seen}`,
    version: 1,
  },
]

/** The other stations, one slot before the newest: by then all of a poll's observations have come, whatever their order. */
export const surroundings: FeatureFamily<VectorInputs> = {
  features: [
    ...featuresOf('neighbours', 'the neighbours', neighbours),
    {
      name: 'neighbours_full_share',
      unit: 'share',
      doc: 'How many of the neighbours have no free dock.',
      formula: `stations without free docks / stations with published docks, of ${neighbours}, ${levels}`,
      missingWhen: `there is no such station, ${seen}`,
      version: 1,
    },
    ...featuresOf('system', 'all stations of the system', 'all stations of the system'),
  ],
  write: (inputs, into, offset) => {
    const { neighboursNow, systemNow } = inputs
    const neighboursFill = fillOf(neighboursNow)
    into[offset] = neighboursFill
    into[offset + 1] = neighboursFill - fillOf(inputs.neighboursHourAgo)
    into[offset + 2] = neighboursNow.empty / neighboursNow.fresh
    into[offset + 3] = neighboursNow.full / neighboursNow.withDocks
    const systemFill = fillOf(systemNow)
    into[offset + 4] = systemFill
    into[offset + 5] = systemFill - fillOf(inputs.systemHourAgo)
    into[offset + 6] = systemNow.empty / systemNow.fresh
  },
}

/** NaN where there are no docks at all. */
const fillOf = ({ bikes, capacity }: LevelSums): number => (capacity > 0 ? bikes / capacity : Number.NaN)
