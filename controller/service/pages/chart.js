// Charts as SVG: bars beside each other, or curves over time. Unknown is a gap, never 0.

import {s} from "./dom.js"
import {number} from "./words.js"

const HIGH = 240, LEFT = 48, RIGHT = 8, TOP = 22, BELOW = 24
let WIDE = 720  // a phone gets a narrow one, so that its letters stay as large

// Round numbers between two ends, about four of them.
export function ticks(low, high) {
  const rough = (high - low) / 4 || 1, power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map(each => each * power).find(each => each >= rough)
  const found = []
  for (let each = Math.ceil(low / step) * step; each <= high + 1e-9; each += step) found.push(each)
  return found
}

function frame(title, low, high, unit) {
  WIDE = innerWidth < 600 ? 400 : 720
  const y = value => TOP + (high - value) / (high - low || 1) * (HIGH - TOP - BELOW)
  const digits = high - low < 5 ? 1 : 0
  const lines = ticks(low, high).map(each => s("g", {},
    s("line", {class: "axis", x1: LEFT, x2: WIDE - RIGHT, y1: y(each), y2: y(each)}),
    s("text", {x: LEFT - 6, y: y(each) + 4, "text-anchor": "end"}, number(each, digits))))
  const made = s("svg", {viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": title}, s("text", {x: LEFT, y: 12}, unit), lines)
  return [made, y]
}

function legend(made, rows) {
  let x = WIDE - RIGHT
  for (const {name, kind} of [...rows].reverse()) {
    made.append(s("text", {class: `of ${kind}`, x, y: 12, "text-anchor": "end"}, `■ ${name}`))
    x -= 22 + 6.5 * name.length
  }
}

// rows: [{name, kind, values}], one value for each label; every `every`-th label is shown.
export function bars(title, unit, labels, rows, every = 1) {
  const all = rows.flatMap(row => row.values).filter(each => each !== null)
  const [made, y] = frame(title, Math.min(0, ...all), Math.max(0, ...all) || 1, unit)
  const slot = (WIDE - LEFT - RIGHT) / labels.length, wide = slot * .8 / rows.length
  labels.forEach((label, place) => {
    rows.forEach((row, number_) => {
      const value = row.values[place]
      if (value === null || value === undefined) return
      made.append(s("rect", {
        class: `fill ${row.kind}${row.dim?.[place] ? " dim" : ""}`, x: LEFT + place * slot + slot * .1 + number_ * wide,
        width: Math.max(wide - .5, .5), y: Math.min(y(value), y(0)), height: Math.max(Math.abs(y(value) - y(0)), .5),
      }))
    })
    if (place % (WIDE < 600 ? 2 * every : every) === 0) made.append(s("text", {x: LEFT + (place + .5) * slot, y: HIGH - 6, "text-anchor": "middle"}, label))
  })
  legend(made, rows)
  return made
}

// rows: [{name, kind, points: [[time, value]]}]; times: [[time, label]]; `step`: longer gaps are left open.
export function curves(title, unit, begin, end, rows, times, step) {
  const all = rows.flatMap(row => row.points.map(each => each[1]))
  const [made, y] = frame(title, Math.min(0, ...all), Math.max(0, ...all) || 1, unit)
  const x = time => LEFT + (time - begin) / (end - begin) * (WIDE - LEFT - RIGHT)
  for (const [time, label] of times) made.append(s("text", {x: x(time), y: HIGH - 6, "text-anchor": "middle"}, label))
  for (const row of rows) {
    let path = "", before = -Infinity
    for (const [time, value] of row.points) {
      path += `${time - before > 1.5 * step ? "M" : "L"}${x(time).toFixed(1)} ${y(value).toFixed(1)}`
      before = time
    }
    made.append(s("path", {class: `curve ${row.kind}`, d: path}))
  }
  legend(made, rows)
  return made
}
