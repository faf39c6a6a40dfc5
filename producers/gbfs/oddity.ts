/** What an oddity means to a person, and what Velocast does about it: two halves of one sentence. */
export interface OddityMeaning {
  means: string
  treatment: string
}

/**
 * Everything that a feed can do differently from its specification, or may leave out though it would help, once. The
 * names are metric labels, and stand in `feed-polls` and in the report of `velocast system check`. A new one is one entry
 * here, and a call of `note`.
 */
export const ODDITIES = {
  // The document as a whole
  'version-missing': {
    means: 'the document does not say which version of GBFS it follows',
    treatment: 'it is taken from gbfs.json, else from what the document looks like',
  },
  'version-unknown': {
    means: 'the document names a version that there is not',
    treatment: 'it is read like the nearest version',
  },
  'version-differs': {
    means: 'the documents of the feed name different versions',
    treatment: 'each is read as what it says it is',
  },
  'list-elsewhere': {
    means: 'the stations are not the list "data.stations"',
    treatment: 'they are taken from where they are',
  },
  'no-stations': { means: 'the list of stations is empty', treatment: 'there is nothing to publish' },
  'last-updated-under-another-name': {
    means: 'the time of the document is not called last_updated',
    treatment: 'it is taken all the same',
  },
  'last-updated-missing': {
    means: 'the document has no last_updated, or one that cannot be read',
    treatment: 'each poll counts as a new observation, made at the moment of the poll',
  },
  'last-updated-in-the-future': {
    means: 'the time of the document, last_updated, lies after the poll',
    treatment: 'the moment of the poll is taken instead',
  },
  'ttl-missing': {
    means: 'the document does not say how long it is valid',
    treatment: "the system's own schedule decides",
  },
  'ttl-implausible': {
    means: 'the time for which the document is valid is negative, more than a day, or no number',
    treatment: "the system's own schedule decides",
  },
  // How values are written
  'boolean-as-number': {
    means: 'a yes or no is written as 1 or 0, as only version 1 has it',
    treatment: 'it is read as such',
  },
  'boolean-as-text': { means: 'a yes or no is written as text', treatment: 'it is read as such' },
  'boolean-unreadable': {
    means: 'a yes or no is neither',
    treatment: 'the usual is assumed, as if it were absent',
  },
  'boolean-missing': {
    means: 'the station does not say whether it is installed, rents or takes returns',
    treatment: 'it is assumed to',
  },
  'number-as-text': { means: 'a number is written as text', treatment: 'it is read as a number' },
  'text-as-number': { means: 'a text is written as a number', treatment: 'it is read as text' },
  'time-as-text': {
    means: 'a time in epoch seconds is written as text',
    treatment: 'it is read as a number',
  },
  'time-in-milliseconds': {
    means: 'a time is not in seconds, but in milliseconds or finer',
    treatment: 'it is recognised by its size',
  },
  'time-of-another-version': {
    means: 'a time is written as another version of GBFS has it (RFC 3339 from 3.0, epoch seconds before)',
    treatment: 'it is read all the same',
  },
  'time-without-zone': {
    means: 'a time is written without its offset from UTC',
    treatment: 'it is taken as UTC',
  },
  'name-of-another-version': {
    means: 'a name is written as another version of GBFS has it (a list by language from 3.0, a text before)',
    treatment: 'it is read all the same',
  },
  'counts-of-another-version': {
    means: 'vehicles are counted under the name that another version of GBFS has for it',
    treatment: 'the count is taken',
  },
  'field-under-another-name': {
    means: 'a field is not called as the specification calls it, such as numBikesAvailable',
    treatment: 'it is taken',
  },
  // Stations
  'entry-unreadable': { means: 'an entry of the list is not a station', treatment: 'it is left out' },
  'station-id-missing': { means: 'a station has no id', treatment: 'it is left out' },
  'station-id-too-long': {
    means: "a station's id has more than 200 characters",
    treatment: 'it is left out',
  },
  'station-id-under-another-name': {
    means: "a station's id is not called station_id",
    treatment: 'it is taken',
  },
  'numeric-station-id': { means: "a station's id is a number", treatment: 'its digits are the id' },
  'padded-station-id': { means: "a station's id has blanks around it", treatment: 'they are removed' },
  'control-characters': {
    means: 'an id or a name holds characters that cannot be printed, or an id some that cannot be seen',
    treatment: 'they are removed',
  },
  'station-ids-joined': {
    means:
      'a station has another id in station_information than in station_status, by zeros in front or upper case',
    treatment: 'no other can be meant, so it is the same station, by the id of station_status',
  },
  'similar-station-ids': {
    means: 'two ids differ in nothing but upper and lower case, or zeros in front',
    treatment: 'they are taken as two stations',
  },
  'duplicate-station': {
    means: 'a station is listed twice, with the same values',
    treatment: 'it is taken once',
  },
  'duplicate-station-differs': {
    means: 'a station is listed twice, with different values',
    treatment: 'the entry with the later report wins, else the last one',
  },
  'station-without-status': {
    means: 'a station of station_information has no status',
    treatment: 'it is known, but there is nothing to forecast',
  },
  'station-without-information': {
    means: 'a station with a status is not in station_information',
    treatment: 'it is followed without name, position and capacity',
  },
  // Counts
  'bikes-missing': { means: 'a station does not say how many vehicles it has', treatment: 'it is left out' },
  'count-not-a-number': { means: 'a count of vehicles is no number', treatment: 'the station is left out' },
  'count-negative': { means: 'a count of vehicles is below zero', treatment: 'the station is left out' },
  'count-not-whole': {
    means: 'a count of vehicles is not a whole number',
    treatment: 'the station is left out',
  },
  'count-too-large': { means: 'a count of vehicles is above 10,000', treatment: 'the station is left out' },
  'count-summed': {
    means: 'a total is missing where the counts by type are there',
    treatment: 'they are added up',
  },
  'counts-disagree': {
    means: 'the same count is published twice, with different numbers',
    treatment: "that of the document's version is taken",
  },
  'types-disagree': {
    means: 'the counts by type do not add up to the total, as where scooters are left out of it',
    treatment: 'the total is taken',
  },
  'docks-missing': { means: 'free docks are not published', treatment: 'they are unknown, not zero' },
  'docks-implausible': {
    means: 'the count of free docks cannot be one: it is below zero, not whole, above 10,000, or no number',
    treatment: 'they are unknown; the rest of the station is used',
  },
  'disabled-implausible': {
    means: 'the count of broken vehicles or docks cannot be one',
    treatment: 'it is taken as absent, which is 0; the rest of the station is used',
  },
  'ebikes-implausible': {
    means: 'the count of e-bikes cannot be one, or is above that of all vehicles',
    treatment: 'it is unknown; the rest of the station is used',
  },
  'last-reported-missing': {
    means: 'a station does not say when it reported',
    treatment: 'the age of its report is unknown',
  },
  'last-reported-implausible': {
    means: 'the time of a report is before there were such feeds, or cannot be read',
    treatment: 'the age of the report is unknown',
  },
  'last-reported-in-the-future': {
    means: 'the time of a report is more than five minutes after the poll',
    treatment: 'the age of the report is unknown',
  },
  'last-reported-all-the-same': {
    means: 'every station reported at the very same moment: it is the time of the document',
    treatment: 'it is taken, and says little',
  },
  // Facts
  'name-missing': { means: 'a station has no name', treatment: 'its id is shown instead' },
  'position-missing': {
    means: 'a station has no position on Earth, or the one at 0° N 0° E',
    treatment: 'its information is left out; its status is used',
  },
  'position-under-another-name': {
    means: "a station's position is not called lat and lon",
    treatment: 'it is taken',
  },
  'capacity-missing': {
    means: 'a station does not say how many docks it has',
    treatment: 'the capacity is unknown',
  },
  'capacity-zero': {
    means: 'a station has a capacity of 0',
    treatment: 'nothing is computed in relation to it',
  },
  'capacity-implausible': {
    means: 'a capacity cannot be one',
    treatment: 'it is unknown; the rest of the station is used',
  },
  'capacity-exceeded': {
    means: 'vehicles and docks together are more than the capacity, at a station with docks',
    treatment: 'all three are kept as they are published',
  },
  // Where the feeds are
  'no-auto-discovery': {
    means: 'the address is that of a station feed, not of a gbfs.json',
    treatment: 'the other feed is looked for beside it',
  },
  'feeds-elsewhere': {
    means: 'the feeds are not listed where the version of gbfs.json has them (by language before 3.0)',
    treatment: 'they are taken from where they are',
  },
  'feed-listed-twice': {
    means: 'a feed is listed twice, with different addresses',
    treatment: 'the first one that can be is taken',
  },
  'feed-in-another-language': {
    means: 'a feed is listed under another language than the one wanted',
    treatment: 'it is taken from there',
  },
  'feed-address-relative': {
    means: "a feed's address is not a whole one",
    treatment: 'it is completed from that of gbfs.json',
  },
  'feed-address-insecure': {
    means: "a feed's address is http on a host that speaks https",
    treatment: 'https is used',
  },
  'feed-address-unreadable': { means: "a feed's address is none", treatment: 'that entry is ignored' },
  'station-feed-not-listed': {
    means: 'one of the two station feeds is not in the list of feeds',
    treatment: 'it is looked for beside the other one',
  },
  'information-unreadable': {
    means: 'the facts about stations, station_information, cannot be read',
    treatment: 'stations are followed without name, position and capacity',
  },
  'system-information-elsewhere': {
    means: 'system_information does not hold its facts in "data" itself, but by language, say',
    treatment: 'they are taken from where they are',
  },
  'system-information-unreadable': {
    means: 'there is no system_information, or it cannot be read',
    treatment: 'name and time zone must be given by hand',
  },
  'time-zone-unknown': {
    means: 'system_information names no time zone, or one that there is not',
    treatment: 'it must be given by hand',
  },
  // Weather
  'weather-implausible': {
    means: 'a quantity of the weather is no number, or beyond what there is on Earth',
    treatment: 'it is unknown',
  },
  'weather-unit-unknown': {
    means: 'a quantity of the weather is in a unit that is not known',
    treatment: 'it is unknown',
  },
} as const satisfies Record<string, OddityMeaning>

export type Oddity = keyof typeof ODDITIES

/** Why one station's entry cannot be used. */
export type StationRule = Extract<
  Oddity,
  | 'entry-unreadable'
  | 'station-id-missing'
  | 'station-id-too-long'
  | 'bikes-missing'
  | 'position-missing'
  | 'count-not-a-number'
  | 'count-negative'
  | 'count-not-whole'
  | 'count-too-large'
>
