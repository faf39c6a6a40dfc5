import { writeFile } from 'node:fs/promises'
import type { BacktestReport } from '@velocast/training'
import { columns } from './present-backtest.ts'
import { horizonName, type Verdict } from './verdict.ts'

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

interface Line {
  name: string
  colour: string
  points: readonly (readonly [x: number, y: number])[]
}

const WIDTH = 560
const HEIGHT = 300
const MARGIN = { left: 48, right: 130, top: 16, bottom: 40 }

/** Lines over named places on the x axis. */
const lineChart = (lines: readonly Line[], places: readonly string[], yName: string): string => {
  const all = lines.flatMap(({ points }) => points)
  const most = Math.max(...all.map(([, y]) => y), 1e-9) * 1.05
  const steps = Math.max(1, places.length - 1)
  const x = (place: number): number => MARGIN.left + (place / steps) * (WIDTH - MARGIN.left - MARGIN.right)
  const y = (value: number): number =>
    HEIGHT - MARGIN.bottom - (value / most) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => share * most)
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(yName)}">
${ticks.map((tick) => `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(tick)}" y2="${y(tick)}" class="grid"/><text x="${MARGIN.left - 6}" y="${y(tick) + 4}" text-anchor="end">${tick.toPrecision(2)}</text>`).join('\n')}
${places.map((place, index) => `<text x="${x(index)}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${escaped(place)}</text>`).join('\n')}
${lines.map(({ name, colour, points }, index) => `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}"/><text x="${WIDTH - MARGIN.right + 10}" y="${MARGIN.top + 16 * (index + 1)}" fill="${colour}">${escaped(name)}</text>`).join('\n')}
<text x="${MARGIN.left}" y="${MARGIN.top - 4}">${escaped(yName)}</text>
</svg>`
}

const COLOURS = ['#0b6e4f', '#888888', '#c08497', '#b08968', '#577590', '#9d4edd']

const errorChart = ({ horizons }: BacktestReport): string => {
  const places = horizons.map(({ minutes }) => horizonName(minutes))
  const naive = ['persistence', 'yesterday', 'last_week', 'climatology', 'damped']
  const lines: Line[] = [
    { name: 'Velocast', colour: COLOURS[0]!, points: horizons.map(({ rmse }, at) => [at, rmse ?? 0]) },
    ...naive.map((name, index) => ({
      name: name.replace('_', ' '),
      colour: COLOURS[index + 1]!,
      points: horizons.map(({ naiveRmse }, at) => [at, naiveRmse?.[name] ?? 0] as const),
    })),
  ]
  return lineChart(lines, places, 'RMSE, bikes')
}

const reliabilityChart = ({ reliability }: BacktestReport): string => {
  const places = ['0', '0.2', '0.4', '0.6', '0.8', '1']
  const line = (name: string, colour: string, bins: BacktestReport['reliability']['bike']): Line => ({
    name,
    colour,
    points: bins.map(({ said, happened }) => [said * 5, happened]),
  })
  return lineChart(
    [
      {
        name: 'as said',
        colour: '#cccccc',
        points: [
          [0, 0],
          [5, 1],
        ],
      },
      line('a bike', COLOURS[0]!, reliability.bike),
      line('a dock', COLOURS[4]!, reliability.dock),
    ],
    places,
    'how often it happened, by what was said',
  )
}

const hourChart = ({ byHour }: BacktestReport): string =>
  lineChart(
    [
      { name: 'RMSE', colour: COLOURS[0]!, points: byHour.map(({ hourUtc, rmse }) => [hourUtc, rmse ?? 0]) },
      { name: 'MAE', colour: COLOURS[4]!, points: byHour.map(({ hourUtc, mae }) => [hourUtc, mae ?? 0]) },
    ],
    Array.from({ length: 24 }, (_, hour) => (hour % 3 === 0 ? String(hour) : '')),
    'error by the hour of the target (UTC), bikes',
  )

/** One file of HTML that needs nothing else. */
export const writeReport = async (
  file: string,
  report: BacktestReport,
  verdict: Verdict,
  about: { title: string; lines: readonly string[] },
): Promise<void> => {
  const head = columns.map(({ head }) => `<th>${escaped(head)}</th>`).join('')
  const body = report.horizons
    .map((horizon) => `<tr>${columns.map(({ of }) => `<td>${escaped(of(horizon))}</td>`).join('')}</tr>`)
    .join('\n')
  const sizes = report.bySize
    .map(
      ({ size, rows, rmse, mae }) =>
        `<tr><td>${escaped(size)}</td><td>${rows}</td><td>${rmse}</td><td>${mae}</td></tr>`,
    )
    .join('\n')
  const bands = report.bands
    .map(
      ({ upToHours, rmse, taken }) =>
        `<tr><td>${upToHours} h</td><td>${escaped(
          Object.entries(rmse)
            .map(([name, value]) => `${name} ${value.toFixed(4)}`)
            .join(', '),
        )}</td><td>${escaped(taken.join(', '))}</td></tr>`,
    )
    .join('\n')
  await writeFile(
    file,
    `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(about.title)}</title>
<style>
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#1b1b1b}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:1rem 0}th,td{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #ddd}
svg{max-width:36rem;width:100%;font-size:11px}.grid{stroke:#e5e5e5}.charts{display:flex;flex-wrap:wrap;gap:1rem}.wide{overflow-x:auto}
@media(prefers-color-scheme:dark){body{background:#161616;color:#e6e6e6}svg text{fill:#ccc}.grid{stroke:#333}th,td{border-color:#333}}
</style>
<h1>${escaped(about.title)}</h1>
${about.lines.map((line) => `<p>${escaped(line)}</p>`).join('\n')}
<h2>${verdict.missed.length === 0 ? `All ${verdict.demands} demands are met` : `${verdict.demands - verdict.missed.length} of ${verdict.demands} demands are met`}</h2>
<ul>${verdict.missed.map((each) => `<li>${escaped(each)}</li>`).join('')}</ul>
<div class="charts"><figure>${errorChart(report)}</figure><figure>${reliabilityChart(report)}</figure><figure>${hourChart(report)}</figure></div>
<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>
<h2>By size of the station</h2><table><tr><th>size</th><th>rows</th><th>RMSE</th><th>MAE</th></tr>${sizes}</table>
<h2>Boosters, by band of horizons</h2><table><tr><th>up to</th><th>RMSE on the rows that stopped the fits</th><th>taken</th></tr>${bands}</table>
</html>
`,
  )
}
