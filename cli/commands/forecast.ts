import type { Command } from 'commander'

export const addForecast = (program: Command): void => {
  program
    .command('forecast <station>')
    .description('a forecast in the terminal, with a small chart')
    .option('--system <id>', 'the system; the first one by default')
    .option('--hours <n>', 'how far ahead, 1 to 168', '24')
    .option('--api <address>', 'the API', 'http://127.0.0.1:8000')
    .option('--json', "the API's answer as it is")
    .action(async (station, { system, hours, api, json }) => {
      const { presentForecast } = await import('../terminal/present-forecast.ts')
      const { systems } = (await getJson(`${api}/v1/systems`)) as {
        systems: { system_id: string; time_zone: string }[]
      }
      const chosen = systems.find(({ system_id }) => !system || system_id === system)
      if (!chosen)
        throw new Error(
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
  const response = await fetch(address).catch((error) => {
    throw new Error(
      `${address} does not answer (${error.cause?.message ?? error.message}): is the API running? \`velocast start\` starts it`,
    )
  })
  const body = (await response.json()) as { detail?: string }
  if (!response.ok) throw new Error(`${response.status}: ${body.detail}`)
  return body
}
