import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DampingRow, dampingAt, fitDamping } from './damped-persistence.ts'

/** So many rows whose anomaly has fallen to `share` of itself at the target. */
const rowsAt = (horizonHours: number, share: number, count = 40): DampingRow[] =>
  Array.from({ length: count }, (_, index) => {
    const anomaly = index % 2 === 0 ? 4 : -3
    return { horizonHours, anomaly, targetAnomaly: share * anomaly }
  })

describe('damped persistence', () => {
  it('finds the share that is left of an anomaly, horizon by horizon', () => {
    const damping = fitDamping([...rowsAt(168, 0.1), ...rowsAt(0.25, 0.95), ...rowsAt(3, 0.5)])
    assert.deepEqual(damping.horizonHours, [0.25, 3, 168])
    for (const [index, share] of [0.95, 0.5, 0.1].entries())
      assert.ok(Math.abs(damping.shares[index]! - share) < 1e-12)
  })

  it('is never more than the anomaly, nor its opposite', () => {
    const damping = fitDamping([...rowsAt(1, 1.4), ...rowsAt(24, -0.3)])
    assert.deepEqual(damping.shares, [1, 0])
  })

  it('learns nothing from rows in which something is not known, or from a few', () => {
    const unknown = rowsAt(1, 0.5).map((row, index) => ({
      ...row,
      ...(index % 2 === 0 ? { anomaly: Number.NaN } : { targetAnomaly: Number.NaN }),
    }))
    assert.deepEqual(fitDamping([...unknown, ...rowsAt(1, 0.5, 29)]), { horizonHours: [], shares: [] })
    assert.deepEqual(fitDamping(rowsAt(1, 0.5, 30)).horizonHours, [1])
  })

  it('learns nothing where there is no anomaly', () => {
    const flat = Array.from({ length: 50 }, () => ({ horizonHours: 1, anomaly: 0, targetAnomaly: 2 }))
    assert.deepEqual(fitDamping(flat).shares, [])
  })

  it('is interpolated between horizons and constant beyond them', () => {
    const damping = { horizonHours: [1, 3], shares: [0.8, 0.4] }
    assert.equal(dampingAt(damping, 0.25), 0.8)
    assert.equal(dampingAt(damping, 1), 0.8)
    assert.ok(Math.abs(dampingAt(damping, 2) - 0.6) < 1e-12)
    assert.equal(dampingAt(damping, 168), 0.4)
    assert.equal(dampingAt({ horizonHours: [], shares: [] }, 1), Number.NaN)
  })
})
