// What is now: the flows of the house, each device and why, charge points.

import {facts, h, link, s, table} from "./dom.js"
import {instant, number, percent, power, reason, t} from "./words.js"
import {ask, house, load, may, zone} from "./house.js"

const NODES = {Sun: [180, 50, "sun"], Grid: [50, 180, "grid"], House: [310, 180, "load"], Battery: [180, 310, "store"]}

export function live(element) {
  const picture = h("div", {class: "card"}), list = h("div", {class: "cards"})
  element.append(h("div", {class: "cards"}, picture), h("p"), list)
  return () => {
    picture.replaceChildren(flows())
    list.replaceChildren(...Object.values(house.devices).filter(each => "power" in each.reading).map(card))
  }
}

// What flows between sun, grid, battery and house, each on its way to or from the middle.
function flows() {
  const {generation, grid, consumption, battery, price} = house.flows
  const soc = Object.values(house.devices).map(each => each.reading.soc).find(each => typeof each === "number")
  const hasStore = Object.values(house.devices).some(each => each.function === "battery")
  const hasSun = Object.values(house.devices).some(each => ["pv", "battery"].includes(each.function))
  const told = {
    Sun: [generation, power(generation)], House: [consumption, power(consumption)],
    Grid: [grid, `${power(grid === null ? null : Math.abs(grid))} ${grid > 0 ? t("buys") : grid < 0 ? t("feeds in") : ""}`],
    Battery: [battery, `${power(battery === null ? null : Math.abs(battery))} ${battery > 0 ? t("discharges") : battery < 0 ? t("charges") : ""}`],
  }
  const shown = Object.entries(NODES).filter(([name]) => name === "Sun" ? hasSun : name === "Battery" ? hasStore : true)
  const words = shown.map(([name]) => `${t(name)} ${told[name][1]}`).join(", ")
  return s("svg", {viewBox: "0 0 360 380", role: "img", "aria-label": words, "data-flows": "yes"},
    shown.map(([name, [x, y, kind]]) => {
      const value = told[name][0], inward = name === "House" ? false : value > 0
      const ends = inward ? {x1: x, y1: y, x2: 180, y2: 180} : {x1: 180, y1: 180, x2: x, y2: y}
      return s("line", {class: `flow ${kind} ${Math.abs(value ?? 0) < 5 ? "still" : ""}`, ...ends})
    }),
    s("circle", {cx: 180, cy: 180, r: 8, class: "fill load"}),
    shown.map(([name, [x, y, kind]]) => s("g", {},
      s("circle", {cx: x, cy: y, r: 42, class: `ring ${kind}`}),
      s("text", {class: "name", x, y: y - 2, "text-anchor": "middle"}, t(name)),
      name === "Battery" && soc !== undefined ? s("text", {x, y: y + 16, "text-anchor": "middle"}, `${number(soc)} %`) : null,
      name === "Grid" && price !== null ? s("text", {x, y: y + 16, "text-anchor": "middle"}, `${number(price, 1)} ct`) : null,
      s("text", {x, y: y + 60, "text-anchor": "middle"}, told[name][1]))))
}

const age = each => each.read_at === null ? null : Math.max(house.time - each.read_at, 0)
const seen = each => age(each) === null ? t("unknown") : `${number(age(each))} s`

function card(each) {
  const good = each.state === "online"
  return h("section", {class: "card", "data-device": each.name},
    h("h2", {}, link(each.name, `#device/${encodeURIComponent(each.name)}`)),
    h("div", {class: "big"}, power(each.reading.power ?? null)),
    h("div", {class: good ? "soft" : "bad"}, `${t(each.function)} · ${t(each.state)} · ${seen(each)}`),
    each.why ? h("div", {class: "why"}, reason(each.why)) : null)
}

export function devices(element) {
  const list = h("div", {class: "cards"})
  element.append(list)
  return () => list.replaceChildren(...Object.values(house.devices).map(card))
}

