import type { Command } from 'commander'
import { EXIT } from '../terminal/exit-code.ts'
import { CommandError } from '../terminal/until-interrupted.ts'

export const addForecast = (program: Command): void => {
  program
    .command('forecast <station>')
    .description('a forecast in the terminal, with a small chart')
    .option('--system <id>', 'the system; the first one by default')
    .option('--hours <n>', 'how far ahead, 1 to 168', '24')
    .option(
      '--api <address>',
      'the API; its key, where it wants one, is in VELOCAST_API_KEY',
      'http://127.0.0.1:8000',
    )
    .option('--json', "the API's answer as it is")
    .action(async (station, { system, hours, api, json }) => {
      const { presentForecast } = await import('../terminal/present-forecast.ts')
      if (!/^[1-9]\d*$/.test(hours) || Number(hours) > MOST_HOURS)
        throw new CommandError(`--hours ${hours}: a whole number from 1 to ${MOST_HOURS} is wanted`)
      if (!/^https?:\/\//i.test(api) || !URL.canParse(api))
        throw new CommandError(`--api ${api}: an address is wanted that begins with http:// or https://`)
      const { systems } = (await getJson(`${api}/v1/systems`)) as {
        systems?: { system_id: string; time_zone: string }[]
      }
      if (!Array.isArray(systems)) throw notOurs(api)
      const chosen = systems.find(({ system_id }) => !system || system_id === system)
      if (!chosen)
        throw new CommandError(
          `the API knows no system ${system ?? ''}: it knows ${systems.map((each) => each.system_id).join(', ') || 'none'}`,
        )
      const forecast = await getJson(
        `${api}/v1/systems/${chosen.system_id}/stations/${encodeURIComponent(station)}/forecast?hours=${encodeURIComponent(hours)}`,
      )
      if (json) process.stdout.write(`${JSON.stringify(forecast)}\n`)
      else
        process.stdout.write(
          `${presentForecast(forecast as Parameters<typeof presentForecast>[0], chosen.time_zone).join('\n')}\n`,
        )
    })
}

const getJson = async (address: string): Promise<unknown> => {
  const { VELOCAST_API_KEY: key } = process.env
  const response = await fetch(address, key ? { headers: { 'x-api-key': key } } : {}).catch((error) => {
    throw new CommandError(
      `${address} does not answer (${error.cause?.message || error.message}): is the API running? \`velocast start\` starts it`,
      EXIT.unavailable,
    )
  })
  const body = (await response.json().catch(() => ({}))) as { detail?: string }
  if (response.ok) return body
  const detail = body.detail ?? `it answers ${response.status}`
  throw new CommandError(`${address}: ${detail}`, response.status < 500 ? EXIT.mistake : EXIT.unavailable)
}

const notOurs = (api: string): CommandError =>
  new CommandError(`${api} answers, but not as the API does: is it another server?`, EXIT.unavailable)

/** A week. */
const MOST_HOURS = 168
