import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readElectricTypes } from './read-electric-types.ts'

test('e-bikes are bicycles with a motor, not scooters', () => {
  const vehicle_types = [
    { vehicle_type_id: 1, form_factor: 'bicycle', propulsion_type: 'human' },
    { vehicle_type_id: 2, form_factor: 'bicycle', propulsion_type: 'electric_assist' },
    { vehicle_type_id: '3', form_factor: 'scooter', propulsion_type: 'electric' },
    { vehicle_type_id: '4', form_factor: 'cargo_bicycle', propulsion_type: 'electric' },
  ]
  assert.deepEqual([...readElectricTypes({ data: { vehicle_types } })], ['2', '4'])
})