export async function device(element, name) {
  const {units} = await load(`devices/${encodeURIComponent(name)}`)
  const {past} = await load(`setpoints?device=${encodeURIComponent(name)}&limit=20`)
  const now = h("div")
  element.append(now, table(t("Asked"), [t("Time"), t("What"), t("Reason")], past.map(each => [
    instant(each.time, zone()), said(each), reason(each.reason)])))
  return () => {
    const each = house.devices[name]
    if (!each) return
    now.replaceChildren(h("div", {class: "cards"},
      h("section", {class: "card"}, h("h2", {}, t("State")), facts([
        [t("State"), t(each.state)], ["", each.error], [t("Device"), `${each.maker} ${each.model}`], ["", each.serial],
        ["", each.firmware], [t("Rated power"), each.rating && power(each.rating)], [t("Read"), seen(each)],
        [t("Row of the list"), String(each.row)], [t("Protocol"), each.protocol]]),
        h("p", {class: "why"}, `${t("Why")}: ${reason(each.why)}`)),
      h("section", {class: "card"}, h("h2", {}, t("Reading")), facts(Object.entries(each.reading).map(([quantity, value]) =>
        [quantity, typeof value === "number" ? `${number(value, Math.abs(value) < 100 ? 1 : 0)} ${units[quantity] ?? ""}` : value === null ? t("unknown") : String(value)])),
        Object.keys(each.absent).length ? [h("h2", {}, t("Not believed")), facts(Object.entries(each.absent))] : null)),
      Object.entries(each.wanted).map(([aspect, wanted]) => table(`${t("Chain of reasons")}: ${said(wanted)}`,
        [t("Rank"), t("Who"), t("What"), t("Reason")],
        wanted.chain.map(one => [t(one.rank), one.source, `${t(one.bound)} ${number(one.value)}`, reason(one.reason)]))))
  }
}

const said = each => `${t(each.command)}${each.value === null ? "" : ` ${number(each.value)}`}`

export async function charging(element) {
  const {devices} = await load("plan")
  const wanted = Object.fromEntries(devices.map(each => [each.name, each]))
  const list = h("div", {class: "cards"}), problem = h("p", {class: "bad", role: "alert"})
  element.append(problem, list)
  const points = Object.values(house.devices).filter(each => each.function === "charger")
  if (!points.length) element.append(h("p", {}, t("No charge point here.")))
  const wish = (name, body) => ask("POST", `devices/${encodeURIComponent(name)}/ask`, body)
    .then(() => { problem.textContent = "" }, refused => { problem.textContent = refused.message })
  const mode = (path, value) => ask("POST", "settings/apply", {changes: {[path]: value}})
    .then(() => { problem.textContent = "" }, refused => { problem.textContent = refused.message })
  const bodies = {}
  for (const {name, can} of points) {
    const set = wanted[name] ?? {}
    bodies[name] = h("div")
    const button = (text, body) => h("button", {type: "button", "data-command": body.command, click: () => wish(name, body)}, t(text))
    list.append(h("section", {class: "card"}, h("h2", {}, link(name, `#device/${encodeURIComponent(name)}`)), bodies[name],
      may("operate") ? h("p", {}, h("label", {for: `mode-${name}`}, t("Mode"), " ", h("select", {id: `mode-${name}`, change: event => mode(set.path, event.target.value)},
        ["surplus", "fast", "cheap", "off", "none"].map(each => h("option", {value: each, selected: each === set.mode}, t(each)))))) : null,
      facts([may("operate") ? ["", ""] : [t("Mode"), t(set.mode)], [t("Minimum"), `${number(set.minimum_current)} A`], [t("Maximum"), `${number(set.maximum_current)} A`],
        [t("Target"), set.target_energy ? `${number(set.target_energy / 1000, 1)} kWh ${t("until")} ${set.target_time?.slice(0, 5) ?? ""}` : ""]]),
      may("operate") && can.includes("limit_current") ? h("div", {class: "row"},
        button("Charge now, 1 h", {command: "limit_current", value: set.maximum_current, seconds: 3600}),
        button("Pause, 1 h", {command: "pause", seconds: 3600}), button("Automatic", {command: "release"})) : null))
  }
  return () => {
    for (const [name, body] of Object.entries(bodies)) {
      const each = house.devices[name], {plugged} = each.reading
      body.replaceChildren(h("div", {class: "big"}, power(each.reading.power ?? null)),
        h("div", {class: "soft"}, `${t("Car")}: ${plugged === undefined || plugged === null ? t("unknown") : t(plugged ? "plugged in" : "not plugged in")}`),
        h("div", {class: "why"}, reason(each.why)))
    }
  }
}
