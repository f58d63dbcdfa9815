import { describe, expect, it } from 'vitest'
import { detailsOf, notFound, pointerOf, problemItem, Refusal } from '../../src/service/problem.ts'

const document = {
  study: { quantities: [{ at: { group: 'x' } }, { at: {} }], 'a.b': { c: 1 }, a: { b: { c: 2 } } },
  set: { 'estimate.samples': -1, 'a/b': 1, 'a~b': 2, 'a~1b': 3, 'load[0]': { x: 1 }, '': 4, 'é ü': 5 },
  'a.b.c': { d: [[1, 2], [3]] },
}

describe('pointerOf', () => {
  it.each([
    ['', ''],
    ['study', '/study'],
    ['study.quantities[1].at.group', '/study/quantities/1/at/group'],
    ['study.quantities[12]', '/study/quantities/12'],
    ['set.estimate.samples', '/set/estimate.samples'],
    ['study.a.b.c', '/study/a.b/c'],
    ['a.b.c.d[0][1]', '/a.b.c/d/0/1'],
    ['set.a/b', '/set/a~1b'],
    ['set.a~b', '/set/a~0b'],
    ['set.a~1b', '/set/a~01b'],
    ['set.load[0].x', '/set/load[0]/x'],
    ['set.é ü', '/set/é ü'],
    ['estimate.samples', '/estimate/samples'],
    ['study.quantities[0].at.group.deeper[3].x', '/study/quantities/0/at/group/deeper/3/x'],
    ['study.constructor.name', '/study/constructor/name'],
  ])('%j is %j', (path, pointer) => expect(pointerOf(document, path)).toBe(pointer))

  it.each([null, undefined, 4, 'text', []])('points into %j without harm', (value) =>
    expect(pointerOf(value, 'a.b[0]')).toBe('/a/b/0'))

  it('points at nothing where the path is not one', () => expect(pointerOf({}, '[x]')).toBe(''))

  it('finds what each pointer names', () => {
    const tokens = pointerOf(document, 'study.a.b.c').slice(1).split('/')
    expect(tokens.reduce<unknown>((value, t) => (value as Record<string, unknown>)[t], document)).toBe(1)
  })
})

describe('problemItem', () => {
  it.each(['?limit', 'plate.msh:12'])('has no place in the body for %s', (path) =>
    expect(problemItem(document, { path, expected: 'a', received: 'b' }).pointer).toBe(''))

  it('has none without a body', () =>
    expect(problemItem(undefined, { path: 'a', expected: 'a', received: 'b' }).pointer).toBe(''))
})

describe('detailsOf', () => {
  it('makes our types addresses and leaves a standard its own', () => {
    expect(detailsOf(notFound('job'), undefined, '/requests/1')).toEqual({
      type: '/problems/not-found',
      title: 'Not found',
      status: 404,
      detail: 'no such job',
      instance: '/requests/1',
    })
    expect(detailsOf(new Refusal(404, 'http://x.example/y', 'T'), undefined, '/r').type).toBe('http://x.example/y')
  })
})
